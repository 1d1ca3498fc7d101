/*
 * fdlm_admin.h: what administrators do to locks through Foreman's API: list, show, create, enable and disable,
 * destroy, and see what happened. They are known by their password (HTTP Basic); a machine's certificate
 * opens nothing here.
 *
 * A lock that somebody holds is not destroyed (412), and none is renamed (422): the next machine to ask would
 * make it anew and go away as well. Foreman does both.
 */
#ifndef SERVER_FDLM_ADMIN_H
#define SERVER_FDLM_ADMIN_H

#include "server/routes.h"

extern const struct route fdlm_admin_list, fdlm_admin_show, fdlm_admin_create, fdlm_admin_update,
	fdlm_admin_destroy, fdlm_admin_events;
#endif
