/*
 * known_hosts.h: looking up a host's keys as ssh does (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT):
 * lists, wildcards and negation, hashed names, [host]:port, @revoked. Certificate authorities
 * (@cert-authority) are left out: libssh2 does not speak certificates.
 */
#ifndef NET_KNOWN_HOSTS_H
#define NET_KNOWN_HOSTS_H

#include <stdbool.h>

#include "base/text.h"

/*
 * Appends "type base64\n" for each key that the file's text gives for host and port to keys, and
 * for each key that it revokes for them to revoked. Lines that cannot be read are passed over.
 */
void known_hosts_find(const char *text, const char *host, int port, struct text *keys, struct text *revoked);
#endif
