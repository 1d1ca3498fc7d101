/* virtual.h: orders behind which there is nothing: each succeeds at once. For tests and simulation. */
#ifndef SANDBOX_MODEL_VIRTUAL_H
#define SANDBOX_MODEL_VIRTUAL_H

#include "sandbox/model/model.h"

struct model_orders model_virtual_orders(void);
#endif
