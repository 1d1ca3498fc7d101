/*
 * real.h: the model's orders carried out by the machinery: machines, disks and routes that exist.
 *
 * Calling order: real_open() enters the sandbox's own network namespace; real_close() takes down
 * everything that was made. Both as machinery.h says.
 */
#ifndef SANDBOX_REAL_H
#define SANDBOX_REAL_H

#include <stdbool.h>
#include <uv.h>

#include "base/error.h"
#include "sandbox/api/request.h"
#include "sandbox/door.h"
#include "sandbox/model/model.h"

struct real;

/* Told when a snapshot's copy is complete (err NULL) or could not be made. */
typedef void real_copied(void *ctx, const char *snapshot_id, const struct error *err);

bool real_open(uv_loop_t *loop, const char *state_dir, struct real **ret, struct error *err) MUST_USE;
void real_on_copied(struct real *r, real_copied *copied, void *ctx);

/* Must come before the first boot; else SSH does not pass through the sandbox. */
void real_on_ssh(struct real *r, door_ask *ask, void *ctx);
struct model_orders real_orders(struct real *r);
struct api_machines real_machines(struct real *r);
void real_close(struct real *r);
#endif
