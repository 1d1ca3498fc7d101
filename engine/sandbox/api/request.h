/*
 * request.h: one call of an action: its parameters on the way in, its reply on the way out.
 *
 * Everything here lives in the request's arena. Parameters are read by EC2's names; what is wrong
 * with them is refused with EC2's codes and messages.
 */
#ifndef SANDBOX_API_REQUEST_H
#define SANDBOX_API_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "sandbox/model/images.h"
#include "sandbox/model/model.h"
#include "sandbox/model/tags.h"
#include "wire/form.h"

struct action;

/* A command for a machine without a shell of its own. */
struct api_guest_command {
	const char *instance_id;
	const char *line;  /* as a login gives it to the user's shell */
	const char *input; /* its standard input */
	int64_t waited_ms; /* since it was asked for the first time */
};

struct api_guest_answer {
	int exit_code;
	bool again; /* not yet: ask for the same again in a moment, with the time that has passed */
	struct text out, errors; /* initialised and released by the caller */
};

/* What an action needs of the machines besides the model; ctx comes first in each call. */
struct api_machines {
	void *ctx;

	/* Appends what the instance printed to its console. */
	void (*console)(void *ctx, const char *instance_id, struct text *ret);

	/* The machine's first process on this host; 0 if there is none. */
	int (*pid)(void *ctx, const char *instance_id);

	/*
	 * Runs a command on a virtual machine; false if there is no such machine, or if it does not run.
	 * NULL: the machines are real, and have shells.
	 */
	bool (*run)(void *ctx, const struct api_guest_command *c, struct api_guest_answer *ret);
};

struct request {
	struct model *model;
	const struct api_machines *machines;
	const struct action *action;
	struct arena *arena;
	struct form form;   /* the parameters, as decoded */
	struct text *reply; /* the elements of the reply, written with reply.h */
	const char *access_key;
	bool dry_run;
	bool without_newest; /* a list leaves out its newest item */
};

/* The value of a parameter; NULL if it is absent. */
const char *request_text(const struct request *r, const char *name);
const char *request_textf(const struct request *r, const char *fmt, ...) PRINTF(2, 3);

/* True if any parameter's name starts with prefix. */
bool request_has(const struct request *r, const char *prefix);

struct request_list {
	const char *const *items;
	size_t count;
};

/* name.1, name.2, ... up to the first that is absent. */
struct request_list request_list(const struct request *r, const char *name);

/* Each leaves *ret as it was if the parameter is absent. */
bool request_bool(const struct request *r, const char *name, bool *ret, struct error *err) MUST_USE;
bool request_int(const struct request *r, const char *name, int *ret, struct error *err) MUST_USE;

/* Sets *ret to the one of options (ended by NULL) that the parameter equals. */
bool request_choice(const struct request *r, const char *name, const char *const *options, const char **ret,
	struct error *err) MUST_USE;

/* The parameter if it is a client token that EC2 takes: at most 64 ASCII characters. */
bool request_token(const struct request *r, const char **ret, struct error *err) MUST_USE;

/* Tag.N.Key and Tag.N.Value below prefix ("", or "TagSpecification.1."). */
struct model_tags request_tags(const struct request *r, const char *prefix);

/*
 * The tags that TagSpecification.N gives to resources of that type. A specification for a type that
 * is in none of types (ended by NULL) is refused.
 */
bool request_tag_specification(const struct request *r, const char *const *types, const char *type,
	struct model_tags *ret, struct error *err) MUST_USE;

/* BlockDeviceMapping.N.*, for images and launches. */
bool request_mappings(
	const struct request *r, struct model_mapping **ret, size_t *ret_count, struct error *err) MUST_USE;

/* A number that two requests have in common if all their parameters but DryRun are equal. */
uint64_t request_fingerprint(const struct request *r);
#endif
