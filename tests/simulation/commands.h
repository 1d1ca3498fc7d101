/*
 * commands.h: what happens inside the machines: the guest scripts (templates/guest) as far as they
 * change or tell anything.
 */
#ifndef SIMULATION_COMMANDS_H
#define SIMULATION_COMMANDS_H

#include "history.h"

/* Whether a connection gets through to the machine that is meant; if not, err says why. */
struct stage_machine *commands_connect(struct history *h, const struct guest_order *o, struct error *err);

/* The call's command, or its round of checks, or its probe, is carried out: fills err and shown. */
void commands_do(struct history *h, struct call *c);

/* A mount waits until the disks are there. True: not yet, ask again when one is plugged in. */
bool commands_must_wait(struct history *h, const struct call *c);
#endif
