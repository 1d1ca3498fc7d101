/*
 * machinery_watch.h: a child process, watched on the loop by its pidfd until it ends. No SIGCHLD:
 * that would meet the loop's own.
 */
#ifndef SANDBOX_MACHINERY_WATCH_H
#define SANDBOX_MACHINERY_WATCH_H

#include <sys/types.h>
#include <uv.h>

struct watch;

/* status as waitpid() gives it. The watch is gone when this is called. */
typedef void watch_ended(void *ctx, int status);

/* Takes over pidfd. ended is called once, from the loop, when the child has ended and is reaped. */
struct watch *watch_new(uv_loop_t *loop, pid_t pid, int pidfd, watch_ended *ended, void *ctx);

pid_t watch_pid(const struct watch *w);
void watch_signal(const struct watch *w, int signal_number);

/* Waits until the child has ended, here and now; `ended` is called from the loop all the same. */
void watch_wait(const struct watch *w);

/* Kills the child, waits until it is gone, and frees the watch without calling `ended`. */
void watch_kill(struct watch *w);
#endif
