#include "run/asking.h"

static void answered(void *self, const struct answer *answer)
{
	struct asking *a = self;

	if (a->view.show && (answer->is_effect || !answer->err->kind))
		a->view.show(a->view.self, answer);
	if (answer->err->kind && !a->trouble.kind)
		error_copy(&a->trouble, answer->err);
	if (!--a->open)
		uv_stop(a->loop);
}

void asking_init(struct asking *a, uv_loop_t *loop)
{
	*a = (struct asking){ .loop = loop };
}

struct sink asking_sink(struct asking *a)
{
	return (struct sink){ .self = a, .answered = answered };
}

/* Runs the loop until the last answer stops it. */
static bool await(struct asking *a, struct error *err)
{
	uv_run(a->loop, UV_RUN_DEFAULT);
	if (a->open)
		return error_set(err, ERROR_BUG, "the loop ended before %zu answers came", a->open);
	return !a->trouble.kind || error_move(err, &a->trouble);
}

bool asking_queries(struct asking *a, const struct query *queries, size_t count, struct asking_view view,
	struct error *err)
{
	if (!count)
		return true;
	a->open = count;
	a->view = view;
	a->provider.observe(a->provider.self, queries, count);
	return await(a, err);
}

bool asking_effect(struct asking *a, const struct effect *e, struct asking_view view, struct error *err)
{
	a->open = 1;
	a->view = view;
	a->provider.act(a->provider.self, e);
	return await(a, err);
}
