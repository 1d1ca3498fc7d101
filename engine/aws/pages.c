#include "aws/pages.h"

#include <stdlib.h>

#include "aws/parameters.h"

struct pages {
	struct job job;
	struct pages_order o;
	char *form; /* without MaxResults and NextToken; o.form is not used after the start */
	unsigned read;
};

static void drop(struct job *job)
{
	struct pages *p = (struct pages *)job;

	free(p->form);
	free(p);
}

static void finish(struct pages *p, const char *request_id, const struct error *err)
{
	p->o.done(p->o.ctx, request_id, err);
	job_end(&p->job);
}

static void on_page(void *ctx, const struct call_reply *reply, const struct error *err);

static void ask(struct pages *p, const char *token)
{
	auto_text form;

	text_init(&form, PARAMETERS_MAX);
	text_add(&form, p->form);
	parameters_add_number(&form, p->o.page_size, "MaxResults");
	parameters_add(&form, token, "NextToken");
	calls_send(p->job.jobs->calls, &(struct call_order){
					       .action = p->o.action,
					       .form = &form,
					       .subject = p->o.subject,
					       .done = on_page,
					       .ctx = p,
				       });
}

static void on_page(void *ctx, const struct call_reply *reply, const struct error *err)
{
	struct pages *p = ctx;
	const char *token = err ? "" : xml_text(reply->root, "nextToken");
	auto_error endless = ERROR_INIT;

	if (err) {
		finish(p, err->request_id, err);
		return;
	}
	p->o.page(p->o.ctx, reply);
	if (!*token) {
		finish(p, reply->request_id, NULL);
	} else if (++p->read < PAGES_MAX) {
		ask(p, token);
	} else {
		error_set(&endless, ERROR_REMOTE, "%s: no end after %d pages", action_get(p->o.action)->name,
			PAGES_MAX);
		finish(p, reply->request_id, &endless);
	}
}

void pages_read(struct jobs *jobs, const struct pages_order *o)
{
	struct pages *p = job_begin(jobs, sizeof(*p), drop);

	p->o = *o;
	p->form = text_take(o->form);
	ask(p, NULL);
}
