/* resume_choice.h: what `changeover resume` is about: a rollout, a rebuild, or what a plan has left unfinished. */
#ifndef CLI_RESUME_CHOICE_H
#define CLI_RESUME_CHOICE_H

#include "base/arena.h"
#include "cli/command.h"

struct resume_choice {
	const char *plan_path;
	const char *rebuild;   /* NULL: all of the plan's that are unfinished */
	const char *rollout;   /* that is not over, or NULL */
	const char *puts_back; /* the rollout that it puts back, or NULL */
	bool asked;            /* whoever drives the rollout goes on with it: nothing is left to do here */
};

/* word: as on the command line, or NULL. Texts are in the arena. */
bool resume_choose(const struct cli *cli, const char *word, struct arena *a, struct resume_choice *ret,
	struct error *err) MUST_USE;

/* There is nothing to go on with. Returns false. */
bool resume_nothing(struct error *err);
#endif
