#include "sandbox/virtual/virtual.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "sandbox/virtual/host_key.h"
#include "sandbox/virtual/logins.h"
#include "sandbox/virtual/network.h"
#include "sandbox/virtual/ports.h"
#include "sandbox/virtual/script.h"

enum { KEY_TEXT_MAX = 512, HTTP_REPLY_MAX = 256 };

static const char LOGIN_USER[] = "admin";
static const char LOGIN_FOLDER[] = "logins";

/* What there is of a machine besides its inside. */
struct machine {
	char id[MODEL_ID_SIZE];
	char private_ip[MODEL_ADDRESS_SIZE];
	char public_ip[MODEL_ADDRESS_SIZE]; /* that leads to it, or "" */
	char *host_key, *fingerprint;       /* owned; of its first boot */
};

struct virtual
{
	struct virtual_options options;
	uv_loop_t *loop;
	struct virtual_guests guests;
	struct index machines;          /* struct machine, by id */
	struct index addresses;         /* struct machine, by public address */
	struct virtual_network network; /* not entered: no logins */
	struct ports *ports;            /* NULL: no logins */
	struct logins *logins;          /* likewise */
};

/* ---- what can be reached ---- */

static bool set_port(struct virtual *v, const struct machine *m, int port, bool open)
{
	const char *addresses[] = { m->private_ip, m->public_ip };
	auto_error err = ERROR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		if (addresses[i][0] && !ports_set(v->ports, addresses[i], port, open ? m->id : NULL, &err)) {
			v->options.trouble(v->options.ctx, &err);
			return false;
		}
	return true;
}

/* Opens and closes the machine's ports, after something about it has changed. */
static void follow(struct virtual *v, const struct machine *m)
{
	const struct virtual_guest *g = virtual_guests_find(&v->guests, m->id);

	if (v->ports && set_port(v, m, VIRTUAL_SSH_PORT, g && g->runs))
		set_port(v, m, VIRTUAL_SERVICE_PORT, g && g->runs && g->serves);
}

static void close_ports(struct virtual *v, const char *address)
{
	static const int PORTS[] = { VIRTUAL_SSH_PORT, VIRTUAL_SERVICE_PORT };
	auto_error unused = ERROR_INIT; /* closing does not fail */

	for (size_t i = 0; v->ports && i < ARRAY_SIZE(PORTS); i++)
		(void)!ports_set(v->ports, address, PORTS[i], NULL, &unused);
}

static void lead_nowhere(struct virtual *v, const char *public_ip)
{
	struct machine *m = index_remove(&v->addresses, public_ip);

	if (!m)
		return;
	close_ports(v, m->public_ip);
	m->public_ip[0] = '\0';
}

static void answer_service(const char *instance_id, int fd)
{
	char reply[HTTP_REPLY_MAX];
	int len = snprintf(reply, sizeof(reply),
		"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%s\n",
		strlen(instance_id) + 1, instance_id);

	/* It fits into the socket's buffer; who has gone meanwhile does not need it. */
	(void)!write(fd, reply, (size_t)len);
	close(fd);
}

static void on_connection(void *ctx, const char *instance_id, int port, int fd)
{
	struct virtual *v = ctx;

	if (port == VIRTUAL_SERVICE_PORT)
		answer_service(instance_id, fd);
	else
		logins_begin(v->logins, instance_id, fd);
}

/* ---- the model's orders ---- */

static bool check_image(void *ctx, const char *location, struct error *err)
{
	(void)ctx, (void)location, (void)err;
	return true;
}

static bool make_host_key(const struct virtual *v, struct machine *m, struct error *err)
{
	auto_free char *path = v->logins ? logins_key_path(v->logins, m->id) : NULL;
	auto_text public = { .bytes = NULL }, print = { .bytes = NULL };

	text_init(&public, KEY_TEXT_MAX);
	text_init(&print, KEY_TEXT_MAX);
	if (!host_key_make(path, &public, &print, err))
		return false;
	free(m->host_key);
	free(m->fingerprint);
	m->host_key = text_take(&public);
	m->fingerprint = text_take(&print);
	return true;
}

static struct machine *find_machine(struct virtual *v, const struct model_boot *b)
{
	struct machine *m = index_find(&v->machines, b->instance_id);

