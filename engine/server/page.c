#include "server/page.h"

#include "base/clock.h"

static void show_metrics(struct request *r, const struct lock_decision *d)
{
	(void)d;
	r->answer->content_type = "text/plain; version=0.0.4; charset=utf-8";
	metrics_write(r->metrics, &r->store->table, clock_wall_ms(r->options->clock), &r->answer->body);
}

static void failed(struct request *r, const char *text)
{
	r->answer->status = 503;
	text_addf(&r->answer->body, "%s\n", text);
}

const struct route page_metrics = {
	.method = "GET",
	.path = "/metrics",
	.protocol = METRICS_OTHER,
	.answer = show_metrics,
	.failed = failed,
};
