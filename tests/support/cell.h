/*
 * cell.h: a mount namespace of the test's own, so that real daemons, users and disks leave nothing
 * on the machine: everything mounted, and every folder made on the private /run, ends with the
 * process. Needs root; a test that cannot have it fails and says so.
 */
#ifndef SUPPORT_CELL_H
#define SUPPORT_CELL_H

/*
 * Enters it: /run, /tmp and /dev/disk are empty and private, and /etc/passwd has further users, all
 * with uid 0: `sshd`, `tester` and `guest`. Called once, before anything else.
 */
void cell_enter(void);

/* Runs a line of shell and ends the test if it fails. */
void cell_run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Starts a program that ends with this process; cell_end() ends it earlier. Returns its pid. */
int cell_start(const char *const *argv);
void cell_end(int pid);
#endif