	if (m)
		return m;
	m = alloc_zeroed(1, sizeof(*m));
	text_copy(m->id, sizeof(m->id), b->instance_id);
	text_copy(m->private_ip, sizeof(m->private_ip), b->private_ip);
	index_add(&v->machines, m->id, m);
	return m;
}

static bool boot(void *ctx, const struct model_boot *b, struct error *err)
{
	struct virtual *v = ctx;
	struct machine *m = find_machine(v, b);

	if (!m->host_key && !make_host_key(v, m, err))
		return false;
	if (v->logins && !logins_admit(v->logins, m->id, b->public_key, err))
		return false;
	virtual_guests_boot(&v->guests, m->id);
	follow(v, m);
	return true;
}

static void end(struct virtual *v, const char *instance_id)
{
	struct virtual_guest *g = virtual_guests_find(&v->guests, instance_id);
	struct machine *m = index_find(&v->machines, instance_id);

	if (!g || !m)
		return;
	virtual_guest_halt(g);
	follow(v, m);
}

static void halt(void *ctx, const char *instance_id, bool force)
{
	(void)force;
	end(ctx, instance_id);
}

static void crash(void *ctx, const char *instance_id)
{
	end(ctx, instance_id);
}

static bool halted(void *ctx, const char *instance_id)
{
	const struct virtual *v = ctx;
	const struct virtual_guest *g = virtual_guests_find(&v->guests, instance_id);

	return !g || !g->runs;
}

static void free_machine(struct machine *m)
{
	free(m->host_key);
	free(m->fingerprint);
	free(m);
}

static void remove_machine(void *ctx, const char *instance_id)
{
	struct virtual *v = ctx;
	struct machine *m = index_find(&v->machines, instance_id);

	if (!m)
		return;
	end(v, instance_id);
	if (m->public_ip[0])
		lead_nowhere(v, m->public_ip);
	if (v->logins)
		logins_forget(v->logins, instance_id);
	virtual_guests_remove(&v->guests, instance_id);
	index_remove(&v->machines, instance_id);
	free_machine(m);
}

static bool create_volume(
	void *ctx, const char *volume_id, int size_gib, const char *snapshot_id, struct error *err)
{
	struct virtual *v = ctx;

	(void)size_gib;
	return virtual_disk_create(&v->guests, volume_id, *snapshot_id ? snapshot_id : NULL, err);
}

static bool delete_volume(void *ctx, const char *volume_id, struct error *err)
{
	struct virtual *v = ctx;

	(void)err;
	virtual_disk_delete(&v->guests, volume_id);
	return true;
}

static bool plug(void *ctx, const char *volume_id, const char *instance_id, struct error *err)
{
	struct virtual *v = ctx;

	return virtual_disk_plug(&v->guests, volume_id, instance_id, err);
}

/* As a real machine's: what is mounted stays, whether it is forced or not. */
static bool unplug(void *ctx, const char *volume_id, bool force, struct error *err)
{
	struct virtual *v = ctx;

	(void)force;
	return virtual_disk_unplug(&v->guests, volume_id, err);
}

static bool snapshot(void *ctx, const char *volume_id, const char *snapshot_id)
{
	struct virtual *v = ctx;

	virtual_disk_snapshot(&v->guests, volume_id, snapshot_id);
	return true;
}

static void delete_snapshot(void *ctx, const char *snapshot_id)
{
	struct virtual *v = ctx;

	virtual_disk_forget_snapshot(&v->guests, snapshot_id);
}

static bool route(void *ctx, const char *public_ip, const char *instance_id, struct error *err)
{
	struct virtual *v = ctx;
	struct machine *m = instance_id ? index_find(&v->machines, instance_id) : NULL;

	lead_nowhere(v, public_ip);
	if (!instance_id)
		return true;
	if (!m)
		return error_set(
			err, ERROR_MISSING, "could not route %s: there is no %s", public_ip, instance_id);
	if (m->public_ip[0])
		lead_nowhere(v, m->public_ip);
	text_copy(m->public_ip, sizeof(m->public_ip), public_ip);
	index_add(&v->addresses, m->public_ip, m);
	follow(v, m);
	return true;
}

static bool change_host_keys(void *ctx, const char *instance_id, struct error *err)
{
	struct virtual *v = ctx;
	struct machine *m = index_find(&v->machines, instance_id);
	struct machine unshown = { .id = "" };
	bool done;

	if (!m)
		return error_set(err, ERROR_MISSING, "there is no %s", instance_id);
	/* The console goes on showing the old one. */
	text_copy(unshown.id, sizeof(unshown.id), m->id);
	done = make_host_key(v, &unshown, err);
	free(unshown.host_key);
	free(unshown.fingerprint);
	return done;
}

