/*
 * disk.h: real disks for tests, inside the test's cell (cell.h): loop devices on files in memory,
 * found by volume id under /dev/disk/by-id as EBS volumes are. The kernel takes the device away
 * when the last user of it is gone.
 */
#ifndef SUPPORT_DISK_H
#define SUPPORT_DISK_H

struct test_disk {
	char volume_id[32], device[32], uuid[64];
	int fd;
};

/* Makes one of 32 MiB with an ext4 filesystem, attached. */
void test_disk_make(struct test_disk *d, const char *volume_id);

/* What the link under /dev/disk/by-id shows: the disk comes and goes with it. */
void test_disk_attach(const struct test_disk *d);
void test_disk_detach(const struct test_disk *d);

void test_disk_free(struct test_disk *d);
#endif
