#include "aws/doing.h"

#include <assert.h>
#include <stdlib.h>

#include "aws/deeds.h"
#include "aws/parameters.h"

struct doing {
	struct job job;
	const struct deed *deed;
	struct effect effect;
};

static void drop(struct job *job)
{
	free(job);
}

static void answer_done(const struct doing *d, const struct call_reply *reply)
{
	struct sighting s;
	struct outcome o = { .sightings = &s, .request_id = reply->request_id };

	if (reply->root && d->deed->read) {
		d->deed->read(&d->effect, reply->root, reply->asked_ms, &s);
		o.count = 1;
	}
	job_answer_effect(&d->job, &d->effect, &o);
}

void doing_fail(const struct job *job, const struct effect *e, const struct error *err)
{
	auto_error named = ERROR_INIT;
	char words[256];

	error_copy(&named, err);
	error_wrap(&named, "could not %s", effect_describe(e, words, sizeof(words)));
	job_answer_effect(job, e, &(struct outcome){ .err = &named });
}

static void on_reply(void *ctx, const struct call_reply *reply, const struct error *err)
{
	struct doing *d = ctx;

	if (reply)
		answer_done(d, reply);
	else if (!d->effect.dry_run && deed_was_done(d->deed, err))
		job_answer_effect(&d->job, &d->effect, &(struct outcome){ .request_id = err->request_id });
	else
		doing_fail(&d->job, &d->effect, err);
	job_end(&d->job);
}

void doing_begin(struct jobs *jobs, const struct effect *e, int64_t decided_ms)
{
	struct doing *d = job_begin(jobs, sizeof(*d), drop);
	auto_text form = { .bytes = NULL };

	d->deed = deed_find(e->kind);
	assert(d->deed); /* run sends guests' effects elsewhere */
	d->effect = *e;
	parameters_begin(&form, action_get(d->deed->action));
	d->deed->write(e, &form);
	calls_send(jobs->calls, &(struct call_order){
					.action = d->deed->action,
					.form = &form,
					.dry_run = e->dry_run,
					.subject = e->subject,
					.decided_ms = decided_ms,
					.done = on_reply,
					.ctx = d,
				});
}