struct model_orders virtual_orders(struct virtual *v)
{
	return (struct model_orders){
		.ctx = v,
		.check_image = check_image,
		.boot = boot,
		.halt = halt,
		.halted = halted,
		.remove = remove_machine,
		.create_volume = create_volume,
		.delete_volume = delete_volume,
		.plug = plug,
		.unplug = unplug,
		.snapshot = snapshot,
		.delete_snapshot = delete_snapshot,
		.route = route,
		.crash = crash,
		.change_host_keys = change_host_keys,
	};
}

/* ---- what the API shows of them ---- */

/* cloud-init's two blocks, as templates/sandbox/boot.sh prints them on real machines. */
static void console(void *ctx, const char *instance_id, struct text *ret)
{
	const struct virtual *v = ctx;
	const struct machine *m = index_find(&v->machines, instance_id);

	text_addf(ret, "%s is virtual\n", instance_id);
	if (!m)
		return;
	text_addf(ret,
		"<14>cloud-init: -----BEGIN SSH HOST KEY FINGERPRINTS-----\n"
		"<14>cloud-init: %s root@%s (ECDSA)\n"
		"<14>cloud-init: -----END SSH HOST KEY FINGERPRINTS-----\n",
		m->fingerprint, m->private_ip);
	text_addf(ret,
		"-----BEGIN SSH HOST KEY KEYS-----\n"
		"%s root@%s\n"
		"-----END SSH HOST KEY KEYS-----\n",
		m->host_key, m->private_ip);
}

static int pid(void *ctx, const char *instance_id)
{
	(void)ctx, (void)instance_id;
	return 0;
}

/* `sh -s`, behind whatever: what is to be run is on standard input. */
static bool reads_script(const char *line)
{
	return strstr(line, "sh -s") != NULL;
}

static bool run(void *ctx, const struct api_guest_command *c, struct api_guest_answer *ret)
{
	struct virtual *v = ctx;
	struct virtual_guest *g = virtual_guests_find(&v->guests, c->instance_id);

	if (!g || !g->runs)
		return false;
	if (!reads_script(c->line))
		virtual_shell_run(g, c->line, ret);
	else if (!virtual_script_play(g, c, ret))
		virtual_shell_run(g, c->input, ret);
	follow(v, index_find(&v->machines, c->instance_id));
	return true;
}

struct api_machines virtual_machines(struct virtual *v)
{
	return (struct api_machines){ .ctx = v, .console = console, .pid = pid, .run = run };
}

/* ---- opening and closing ---- */

bool virtual_open(uv_loop_t *loop, const struct virtual_options *o, struct virtual **ret, struct error *err)
{
	struct virtual *v = alloc_zeroed(1, sizeof(*v));

	*v = (struct virtual){ .options = *o, .loop = loop, .network = VIRTUAL_NETWORK_INIT };
	virtual_guests_init(&v->guests);
	index_init(&v->machines);
	index_init(&v->addresses);
	if (!o->sshd || virtual_network_enter(&v->network, o->state_dir, err)) {
		*ret = v;
		return true;
	}
	virtual_close(v);
	return false;
}

bool virtual_serve(struct virtual *v, int pages_port, struct error *err)
{
	struct logins_options o = { .sshd = v->options.sshd, .user = LOGIN_USER, .port = pages_port };
	auto_free char *folder = NULL;

	if (!v->options.sshd)
		return true;
	o.folder = folder = state_path(&v->network.state, STATE_INSTANCES, LOGIN_FOLDER);
	if (!logins_open(v->loop, &o, &v->logins, err))
		return false;
	v->ports = ports_new(v->loop, on_connection, v);
	return true;
}

void virtual_close(struct virtual *v)
{
	struct machine *m;

	if (!v)
		return;
	ports_free(v->ports);
	logins_close(v->logins);
	for (uint64_t at = 0; (m = index_next(&v->machines, &at));)
		free_machine(m);
	index_release(&v->machines);
	index_release(&v->addresses);
	virtual_guests_release(&v->guests);
	virtual_network_leave(&v->network);
	free(v);
}
