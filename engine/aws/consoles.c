#include "aws/consoles.h"

#include <stdlib.h>
#include <string.h>

#include "aws/parameters.h"
#include "base/encode.h"
#include "cloud/console.h"

enum { CONSOLE_MAX = 256 * 1024 }; /* EC2 keeps 64 KiB */

struct reading {
	struct job job;
	struct consoles *consoles;
	struct query query;
};

static void drop(struct job *job)
{
	free(job);
}

void consoles_release(struct consoles *c)
{
	free(c->without_latest);
	*c = (struct consoles){ .count = 0 };
}

static bool has_latest(const struct consoles *c, const char *instance_id)
{
	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->without_latest[i], instance_id))
			return false;
	return true;
}

static void remember(struct consoles *c, const char *instance_id)
{
	c->without_latest = reallocarray(c->without_latest, c->count + 1, sizeof(*c->without_latest));
	if (!c->without_latest)
		abort();
	text_copy(c->without_latest[c->count++], CLOUD_ID_SIZE, instance_id);
}

static void ask(struct reading *r);

/* A console that is not base64, or holds no key block, shows no keys: they come after sshd answers. */
static void read_keys(const char *output, char *ret, size_t size)
{
	auto_text console;

	text_init(&console, CONSOLE_MAX);
	ret[0] = '\0';
	if (base64_decode(output, strlen(output), &console))
		(void)console_host_keys(console.bytes, console.len, ret, size);
}

static void answer_keys(const struct reading *r, const struct call_reply *reply)
{
	struct sighting s = { .kind = SIGHTING_HOST_KEYS, .host_keys = { .asked_ms = reply->asked_ms } };

	text_copy(s.host_keys.instance_id, sizeof(s.host_keys.instance_id), r->query.id);
	read_keys(xml_text(reply->root, "output"), s.host_keys.lines, sizeof(s.host_keys.lines));
	job_answer_query(&r->job, &r->query,
		&(struct outcome){ .sightings = &s, .count = 1, .request_id = reply->request_id });
}

static void on_reply(void *ctx, const struct call_reply *reply, const struct error *err)
{
	struct reading *r = ctx;

	if (err && error_is(err, "UnsupportedOperation") && has_latest(r->consoles, r->query.id)) {
		remember(r->consoles, r->query.id);
		ask(r);
		return;
	}
	if (err)
		job_answer_query(&r->job, &r->query, &(struct outcome){ .err = err });
	else
		answer_keys(r, reply);
	job_end(&r->job);
}

static void ask(struct reading *r)
{
	auto_text form;

	parameters_begin(&form, action_get(ACTION_GET_CONSOLE_OUTPUT));
	parameters_add(&form, r->query.id, "InstanceId");
	if (has_latest(r->consoles, r->query.id))
		parameters_add_bool(&form, true, "Latest");
	calls_send(r->job.jobs->calls, &(struct call_order){
					       .action = ACTION_GET_CONSOLE_OUTPUT,
					       .form = &form,
					       .subject = r->query.subject,
					       .done = on_reply,
					       .ctx = r,
				       });
}

void consoles_read(struct consoles *c, struct jobs *jobs, const struct query *q)
{
	struct reading *r = job_begin(jobs, sizeof(*r), drop);

	r->consoles = c;
	r->query = *q;
	ask(r);
}
