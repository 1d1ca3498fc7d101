#include "net/ssh_memory.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LARGE = 32 * 1024 };

static void *on_alloc(size_t len, void **abstract)
{
	struct ssh_memory *m = *abstract;
	void *block;

	if (len < LARGE || m->block)
		return malloc(len);
	block = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (block == MAP_FAILED)
		return NULL;
	m->block = block;
	m->len = len;
	return block;
}

/* abstract lies in the block itself. */
static void on_free(void *bytes, void **abstract)
{
	struct ssh_memory *m = *abstract;

	if (!bytes || bytes != m->block) {
		free(bytes);
		return;
	}
	m->block = NULL;
	munmap(bytes, m->len);
}

static void *on_realloc(void *bytes, size_t len, void **abstract)
{
	assert(!bytes || bytes != ((struct ssh_memory *)*abstract)->block);
	(void)abstract;
	return realloc(bytes, len);
}

static bool is_zero(const char *page, size_t len)
{
	return page[0] == 0 && !memcmp(page, page + 1, len - 1);
}

/* An anonymous page that holds zeros can be given back: it reads as zeros when it is needed again. */
static void give_back(const struct ssh_memory *m)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	for (size_t at = 0; at + page <= m->len; at += page)
		if (is_zero((char *)m->block + at, page))
			madvise((char *)m->block + at, page, MADV_DONTNEED);
}

LIBSSH2_SESSION *ssh_memory_session(struct ssh_memory *m)
{
	LIBSSH2_SESSION *session = libssh2_session_init_ex(on_alloc, on_free, on_realloc, m);

	if (!session)
		abort();
	if (m->block)
		give_back(m);
	return session;
}
