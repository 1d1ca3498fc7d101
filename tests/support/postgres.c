#include "support/postgres.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_END, WRITE_END };

static void become_keeper(const char *folder, int in, int out)
{
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	execl(TESTS_DIR "/support/postgres-server", "postgres-server", folder, (char *)NULL);
	perror(TESTS_DIR "/support/postgres-server");
	_exit(1);
}

static bool hear(struct test_postgres *p)
{
	char line[16] = "";
	size_t len = 0;

	while (len < sizeof(line) - 1 && read(p->from, &line[len], 1) == 1 && line[len] != '\n')
		len++;
	return !strncmp(line, "ok", 2);
}

bool test_postgres_do(struct test_postgres *p, const char *command)
{
	return dprintf(p->to, "%s\n", command) > 0 && hear(p);
}

bool test_postgres_start(struct test_postgres *p)
{
	int in[2], out[2];

	snprintf(p->folder, sizeof(p->folder), "/tmp/changeover-postgres-%d", (int)getpid());
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		abort();
	p->keeper = fork();
	if (p->keeper == 0)
		become_keeper(p->folder, in[READ_END], out[WRITE_END]);
	close(in[READ_END]);
	close(out[WRITE_END]);
	p->to = in[WRITE_END];
	p->from = out[READ_END];
	return p->keeper > 0 && hear(p) && test_postgres_do(p, "start");
}

void test_postgres_url(const struct test_postgres *p, int schema, char ret[POSTGRES_URL_SIZE])
{
	snprintf(ret, POSTGRES_URL_SIZE,
		"postgres://changeover@/postgres?host=%s&options=-csearch_path%%3Dt%d", p->folder, schema);
}

void test_postgres_end(struct test_postgres *p)
{
	close(p->to);
	waitpid(p->keeper, NULL, 0);
	close(p->from);
}
