/* complain.h: what can be wrong with one key, each in its own words, into the diagnostics. */
#ifndef PLAN_COMPLAIN_H
#define PLAN_COMPLAIN_H

#include "plan/diagnostic.h"
#include "plan/keys.h"
#include "wire/yaml.h"

/* "`ssh.port`: expected a whole number from 1 to 65535, found `ssh`" */
void complain_mismatch(struct diagnostics *d, const struct key *k, const struct yaml_node *n);

/* "`ssh.host_key`: expected `console` or `known_hosts`, found `consle`: did you mean `console`?" */
void complain_unknown_word(struct diagnostics *d, const struct key *k, const struct yaml_node *n);

/* "unknown key `usr` in `ssh`: did you mean `user`?"; key is the node of the name. */
void complain_unknown_key(struct diagnostics *d, const struct key *section, const struct yaml_node *key);

/* "duplicate key `name`: it stands in line 2 already" */
void complain_duplicate_key(struct diagnostics *d, const struct yaml_node *key);

/* "missing key `stop` in `service`: ..." */
void complain_missing(
	struct diagnostics *d, const struct key *section, const struct key *k, const struct yaml_node *n);

/* "`rollout` is not supported yet: ..."; word is NULL if the key itself is not supported. */
void complain_unsupported(
	struct diagnostics *d, const struct key *k, const struct key_word *word, const struct yaml_node *n);

/* "`image` needs one of `id` and `newest`", or only one of them; n is the section, or the second choice. */
void complain_no_choice(struct diagnostics *d, const struct key *section, const struct yaml_node *n);
void complain_two_choices(struct diagnostics *d, const struct key *section, const struct yaml_node *first,
	const struct yaml_node *second);

/* "`machines.instances[]`: `i-1` stands in line 3 already" */
void complain_twin(struct diagnostics *d, const struct key *k, const struct yaml_node *n,
	const struct yaml_node *earlier);
#endif
