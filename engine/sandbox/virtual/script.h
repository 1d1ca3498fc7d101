/*
 * script.h: what Changeover sends to the root shell of a machine (templates/guest), played by a virtual
 * one: the variables that the script begins with are read, its name is taken from the first line of its
 * own part ("# quiesce.sh: ..."), and what it does is done to the machine's state. What the real script
 * says, and what it refuses, is said and refused here, word for word where the engine reads it.
 */
#ifndef SANDBOX_VIRTUAL_SCRIPT_H
#define SANDBOX_VIRTUAL_SCRIPT_H

#include "sandbox/virtual/shell.h"

/* False if the text is no such script; then ret is as it was. */
bool virtual_script_play(
	struct virtual_guest *g, const struct api_guest_command *c, struct api_guest_answer *ret);
#endif
