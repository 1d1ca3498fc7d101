/*
 * namespace_root.h: the root folder of a guest, built inside its own mount namespace: nothing of it
 * is ever seen in the host's. Called in the cloned child; false with errno, nothing is allocated.
 *
 * This keeps guests from meeting the host by accident. It is no wall against a guest that means
 * harm: its root is the host's root with fewer capabilities.
 */
#ifndef SANDBOX_NAMESPACE_ROOT_H
#define SANDBOX_NAMESPACE_ROOT_H

#include <stdbool.h>

#include "base/compiler.h"

/* Keeps what is mounted here from now on from everybody else. */
bool namespace_mounts_private(void) MUST_USE;

/* Mounts the overlay on folder and the kernel's filesystems in it; it is the working directory then. */
bool namespace_root_mount(const char *folder, const char *overlay_options) MUST_USE;

/* Makes the working directory the root, and the old root unreachable. */
bool namespace_root_enter(void) MUST_USE;

/* For all programs started from here on: what would reach past the namespaces (the clock, modules, nodes). */
bool namespace_drop_capabilities(void) MUST_USE;
#endif
