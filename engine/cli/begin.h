/* begin.h: how a machine of a plan is begun with, by `apply` and by `resume` of a rollout. */
#ifndef CLI_BEGIN_H
#define CLI_BEGIN_H

#include "cli/session.h"

/* A session_fleet's `begin`: goes on with what the journal knows of the machine, or begins its rebuild. */
bool begin_machine(struct session *s, void *arg, const char *instance_id, struct error *err) MUST_USE;
#endif
