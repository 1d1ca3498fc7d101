/*
 * loop_device.h: a file as a disk (loop(4)). The kernel clears the device by itself when the last
 * one lets go of it (auto-clear): us, by closing or by dying, and whoever has it mounted.
 *
 * Nothing stops a second device on the same file, with caches of its own: callers keep the book.
 */
#ifndef SANDBOX_LOOP_DEVICE_H
#define SANDBOX_LOOP_DEVICE_H

#include <stdbool.h>

#include "base/error.h"

enum { LOOP_MAJOR = 7 };

struct loop_device {
	int fd;     /* -1: none */
	int number; /* N of /dev/loopN, and its minor device number */
};

#define LOOP_DEVICE_INIT                                                                                     \
	{                                                                                                    \
		.fd = -1                                                                                     \
	}

/* Puts the file behind a free loop device. */
bool loop_attach(const char *image, struct loop_device *ret, struct error *err) MUST_USE;

/* Writes to the file what is still in the device's cache. */
bool loop_flush(const struct loop_device *l, struct error *err) MUST_USE;

/*
 * Takes the device for us alone, so that nobody mounts it from here on; gives a descriptor to
 * close. ERROR_CONFLICT while it is mounted, or opened exclusively, by anybody.
 */
bool loop_claim(const struct loop_device *l, int *ret_claim, struct error *err) MUST_USE;

/*
 * Lets go of the device, which leaves *l empty. ERROR_CONFLICT, and *l as it was, if somebody still
 * has it open: the file may be written to then.
 */
bool loop_detach(struct loop_device *l, const char *image, struct error *err) MUST_USE;

/* Lets go without looking: the kernel clears the device when the last user is gone. */
void loop_abandon(struct loop_device *l);

/* Clears the devices of all files in the folder, or has them cleared once they are no longer used. */
void loop_clear_folder(const char *folder);
#endif
