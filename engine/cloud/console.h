/*
 * console.h: host keys from an instance's console, as cloud-init prints them:
 *
 *	-----BEGIN SSH HOST KEY KEYS-----
 *	ssh-ed25519 AAAA... root@host
 *	-----END SSH HOST KEY KEYS-----
 *
 * (canonical/cloud-init tools/write-ssh-key-fingerprints.) The block appears after sshd answers,
 * on the first boot only. Both markers are required, the last block counts, lines end in LF or
 * CR LF, and kernel messages may stand between key lines.
 */
#ifndef CLOUD_CONSOLE_H
#define CLOUD_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Copies the public key lines ("type base64", comments dropped, one per line) of the last complete
 * block into ret, which holds size bytes. False, and ret is "", if there is none.
 */
bool console_host_keys(const char *console, size_t len, char *ret, size_t size);
#endif
