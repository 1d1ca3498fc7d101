#include "support/disk.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "support/cell.h"

static int open_loop(char device[32], int file)
{
	struct loop_config config = { .fd = (unsigned)file, .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);

	for (int tries = 0; tries < 50; tries++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE), fd;

		snprintf(device, 32, "/dev/loop%d", number);
		fd = open(device, O_RDWR | O_CLOEXEC);
		if (fd >= 0 && !ioctl(fd, LOOP_CONFIGURE, &config)) {
			close(control);
			return fd;
		}
		if (fd >= 0)
			close(fd); /* somebody else was faster */
	}
	perror("loop device");
	exit(1);
}

static void read_uuid(struct test_disk *d)
{
	char line[64];
	FILE *f;

	snprintf(line, sizeof(line), "blkid -p -s UUID -o value %s", d->device);
	f = popen(line, "r");
	if (!f || !fgets(d->uuid, sizeof(d->uuid), f))
		exit(1);
	d->uuid[strcspn(d->uuid, "\n")] = '\0';
	pclose(f);
}

void test_disk_make(struct test_disk *d, const char *volume_id)
{
	char path[64];
	int file;

	snprintf(d->volume_id, sizeof(d->volume_id), "%s", volume_id);
	snprintf(path, sizeof(path), "/tmp/%s", volume_id);
	file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0 || ftruncate(file, 32 << 20))
		exit(1);
	d->fd = open_loop(d->device, file);
	close(file);
	cell_run("mkfs.ext4 -q %s", d->device);
	read_uuid(d);
	test_disk_attach(d);
}

void test_disk_attach(const struct test_disk *d)
{
	cell_run(
		"mkdir -p /dev/disk/by-id && ln -sf %s /dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol%s",
		d->device, d->volume_id + strlen("vol-"));
}

void test_disk_detach(const struct test_disk *d)
{
	cell_run("rm /dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol%s", d->volume_id + strlen("vol-"));
}

void test_disk_free(struct test_disk *d)
{
	close(d->fd);
}
