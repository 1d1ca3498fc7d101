/*
 * fdlm.h: the protocol of Foreman's plug-in foreman_dlm: how a machine shows, acquires and releases a lock.
 *
 *	GET|PUT|DELETE /api/dlmlocks/{id or name}/lock
 *
 * The machine is who its client certificate says (its common name, as Puppet's certificates have it). Held by
 * another, and disabled: 412. What an administrator does is in fdlm_admin.h.
 */
#ifndef SERVER_FDLM_H
#define SERVER_FDLM_H

#include "server/routes.h"

extern const struct route fdlm_show, fdlm_acquire, fdlm_release;
#endif
