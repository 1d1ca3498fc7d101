#include "sandbox/virtual/shell.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

enum { WORDS_MAX = 32, EXIT_UNKNOWN = 127, EXIT_USAGE_ERROR = 2, EXIT_NOT_ACTIVE = 3 };

static const char DISK_LINK[] = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol";

/* One command: its words, the options among them left out. */
struct line {
	const char *words[WORDS_MAX];
	size_t count;
};

/* How a command is joined to the one before it. */
enum joint { JOINT_ALWAYS, JOINT_IF_DONE, JOINT_IF_FAILED };

typedef int command(struct virtual_guest *g, const struct line *l, struct api_guest_answer *ret);

static int told(const char *name, bool done, const struct error *err, struct api_guest_answer *ret)
{
	if (!done)
		text_addf(&ret->errors, "%s: %s\n", name, err->message);
	return !done;
}

static int run_nothing(struct virtual_guest *g, const struct line *l, struct api_guest_answer *ret)
{
	(void)g, (void)l, (void)ret;
	return 0;
}

static int run_false(struct virtual_guest *g, const struct line *l, struct api_guest_answer *ret)
{
	(void)g, (void)l, (void)ret;
	return 1;
}

static struct virtual_disk *find_disk(const struct virtual_guest *g, const char *path)
{
	char id[MODEL_ID_SIZE] = "vol-";

	if (!text_starts_with(path, DISK_LINK))
		return NULL;
	text_append(id, sizeof(id), "%s", path + strlen(DISK_LINK));
	return virtual_guest_disk(g, id);
}

static int run_mkfs(struct virtual_guest *g, const struct line *l, struct api_guest_answer *ret)
{
	struct virtual_disk *d = find_disk(g, l->words[l->count - 1]);
	auto_error err = ERROR_INIT;
	bool done = d ? virtual_guest_format(d, &err)
		      : error_set(&err, ERROR_MISSING, "%s does not exist", l->words[l->count - 1]);

	return told(l->words[0], done, &err, ret);
}

static int run_mount(struct virtual_guest *g, const struct line *l, struct api_guest_answer *ret)
{
	struct virtual_disk *d = l->count < 3 ? NULL : find_disk(g, l->words[l->count - 2]);
	auto_error err = ERROR_INIT;
	bool done = d ? virtual_guest_mount(g, d, l->words[l->count - 1], &err)
		      : error_set(&err, ERROR_MISSING, "special device does not exist");

	return told(l->words[0], done, &err, ret);
}

static int run_umount(struct virtual_guest *g, const struct line *l, struct api_guest_answer *ret)
{
	auto_error err = ERROR_INIT;

	return told(l->words[0], virtual_guest_unmount(g, l->words[l->count - 1], &err), &err, ret);
}

static int run_mountpoint(struct virtual_guest *g, const struct line *l, struct api_guest_answer *ret)
{
	(void)ret;
	return l->count < 2 || !virtual_guest_mounted(g, l->words[l->count - 1]);
}

static int start(struct virtual_guest *g, struct api_guest_answer *ret)
{
	auto_error err = ERROR_INIT;

	return told(VIRTUAL_SERVICE, virtual_guest_start(g, &err), &err, ret);
}

static int stop(struct virtual_guest *g, struct api_guest_answer *ret)
{
	(void)ret;
	virtual_guest_stop(g);
	return 0;
}

static int restart(struct virtual_guest *g, struct api_guest_answer *ret)
{
	virtual_guest_stop(g);
	return start(g, ret);
}

static int tell_active(struct virtual_guest *g, struct api_guest_answer *ret)
{
	text_add(&ret->out, g->serves ? "active\n" : "inactive\n");
	return g->serves ? 0 : EXIT_NOT_ACTIVE;
}

static const struct {
	const char *name;
	int (*run)(struct virtual_guest *g, struct api_guest_answer *ret);
} VERBS[] = {
	{ "start", start },
	{ "stop", stop },
	{ "restart", restart },
	{ "is-active", tell_active },
};

