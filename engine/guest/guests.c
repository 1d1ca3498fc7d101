#include "guest/guests.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "guest/checks.h"
#include "guest/machine.h"
#include "guest/report.h"
#include "guest/scripts.h"
#include "net/http.h"
#include "net/ssh_key.h"

enum { SCRIPT_MAX = 512 * 1024 };

struct guests {
	uv_loop_t *loop;
	const struct clock *clock;
	struct sink sink;
	char *key_file, *known_hosts_file;
	struct scripts *scripts;
	struct http_client *http;
	struct machines machines;
	struct check_tools tools;
	struct task *tasks;
};

/* One query or effect under way. */
struct task {
	struct task *next;
	struct guests *guests;
	uint32_t subject;
	bool is_effect;
	enum query_kind query;
	enum effect_kind effect;
	char id[CLOUD_TOKEN_SIZE]; /* the query's id or the effect's token */
	enum guest_script script;
	const struct guest_order *order;
	struct machine *machine;
	struct check_round *round; /* EFFECT_CHECK */
	int64_t began_ms;
};

static struct task *task_new(struct guests *g, const struct guest_order *o)
{
	struct task *t = alloc_zeroed(1, sizeof(*t));

	t->guests = g;
	t->order = o;
	t->machine = machines_get(&g->machines, o->instance_id);
	t->began_ms = clock_mono_ms(g->clock);
	t->next = g->tasks;
	g->tasks = t;
	return t;
}

/* The sink may close the provider: t is put away first, and g not touched after. */
static void answer(struct task *t, const struct sighting *sighting, const struct error *err)
{
	static const struct error NONE = ERROR_INIT;
	struct guests *g = t->guests;
	struct task **at = &g->tasks;
	const struct answer a = {
		.subject = t->subject,
		.is_effect = t->is_effect,
		.query = t->query,
		.id = t->is_effect ? "" : t->id,
		.effect = t->effect,
		.token = t->is_effect ? t->id : "",
		.sightings = sighting,
		.sighting_count = sighting ? 1 : 0,
		.err = err ? err : &NONE,
		.request_id = "",
		.took_ms = clock_mono_ms(g->clock) - t->began_ms,
	};

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	g->sink.answered(g->sink.self, &a);
	free(t);
}

static void answer_guest(struct task *t, const struct report *r, const struct error *err)
{
	struct sighting s = { .kind = SIGHTING_GUEST, .guest = r->guest };

	text_copy(s.guest.instance_id, sizeof(s.guest.instance_id), t->order->instance_id);
	s.guest.asked_ms = t->began_ms;
	s.guest.reachable = r->started;
	s.guest.service = r->succeeded ? script_leaves(t->script) : SERVICE_UNKNOWN;
	answer(t, &s, err);
}

static void on_script_done(void *ctx, const struct ssh_result *result, const struct error *err)
{
	struct task *t = ctx;
	struct report report = { .started = false };
	auto_error failure = ERROR_INIT;
	bool good = result && report_read(result, &report, &failure);

	if (err)
		error_copy(&failure, err);
	if (!good)
		error_wrap(&failure, "%s on %s", script_name(t->script), t->order->instance_id);
	if (good || t->script == SCRIPT_PROBE)
		answer_guest(t, &report, good ? NULL : &failure);
	else
		answer(t, NULL, &failure);
}

static void begin_script(struct task *t, enum guest_script which)
{
	struct guests *g = t->guests;
	const struct guest_order *o = t->order;
	const struct script_input input = {
		.volumes = o->volumes,
		.volume_count = o->volume_count,
		.nonce = o->nonce,
		.command = o->command,
		.limit_ms = o->limit_ms,
	};
	auto_text script;

	t->script = which;
	text_init(&script, SCRIPT_MAX);
	script_write(g->scripts, which, &input, &script);
	machine_run(t->machine, o, &script, on_script_done, t);
}

static void on_checked(void *ctx, const struct verdict *v)
{
	struct task *t = ctx;

	t->round = NULL;
	answer(t, &(struct sighting){ .kind = SIGHTING_VERDICT, .verdict = *v }, NULL);
}

static void guests_observe(void *self, const struct query *queries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct task *t = task_new(self, queries[i].guest);

		t->subject = queries[i].subject;
		t->query = queries[i].kind;
		text_copy(t->id, sizeof(t->id), queries[i].id);
		begin_script(t, SCRIPT_PROBE);
	}
}

