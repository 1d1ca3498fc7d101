#include "sandbox/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"

enum { FILE_MAX = 64 * 1024 };

/* Inside single quotes only ' itself is special to a shell. */
static void add_export(struct text *t, const char *name, const char *value)
{
	text_addf(t, "export %s='", name);
	for (; *value; value++) {
		if (*value == '\'')
			text_add(t, "'\\''");
		else
			text_add_char(t, *value);
	}
	text_add(t, "'\n");
}

static void compose(const struct credentials *c, struct text *ret)
{
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d", c->port);
	text_add(ret, "# The sandbox's credentials: source this file. It is gone when the sandbox ends.\n");
	text_add(ret, "unset AWS_PROFILE AWS_SESSION_TOKEN\n");
	add_export(ret, "AWS_ACCESS_KEY_ID", c->access_key);
	add_export(ret, "AWS_SECRET_ACCESS_KEY", secret_reveal(c->secret));
	add_export(ret, "AWS_REGION", c->region);
	add_export(ret, "AWS_DEFAULT_REGION", c->region);
	add_export(ret, "AWS_ENDPOINT_URL", url);
	add_export(ret, "AWS_EC2_METADATA_DISABLED", "true");
}

static bool write_all(int fd, const struct text *t)
{
	size_t done = 0;

	while (done < t->len) {
		ssize_t n = write(fd, t->bytes + done, t->len - done);

		if (n < 0 && errno != EINTR)
			return false;
		done += n > 0 ? (size_t)n : 0;
	}
	return true;
}

static bool write_file(const char *path, const struct text *t, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool written;

	if (fd < 0)
		return error_set_errno(err, ERROR_LOCAL, errno, "could not write %s", path);
	written = write_all(fd, t);
	if (!written)
		error_set_errno(err, ERROR_LOCAL, errno, "could not write %s", path);
	close(fd);
	return written;
}

bool credentials_write(
	const struct credentials *c, const char *dir, struct credentials_file *ret, struct error *err)
{
	auto_free char *path = NULL;
	auto_text content = { .bytes = NULL };
	bool written;

	if (asprintf(&path, "%s/env", dir) < 0)
		abort();
	text_init(&content, FILE_MAX);
	compose(c, &content);
	unlink(path);
	written = write_file(path, &content, err);
	explicit_bzero(content.bytes, content.len);
	if (written)
		ret->path = take(&path);
	return written;
}

void credentials_remove(struct credentials_file *f)
{
	if (!f->path)
		return;
	unlink(f->path);
	free(f->path);
	f->path = NULL;
}
