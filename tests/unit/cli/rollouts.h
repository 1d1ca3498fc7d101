/* rollouts.h: a journal with one rollout of a plan, in a folder of each test's own; the test's process drives it. */
#ifndef TESTS_CLI_ROLLOUTS_H
#define TESTS_CLI_ROLLOUTS_H

#include "console.h"

#include "journal/journal.h"
#include "journal/lease.h"
#include "journal/record.h"
#include "journal/rollout_record.h"
#include "journal/seat.h"
#include "plan/plan.h"

#define T0 INT64_C(1795312800000) /* 2026-11-22T02:00:00Z; the clock stands half a minute later */

static const char PLAN[] = "version: 1\n"
			   "name: acme\n"
			   "machines: { tags: { Service: demo } }\n"
			   "image: { id: ami-0abc }\n"
			   "ssh: { user: admin, agent: true }\n"
			   "data: [{ volume: { device: /dev/sdf }, mount: /data }]\n"
			   "service: { stop: 'true', start: 'true' }\n"
			   "ready: [{ tcp: 22 }]\n"
			   "rollout:\n"
			   "  canary: 1\n"
			   "  waves: [50%, 100%]\n"
			   "  gates:\n"
			   "    - { after: canary, command: ./ok }\n"
			   "    - { after: wave 1, command: ./ok }\n";

/* A journal with one rollout, ro-1, whose canary is rebuilt: it waits at its first gate. */
struct fixture {
	char folder[64], journal[96], plan[96], option[112];
	struct journal *j;
	struct seat seat; /* of ro-1, this process's */
	int64_t bert;     /* the epoch of somebody else's */
};

static inline void must(bool done, const struct error *err)
{
	if (!done)
		fail_msg("%s", err->message);
}

static const struct machine_record MACHINES[] = {
	{ .number = 0,
		.machine = "i-0",
		.group = "",
		.stage = "canary",
		.state = "rebuilt",
		.rebuild = "rb-0",
		.took_ms = 20000 },
	{ .number = 1, .machine = "i-1", .group = "", .stage = "wave 1", .state = "waiting" },
	{ .number = 2, .machine = "i-2", .group = "", .stage = "wave 2", .state = "waiting" },
	{ .number = 3, .machine = "i-3", .group = "", .stage = "wave 2", .state = "waiting" },
};

static inline void add_rollout(struct fixture *f, const char *id, int64_t created_ms, const char *digest)
{
	struct error err = ERROR_INIT;
	const struct rollout_record r = { .id = id,
		.plan_name = "acme",
		.plan_path = f->plan,
		.plan_digest = digest,
		.machines = ARRAY_SIZE(MACHINES),
		.created_ms = created_ms,
		.updated_ms = created_ms };

	must(rollout_record_create(f->j, &r, MACHINES, ARRAY_SIZE(MACHINES), &err), &err);
}

/* Whoever has the seat writes this; NULL: nobody drives it, or this process. */
static inline void change_from(struct journal *j, const struct seat *seat, const char *id,
	const struct machine_record *m, enum rollout_state state, const char *cause)
{
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct rollout_record r;
	struct rollout_change c;
	bool found;

	must(rollout_record_find(j, id, &a, &r, &found, &err), &err);
	c = (struct rollout_change){ .id = id,
		.seat = seat,
		.version = r.version,
		.machines = m,
		.count = m ? 1 : 0,
		.state = state,
		.cause = cause,
		.now_ms = T0 + 25000 };
	must(rollout_record_change(j, &c, &err), &err);
}

static inline void change(struct journal *j, const char *id, const struct machine_record *m,
	enum rollout_state state, const char *cause)
{
	change_from(j, NULL, id, m, state, cause);
}

static inline void drive(struct fixture *f)
{
	struct error err = ERROR_INIT;

	f->seat.lease.version = "0.1.0";
	holder_self("anna", &f->seat.lease.holder);
	must(seat_take(f->j, "ro-1", false, &f->seat, T0, &err), &err);
}

static inline void leave(struct fixture *f)
{
	struct error err = ERROR_INIT;

	must(seat_release(f->j, &f->seat, &err), &err);
}

/* Somebody else, on another machine, drives it from now on. */
static inline void let_bert_drive(struct fixture *f)
{
	struct lease elsewhere = { .rebuild = "ro-1",
		.version = "0.1.0",
		.holder = { .name = "bert@far pid 7", .place = "another-boot/1", .pid = 7, .started = 70 } };
	struct error err = ERROR_INIT;

	leave(f);
	must(lease_take(f->j, &elsewhere, T0, &err), &err);
	f->bert = elsewhere.epoch;
}

static inline void let_bert_leave(struct fixture *f)
{
	struct error err = ERROR_INIT;

	must(lease_release(f->j, &(struct lease){ .rebuild = "ro-1", .epoch = f->bert }, &err), &err);
}

static inline void write_plan(const struct fixture *f)
{
	FILE *file = fopen(f->plan, "w");

	assert_non_null(file);
	fputs(PLAN, file);
	fclose(file);
}

static inline int make_journal(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	auto_diagnostics d = DIAGNOSTICS_INIT;
	struct error err = ERROR_INIT;
	struct plan *plan;

	snprintf(f->folder, sizeof(f->folder), "/tmp/changeover-rollouts-XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	snprintf(f->journal, sizeof(f->journal), "%s/journal.db", f->folder);
	snprintf(f->plan, sizeof(f->plan), "%s/acme.yaml", f->folder);
	snprintf(f->option, sizeof(f->option), "--journal=%s", f->journal);
	write_plan(f);
	must(plan_load(f->plan, &plan, &d, &err), &err);
	must(journal_open(f->journal, JOURNAL_WRITE, &f->j, &err), &err);
	add_rollout(f, "ro-1", T0, plan->digest);
	plan_free(plan);
	drive(f);
	*state = f;
	return 0;
}

static inline int remove_journal(void **state)
{
	struct fixture *f = *state;

	journal_close(f->j);
	unlink(f->journal);
	unlink(f->plan);
	rmdir(f->folder);
	free(f);
	return 0;
}

static inline struct rollout_record row(struct fixture *f, const char *id, struct arena *a)
{
	struct error err = ERROR_INIT;
	struct rollout_record r;
	bool found;

	must(rollout_record_find(f->j, id, a, &r, &found, &err), &err);
	assert_true(found);
	return r;
}

/* For commands that may ask AWS: no call goes to that port. */
static inline char **environment_of_nobody(void)
{
	static char *environment[] = { "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_REGION=eu-west-1", "AWS_ENDPOINT_URL=http://127.0.0.1:9", "SSH_AUTH_SOCK=/nowhere",
		NULL };

	return environment;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_journal, remove_journal)
#endif
