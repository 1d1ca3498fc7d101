/*
 * fleetlock.h: the FleetLock protocol, as Zincati and others speak it
 * (coreos/airlock, docs/protocol-specs.md): one slot of a group before a reboot, given back in the steady
 * state. Every answer but 200 means "not now", and says why as {"kind", "value"}. Full is 423, as
 * poseidon/fleetlock has it.
 */
#ifndef SERVER_FLEETLOCK_H
#define SERVER_FLEETLOCK_H

#include "server/routes.h"

extern const struct route fleetlock_pre_reboot, fleetlock_steady_state;
#endif
