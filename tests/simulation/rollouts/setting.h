/* setting.h: the plan and the fleet of a story, drawn. */
#ifndef ROLLOUTS_SETTING_H
#define ROLLOUTS_SETTING_H

#include "story.h"

void setting_draw_fleet(struct story *s);

/* Always the same plan: a canary, four waves, groups of five, a window at night; and so many machines. */
void setting_draw_large(struct story *s, size_t machines);

/* What was rebuilt goes back, newest first, with limits and nothing to wait for; false: there is nothing. */
bool setting_turn_round(struct story *s);
#endif
