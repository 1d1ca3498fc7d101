#include "plan/plan.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/encode.h"
#include "base/file.h"
#include "plan/check.h"
#include "plan/lock_check.h"
#include "plan/read.h"
#include "wire/yaml.h"

static const char *digest_of(struct arena *arena, const struct text *bytes)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	auto_text hex;

	if (!EVP_Digest(bytes->bytes, bytes->len, digest, &len, EVP_sha256(), NULL))
		abort(); /* only memory can fail it */
	text_init(&hex, sizeof(digest) * 2);
	hex_encode(digest, len, &hex);
	return arena_copy(arena, hex.bytes);
}

/* Replaces the name of a file by its content. What is wrong with the file is a diagnostic of the plan. */
static void load_user_data(struct plan *p, const struct yaml_node *root, struct diagnostics *diagnostics)
{
	const struct yaml_node *n = yaml_find(yaml_find(root, "launch"), "user_data");
	auto_free char *path = p->launch.user_data ? file_resolve(p->path, p->launch.user_data) : NULL;
	auto_error err = ERROR_INIT;
	auto_text content;

	text_init(&content, PLAN_USER_DATA_MAX);
	if (!path)
		return;
	if (!file_read(path, &content, &err)) {
		diagnostics_add(diagnostics, n->line, n->column, "`launch.user_data`: %s", err.message);
		return;
	}
	p->launch.user_data = arena_copy_bytes(&p->arena, content.bytes, content.len);
	p->launch.user_data_len = content.len;
}

/* A file that the plan names: found beside it, but for ~/, which is left for the caller. NULL for NULL. */
static const char *beside(struct plan *p, const char *file)
{
	auto_free char *resolved = file && !text_starts_with(file, "~/") ? file_resolve(p->path, file) : NULL;

	return resolved ? arena_copy(&p->arena, resolved) : file;
}

static void complete_ssh(struct plan *p)
{
	if (!p->ssh.key)
		p->ssh.agent = true;
	p->ssh.key = beside(p, p->ssh.key);
}

static void complete_locks(struct plan *p)
{
	struct plan_lock *locks = arena_array(&p->arena, p->rollout.lock_count, sizeof(*locks));

	for (size_t i = 0; i < p->rollout.lock_count; i++) {
		locks[i] = p->rollout.locks[i];
		locks[i].ca = beside(p, locks[i].ca);
		locks[i].certificate = beside(p, locks[i].certificate);
		locks[i].key = beside(p, locks[i].key);
	}
	p->rollout.locks = locks;
}

static void interpret(struct plan *p, const struct yaml_node *root, struct diagnostics *diagnostics)
{
	plan_read(root, p, diagnostics);
	plan_check(root, p, diagnostics);
	lock_check(root, p, diagnostics);
	load_user_data(p, root, diagnostics);
	complete_ssh(p);
	complete_locks(p);
}

static void parse(struct plan *p, const struct text *bytes, struct diagnostics *diagnostics)
{
	struct yaml_document document;
	auto_arena tree = ARENA_INIT;
	auto_error err = ERROR_INIT;

	if (!yaml_read(bytes->bytes, bytes->len, &tree, &document, &err))
		diagnostics_add(diagnostics, document.line, document.column, "%s", err.message);
	else if (!document.root)
		diagnostics_add(diagnostics, 1, 1, "the file is empty: see plans/ for an example");
	else
		interpret(p, document.root, diagnostics);
	diagnostics_sort(diagnostics);
}

static bool verdict(const char *path, const struct diagnostics *diagnostics, struct error *err)
{
	size_t count = diagnostics->count + diagnostics->dropped;

	if (!count)
		return true;
	return error_set(
		err, ERROR_PLAN, "the plan %s has %zu %s", path, count, count == 1 ? "mistake" : "mistakes");
}

static struct plan *plan_new(const char *path)
{
	struct plan *p = alloc_zeroed(1, sizeof(*p));

	p->path = arena_copy(&p->arena, path);
	return p;
}

/* A file that is too large is a mistake in the plan, not of this machine. */
static bool read_bytes(const char *path, struct text *ret, struct diagnostics *diagnostics, struct error *err)
{
	if (file_read(path, ret, err))
		return true;
	if (!ret->cut)
		return error_wrap(err, "could not load the plan");
	error_release(err);
	diagnostics_add(diagnostics, 1, 1, "the file is larger than 1 MiB");
	return verdict(path, diagnostics, err);
}

bool plan_load(const char *path, struct plan **ret, struct diagnostics *diagnostics, struct error *err)
{
	struct plan *p;
	auto_text bytes;

	diagnostics->path = path;
	text_init(&bytes, PLAN_BYTES_MAX);
	if (!read_bytes(path, &bytes, diagnostics, err))
		return false;
	p = plan_new(path);
	p->digest = digest_of(&p->arena, &bytes);
	parse(p, &bytes, diagnostics);
	if (!verdict(path, diagnostics, err)) {
		plan_free(p);
		return false;
	}
	*ret = p;
	return true;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	arena_release(&p->arena);
	free(p);
}
