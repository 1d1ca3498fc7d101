/* words.h: the words that keys of the plan take, for plan/table.c. Each list ends in a row without a word. */
#ifndef PLAN_WORDS_H
#define PLAN_WORDS_H

#include "plan/keys.h"

extern const struct key_word words_bool[];
extern const struct key_word words_rehearse[];
extern const struct key_word words_host_key[];
extern const struct key_word words_strategy[];
extern const struct key_word words_verify[];
extern const struct key_word words_backup_wait[];
extern const struct key_word words_all[];
extern const struct key_word words_weekday[];
extern const struct key_word words_event[];
#endif