static int run_systemctl(struct virtual_guest *g, const struct line *l, struct api_guest_answer *ret)
{
	if (l->count != 3 || strcmp(l->words[2], VIRTUAL_SERVICE) != 0) {
		text_addf(&ret->errors, "systemctl: VERB %s\n", VIRTUAL_SERVICE);
		return EXIT_USAGE_ERROR;
	}
	for (size_t i = 0; i < ARRAY_SIZE(VERBS); i++)
		if (!strcmp(VERBS[i].name, l->words[1]))
			return VERBS[i].run(g, ret);
	text_addf(&ret->errors, "systemctl: unknown verb %s\n", l->words[1]);
	return EXIT_USAGE_ERROR;
}

static const struct {
	const char *name;
	command *run;
} COMMANDS[] = {
	{ "true", run_nothing },
	{ ":", run_nothing },
	{ "sync", run_nothing },
	{ "mkdir", run_nothing },
	{ "false", run_false },
	{ "systemctl", run_systemctl },
	{ "mkfs.ext4", run_mkfs },
	{ "mount", run_mount },
	{ "umount", run_umount },
	{ "mountpoint", run_mountpoint },
};

static int run_line(struct virtual_guest *g, const struct line *l, struct api_guest_answer *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(COMMANDS); i++)
		if (!strcmp(COMMANDS[i].name, l->words[0]))
			return COMMANDS[i].run(g, l, ret);
	text_addf(&ret->errors, "sh: %s: not found\n", l->words[0]);
	return EXIT_UNKNOWN;
}

/* Moves *at behind one word, which is copied without its quotes. */
static const char *read_word(struct arena *arena, const char **at)
{
	const char *c = *at;
	char *word = arena_alloc(arena, strlen(c) + 1);
	size_t len = 0;

	for (char quote = '\0'; *c && (quote || !strchr(" \t\n;&|", *c)); c++) {
		if (quote ? *c == quote : *c == '\'' || *c == '"')
			quote = quote ? '\0' : *c;
		else
			word[len++] = *c == '\\' && quote != '\'' && c[1] ? *++c : *c;
	}
	*at = c;
	return word;
}

/* What stands in front of a command and changes nothing here: everybody is root. */
static bool is_prefix(const struct line *l, const char *word)
{
	return l->count == 0 && (!strcmp(word, "sudo") || !strcmp(word, "exec") || word[0] == '-');
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

/* Moves *at behind one command and what joins it to the next. */
static enum joint read_line(struct arena *arena, const char **at, struct line *ret)
{
	ret->count = 0;
	if (**at == '#')
		*at += strcspn(*at, "\n");
	while (**at && !strchr("\n;&|", **at)) {
		const char *word;

		if (isspace((unsigned char)**at)) {
			++*at;
			continue;
		}
		word = read_word(arena, at);
		if (!is_prefix(ret, word) && !is_option(word) && ret->count < WORDS_MAX)
			ret->words[ret->count++] = word;
	}
	if (text_starts_with(*at, "&&") || text_starts_with(*at, "||")) {
		*at += 2;
		return (*at)[-1] == '&' ? JOINT_IF_DONE : JOINT_IF_FAILED;
	}
	*at += **at != '\0';
	return JOINT_ALWAYS;
}

static bool is_wanted(enum joint joint, int last)
{
	return joint == JOINT_ALWAYS || (joint == JOINT_IF_DONE) == (last == 0);
}

void virtual_shell_run(struct virtual_guest *g, const char *lines, struct api_guest_answer *ret)
{
	enum joint joint = JOINT_ALWAYS;
	auto_arena arena = ARENA_INIT;

	while (*lines) {
		struct line l;
		enum joint next = read_line(&arena, &lines, &l);

		if (l.count && is_wanted(joint, ret->exit_code))
			ret->exit_code = run_line(g, &l, ret);
		if (l.count)
			joint = next;
	}
}
