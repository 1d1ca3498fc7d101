#include "trace.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static const char *const NEWS[] = {
	[NEWS_STEP_STARTED] = "started",
	[NEWS_STEP_PROVED] = "proved",
	[NEWS_STEP_UNDONE] = "undone",
	[NEWS_WINDOW_OPENED] = "window opened",
	[NEWS_WINDOW_CLOSED] = "window closed",
	[NEWS_TURNED_BACK] = "turned back",
	[NEWS_RETRYING] = "retrying",
	[NEWS_WAITING] = "waiting",
	[NEWS_FOUND] = "found",
	[NEWS_FINISHED] = "finished",
};

static const char *const QUERIES[QUERY_KIND_COUNT] = {
	[QUERY_INSTANCE] = "instance",
	[QUERY_LAUNCHED] = "launched",
	[QUERY_OF_REBUILD] = "of-rebuild",
	[QUERY_VOLUMES_OF_REBUILD] = "volumes-of-rebuild",
	[QUERY_REPLACED] = "replaced",
	[QUERY_BLUEPRINT] = "blueprint",
	[QUERY_STATUS] = "status",
	[QUERY_HOST_KEYS] = "host-keys",
	[QUERY_IMAGE] = "image",
	[QUERY_NEWEST_IMAGE] = "newest-image",
	[QUERY_VOLUME] = "volume",
	[QUERY_SNAPSHOTS] = "snapshots",
	[QUERY_ADDRESS] = "address",
	[QUERY_ADDRESSES_OF] = "addresses-of",
	[QUERY_VOLUME_BY_TAG] = "volume-by-tag",
	[QUERY_GUEST] = "guest",
};

static const char *const COMMANDS[] = {
	[COMMAND_APPLY] = "apply",
	[COMMAND_RESUME] = "resume",
	[COMMAND_ROLLBACK] = "rollback",
};

void history_tell(struct history *h, const char *who, const char *fmt, ...)
{
	va_list ap;

	if (!h->trace)
		return;
	fprintf(h->trace, "%10.3f  %-14s ", (double)h->now_ms / 1000, who);
	va_start(ap, fmt);
	vfprintf(h->trace, fmt, ap);
	va_end(ap);
	fputc('\n', h->trace);
}

/* Which rebuild, and in which of the engines that are at it. */
static void PRINTF(3, 4) tell(struct history *h, const struct member *m, const char *fmt, ...)
{
	char who[CLOUD_NAME_SIZE + 24], text[HISTORY_WHY_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(who, sizeof(who), "%s/%" PRIu64, m->rebuild.id, m->number);
	history_tell(h, who, "%s", text);
}

void trace_start(struct history *h, const struct engine *e)
{
	if (!h->trace)
		return;
	history_tell(h, "operator", "%s: engine %d on computer %d with journal %d%s",
		COMMANDS[e->command.kind], e->number, e->command.computer, e->command.book,
		e->alive ? "" : " ends at once: another one holds the lease, or there is nothing to do");
	for (size_t i = 0; e->alive && i < e->count; i++)
		tell(h, e->members[i], "place %d, epoch %" PRId64 "%s", e->members[i]->place,
			e->members[i]->epoch, e->members[i]->rebuild.resumed ? ", gone on with" : "");
}

void trace_news(struct history *h, const struct member *m, const struct decision *d)
{
	for (size_t i = 0; h->trace && i < d->news_count; i++)
		tell(h, m, "%s%s%s%s%s", d->news[i].step ? d->news[i].step : "", d->news[i].step ? " " : "",
			NEWS[d->news[i].kind], *d->news[i].text ? ": " : "", d->news[i].text);
}

void trace_question(struct history *h, const struct member *m, const struct query *q)
{
	if (h->trace)
		tell(h, m, "  asks %s %s", QUERIES[q->kind], q->id);
}

void trace_effect(struct history *h, const struct member *m, const struct effect *e)
{
	char text[256];

	if (h->trace)
		tell(h, m, "  does %s%s [%s]", e->dry_run ? "(dry run) " : "",
			effect_describe(e, text, sizeof(text)), e->token);
}

void trace_refused(struct history *h, const struct member *m, const struct effect *e, const char *guard,
	const char *reason)
{
	if (h->trace)
		tell(h, m, "  guard %s refuses %s: %s", guard, e->token, reason);
}

static const char *volume_text(const struct volume *v, char *ret, size_t size)
{
	snprintf(ret, size, "%s %s %s", volume_state_name(v->state), attachment_state_name(v->attachment),
		v->instance_id);
	return ret;
}

static const char *guest_text(const struct guest *g, char *ret, size_t size)
{
	int used = snprintf(ret, size, "%s", g->reachable ? "reachable" : "unreachable");

	for (size_t i = 0; i < g->disk_count; i++)
		used += snprintf(ret + used, size - (size_t)used, " %s%s",
			g->disks[i].present ? "present" : "absent", g->disks[i].mounted ? "+mounted" : "");
	return ret;
}

static const char *sighting_text(const struct sighting *s, char *ret, size_t size)
{
	switch (s->kind) {
	case SIGHTING_INSTANCE:
		snprintf(ret, size, "%s %s %s", s->instance.id, instance_state_name(s->instance.state),
			s->instance.role);
		return ret;
	case SIGHTING_STATUS:
		snprintf(ret, size, "health %d", s->status.health);
		return ret;
	case SIGHTING_VOLUME:
		return volume_text(&s->volume, ret, size);
	case SIGHTING_SNAPSHOT:
		snprintf(ret, size, "%s %s %s", s->snapshot.id, snapshot_state_name(s->snapshot.state),
			s->snapshot.token);
		return ret;
	case SIGHTING_ADDRESS:
		snprintf(ret, size, "points to %s", s->address.instance_id);
		return ret;
	case SIGHTING_GUEST:
		return guest_text(&s->guest, ret, size);
	case SIGHTING_VERDICT:
		snprintf(ret, size, "%s", s->verdict.passed ? "passed" : s->verdict.failing);
		return ret;
	case SIGHTING_BLUEPRINT:
	case SIGHTING_HOST_KEYS:
	case SIGHTING_IMAGE:
	case SIGHTING_FLEET:
		break;
	}
	snprintf(ret, size, "shown");
	return ret;
}

void trace_answer(struct history *h, const struct member *m, const struct answer *a)
{
	const char *what = a->is_effect ? a->token : QUERIES[a->query];
	char text[256];

	if (!h->trace)
		return;
	if (a->err->kind)
		tell(h, m, "    %s: %s, happened: %s: %s", what, error_kind_name(a->err->kind),
			error_happened_name(a->err->happened), a->err->message);
	else if (!a->sighting_count)
		tell(h, m, "    %s: %s", what, a->is_effect ? "done" : "nothing");
	for (size_t i = 0; i < a->sighting_count; i++)
		tell(h, m, "    %s: %s", what, sighting_text(&a->sightings[i], text, sizeof(text)));
}

void trace_fault(struct history *h, const struct fault *f, bool begins)
{
	if (h->trace)
		history_tell(h, "fault", "%s at place %d%s", fault_rows[f->kind].name, f->place,
			begins ? "" : " is over");
}

void trace_end(struct history *h, const struct member *m)
{
	if (h->trace)
		tell(h, m, "ends %s: %s", rebuild_course_name(m->rebuild.course), m->rebuild.cause);
}
