/*
 * ssh_key.h: can this user key be used at all? Asked before connecting, because the server's
 * refusal would only say "no". Formats: OpenSSH's (PROTOCOL.key in OpenSSH's sources) and PEM.
 */
#ifndef NET_SSH_KEY_H
#define NET_SSH_KEY_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Fails if the private key at path is missing or unreadable, encrypted, or of a type that libssh2
 * 1.10 cannot log in with (RSA: it signs with SHA-1 only, which sshd refuses since OpenSSH 8.8).
 */
bool ssh_key_check(const char *path, struct error *err) MUST_USE;
#endif