static const struct {
	enum effect_kind effect;
	enum guest_script script;
} SCRIPT_OF[] = {
	{ EFFECT_QUIESCE, SCRIPT_QUIESCE },
	{ EFFECT_MOUNT, SCRIPT_MOUNT },
	{ EFFECT_START_SERVICE, SCRIPT_START },
};

static enum guest_script script_of(const struct effect *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(SCRIPT_OF); i++)
		if (SCRIPT_OF[i].effect == e->kind && !e->dry_run)
			return SCRIPT_OF[i].script;
	return SCRIPT_PROBE; /* a dry run asks whether root is there, and changes nothing */
}

static void guests_act(void *self, const struct effect *e)
{
	struct guests *g = self;
	struct task *t = task_new(g, e->guest);

	t->subject = e->subject;
	t->is_effect = true;
	t->effect = e->kind;
	text_copy(t->id, sizeof(t->id), e->token);
	if (e->kind == EFFECT_CHECK)
		t->round = checks_begin(&g->tools, t->machine, t->order, on_checked, t);
	else
		begin_script(t, script_of(e));
}

static void guests_rest(void *self, const char *instance_id)
{
	guests_forget(self, instance_id);
}

struct provider guests_provider(struct guests *g)
{
	return (struct provider){
		.self = g, .observe = guests_observe, .act = guests_act, .rest = guests_rest
	};
}

static const char *find_variable(char *const *environment, const char *name)
{
	size_t len = strlen(name);

	for (; environment && *environment; environment++)
		if (!strncmp(*environment, name, len) && (*environment)[len] == '=')
			return *environment + len + 1;
	return NULL;
}

static bool check_keys(const struct guests *g, const char *agent_socket, struct error *err)
{
	if (g->key_file)
		return ssh_key_check(g->key_file, err);
	if (agent_socket)
		return true;
	error_set(err, ERROR_LOCAL, "there is no SSH key to log in with");
	return error_hint(
		err, "name one in the plan's ssh.key, or start an agent (SSH_AUTH_SOCK) and set ssh.agent");
}

static bool prepare(struct guests *g, const struct guests_options *o, struct error *err)
{
	const struct guest_access *a = &o->access;
	const char *home = find_variable(o->environment, "HOME");
	const char *socket = a->agent ? find_variable(o->environment, "SSH_AUTH_SOCK") : NULL;
	const char *known_hosts = a->known_hosts_file ? a->known_hosts_file : "~/.ssh/known_hosts";

	g->known_hosts_file = file_expand_home(known_hosts, home);
	g->key_file = a->key_file ? file_expand_home(a->key_file, home) : NULL;
	if (!check_keys(g, socket, err) || !scripts_load(o->scripts_dir, &g->scripts, err))
		return false;
	g->machines.access = (struct machine_access){
		.loop = g->loop,
		.user = a->user,
		.port = a->port,
		.key_file = g->key_file,
		.agent_socket = socket,
		.known_hosts_file = g->known_hosts_file,
	};
	if (!http_client_open(g->loop, &(struct http_options){ .user_agent = "changeover" }, &g->http, err))
		return false;
	g->tools = (struct check_tools){ g->loop, g->http, g->scripts, g->clock };
	return true;
}

bool guests_open(uv_loop_t *loop, const struct guests_options *o, struct sink sink, struct guests **ret,
	struct error *err)
{
	struct guests *g = alloc_zeroed(1, sizeof(*g));

	g->loop = loop;
	g->clock = o->clock;
	g->sink = sink;
	if (prepare(g, o, err)) {
		*ret = g;
		return true;
	}
	guests_close(g);
	return false;
}

void guests_forget(struct guests *g, const char *instance_id)
{
	machine_leave(machines_get(&g->machines, instance_id));
}

void guests_close(struct guests *g)
{
	machines_release(&g->machines);
	while (g->tasks) {
		struct task *next = g->tasks->next;

		if (g->tasks->round)
			checks_cancel(g->tasks->round);
		free(g->tasks);
		g->tasks = next;
	}
	if (g->http)
		http_client_close(g->http);
	if (g->scripts)
		scripts_free(g->scripts);
	free(g->key_file);
	free(g->known_hosts_file);
	free(g);
}
