/* setting.h: how a history begins: machines, volumes, addresses and plans, drawn from the seed. */
#ifndef SIMULATION_SETTING_H
#define SIMULATION_SETTING_H

#include "history.h"

/* Opens the stage and fills it; all machines run and serve when it returns. */
void setting_draw(struct history *h);
#endif
