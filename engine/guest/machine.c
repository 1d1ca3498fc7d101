#include "guest/machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "guest/scripts.h"

enum { OPEN_LIMIT_MS = 10 * 1000, OUTPUT_MAX = 64 * 1024 };

struct call {
	struct call *next;
	struct link *link;
	ssh_done *done;
	void *ctx;
};

/* One session and how it was made: a machine whose address moves is reached through a new one. */
struct link {
	struct link *next;
	struct machine *machine;
	struct ssh_session *session;
	char address[CLOUD_ADDRESS_SIZE];
	char *host_keys;    /* NULL: known_hosts */
	struct call *calls; /* under way */
	bool leaving;       /* closed after the last of them */
};

struct machine {
	struct machine *next;
	struct machines *all;
	char id[CLOUD_ID_SIZE];
	struct link *links;
};

struct machine *machines_get(struct machines *all, const char *instance_id)
{
	struct machine *m = all->first;

	while (m && strcmp(m->id, instance_id))
		m = m->next;
	if (m)
		return m;
	m = alloc_zeroed(1, sizeof(*m));
	text_copy(m->id, sizeof(m->id), instance_id);
	m->all = all;
	m->next = all->first;
	all->first = m;
	return m;
}

static void free_link(struct link *l)
{
	ssh_close(l->session);
	while (l->calls) {
		struct call *next = l->calls->next;

		free(l->calls);
		l->calls = next;
	}
	free(l->host_keys);
	free(l);
}

static void close_link(struct link *l)
{
	struct link **at = &l->machine->links;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	free_link(l);
}

/* Why it could not be opened is the answer to the command that wanted it. */
static void on_opened(void *ctx, struct ssh_session *s, const struct error *err)
{
	(void)ctx;
	(void)s;
	(void)err;
}

static struct link *open_link(struct machine *m, const struct guest_order *o)
{
	const struct machine_access *a = &m->all->access;
	const struct ssh_target target = {
		.address = o->address,
		.port = a->port,
		.user = a->user,
		.key_file = a->key_file,
		.agent = a->agent_socket != NULL,
		.agent_socket = a->agent_socket,
		.host_keys = o->host_keys,
		.known_hosts_file = a->known_hosts_file,
		.limit_ms = o->limit_ms < OPEN_LIMIT_MS ? o->limit_ms : OPEN_LIMIT_MS,
	};
	struct link *l = alloc_zeroed(1, sizeof(*l));

	l->host_keys = alloc_text(o->host_keys);
	text_copy(l->address, sizeof(l->address), o->address);
	l->machine = m;
	l->next = m->links;
	m->links = l;
	l->session = ssh_open(a->loop, &target, on_opened, l);
	return l;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool serves(const struct link *l, const struct guest_order *o)
{
	return !l->leaving && !ssh_is_broken(l->session) && !strcmp(l->address, o->address) &&
	       same_text(l->host_keys, o->host_keys);
}

/* The link that serves the order; all others of the machine are on their way out. */
static struct link *get_link(struct machine *m, const struct guest_order *o)
{
	struct link *found = NULL;

	for (struct link *l = m->links, *next; l; l = next) {
		next = l->next;
		if (serves(l, o)) {
			found = l;
			continue;
		}
		l->leaving = true;
		if (!l->calls)
			close_link(l);
	}
	return found ? found : open_link(m, o);
}

/* Everything of ours is put away first: done may release the machines. */
static void on_done(void *ctx, const struct ssh_result *result, const struct error *err)
{
	struct call *call = ctx, copy = *call, **at = &call->link->calls;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	free(call);
	if (copy.link->leaving && !copy.link->calls)
		close_link(copy.link);
	copy.done(copy.ctx, result, err);
}

void machine_run(
	struct machine *m, const struct guest_order *o, const struct text *script, ssh_done *done, void *ctx)
{
	const struct ssh_command c = {
		.line = script_shell(m->all->access.user),
		.input = script->bytes,
		.input_len = script->len,
		.limit_ms = o->limit_ms,
		.output_cap = OUTPUT_MAX,
	};
	struct call *call = alloc_zeroed(1, sizeof(*call));

	call->done = done;
	call->ctx = ctx;
	call->link = get_link(m, o);
	call->next = call->link->calls;
	call->link->calls = call;
	ssh_run(call->link->session, &c, on_done, call);
}

void machine_leave(struct machine *m)
{
	for (struct link *l = m->links, *next; l; l = next) {
		next = l->next;
		l->leaving = true;
		if (!l->calls)
			close_link(l);
	}
}

void machines_release(struct machines *all)
{
	while (all->first) {
		struct machine *m = all->first;

		all->first = m->next;
		while (m->links) {
			struct link *l = m->links;

			m->links = l->next;
			free_link(l);
		}
		free(m);
	}
}
