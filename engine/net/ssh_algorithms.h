/*
 * ssh_algorithms.h: the algorithms that we offer, pinned, and what to say when a server has none
 * of them. libssh2's own offer still lists 3DES, RC4, CBC modes and MD5.
 */
#ifndef NET_SSH_ALGORITHMS_H
#define NET_SSH_ALGORITHMS_H

#include <libssh2.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Pins the offer of a session that has not shaken hands yet. Host key types that `trusted` (lines
 * "type base64") names come first: a key of another type could not be verified.
 */
bool ssh_pin_algorithms(LIBSSH2_SESSION *ssh, const char *trusted, struct error *err) MUST_USE;

/*
 * After a failed handshake: reads the server's offer (SSH_MSG_KEXINIT, RFC 4253, 7.1, sent in the
 * clear) from the first bytes that it sent, and records what it lacks and how to mend that. False,
 * with err still empty, if nothing is missing there.
 */
bool ssh_name_missing_algorithm(const void *first_bytes, size_t len, struct error *err);
#endif
