/* host_key.h: the host key of a virtual machine: ECDSA on P-256, as a file for its sshd and in words. */
#ifndef SANDBOX_VIRTUAL_HOST_KEY_H
#define SANDBOX_VIRTUAL_HOST_KEY_H

#include "base/error.h"
#include "base/text.h"

/*
 * Makes a new one, in place of an old one, in the file `path`, for its owner alone (NULL: nowhere).
 * Appends "ecdsa-sha2-nistp256 BASE64" to ret_public and "256 SHA256:BASE64" to ret_print, as ssh-keygen
 * would show them.
 */
bool host_key_make(
	const char *path, struct text *ret_public, struct text *ret_print, struct error *err) MUST_USE;
#endif
