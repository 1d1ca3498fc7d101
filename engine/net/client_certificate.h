/* client_certificate.h: who is at the other end of a TLS connection that we serve. */
#ifndef NET_CLIENT_CERTIFICATE_H
#define NET_CLIENT_CERTIFICATE_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

/*
 * Writes the common name of the client's certificate into ret, if the connection has one that the
 * credentials' authorities vouch for, that is valid now and that may be used for clients. False if not, or if
 * the name is empty, does not fit, or holds bytes that are no printable ASCII: names of hosts do not.
 */
bool client_certificate_name(gnutls_session_t session, char *ret, size_t size) MUST_USE;
#endif
