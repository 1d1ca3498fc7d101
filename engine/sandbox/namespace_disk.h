/*
 * namespace_disk.h: a disk as it appears in a guest's /dev: /dev/nvmeXn1 and the links to it by
 * volume id that udev makes on EC2 (60-persistent-storage.rules; facts.md section 7):
 * /dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123... and the same with _1, the namespace.
 *
 * `dev` is a descriptor of the guest's /dev. False with errno; nothing is allocated.
 */
#ifndef SANDBOX_NAMESPACE_DISK_H
#define SANDBOX_NAMESPACE_DISK_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/compiler.h"

struct guest_disk {
	char serial[32]; /* the volume's id without its dash */
	int index;       /* X of nvmeXn1, from 1: 0 is the root's on EC2 */
	dev_t device;
};

bool namespace_disk_add(int dev, const struct guest_disk *d) MUST_USE;
bool namespace_disk_remove(int dev, const struct guest_disk *d) MUST_USE;
#endif
