/*
 * shell.h: the few commands that a virtual machine knows. Lines of words with '...', "..." and \,
 * joined by && || ; and newlines; `sudo`, `sudo -n` and `exec` in front are passed over.
 *
 *	true, false, sync, mkdir
 *	systemctl start|stop|restart|is-active app
 *	mkfs.ext4 DISK, mount DISK PLACE, umount PLACE, mountpoint PLACE
 *
 * A DISK is /dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol..., as on EC2.
 */
#ifndef SANDBOX_VIRTUAL_SHELL_H
#define SANDBOX_VIRTUAL_SHELL_H

#include "sandbox/api/request.h"
#include "sandbox/virtual/guests.h"

#define VIRTUAL_SERVICE "app"

/* Runs the lines; sets ret's exit code to the last command's, 127 for one that is not known. */
void virtual_shell_run(struct virtual_guest *g, const char *lines, struct api_guest_answer *ret);
#endif
