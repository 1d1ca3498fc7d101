/*
 * images.c: machine images. An ImageLocation is what it is on this machine's disk: the absolute path
 * of a root folder, or several separated by colons, topmost first, as overlay layers.
 */
#include <string.h>

#include "sandbox/api/actions.h"
#include "sandbox/api/describe.h"
#include "sandbox/model/images.h"
#include "sandbox/model/places.h"

static const char *const ARCHITECTURES[] = { "x86_64", "arm64", NULL };
static const char *const VIRTUALIZATIONS[] = { "hvm", NULL };
static const char *const TAGGABLE[] = { "image", "snapshot", NULL };

static void write_mapping(struct request *r, const struct model_mapping *b)
{
	reply_open(r, "item");
	reply_text(r, "deviceName", b->device);
	reply_open(r, "ebs");
	reply_text(r, "snapshotId", b->snapshot_id);
	reply_int(r, "volumeSize", b->size_gib);
	reply_bool(r, "deleteOnTermination", !b->keep);
	reply_text(r, "volumeType", b->type);
	reply_bool(r, "encrypted", b->encrypted);
	reply_close(r, "ebs");
	reply_close(r, "item");
}

static void write_image(struct request *r, const void *item)
{
	const struct model_image *i = item;

	reply_text(r, "imageId", i->id);
	reply_text(r, "imageLocation", i->location);
	reply_text(r, "imageState", "available");
	reply_text(r, "imageOwnerId", MODEL_ACCOUNT);
	reply_bool(r, "isPublic", false);
	reply_text(r, "architecture", i->architecture);
	reply_text(r, "imageType", "machine");
	reply_text(r, "name", i->name);
	reply_text(r, "description", i->description);
	reply_time(r, "creationDate", i->created_ms);
	reply_text(r, "rootDeviceType", "ebs");
	reply_text(r, "rootDeviceName", i->root_device);
	reply_open(r, "blockDeviceMapping");
	for (size_t b = 0; b < i->mapping_count; b++)
		write_mapping(r, &i->mappings[b]);
	reply_close(r, "blockDeviceMapping");
	reply_text(r, "virtualizationType", "hvm");
	reply_text(r, "hypervisor", "xen");
	reply_bool(r, "enaSupport", true);
	reply_tags(r, &i->tags);
}

static bool by_id(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_image *)item)->id);
}

static bool by_name(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_image *)item)->name);
}

static bool by_architecture(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_image *)item)->architecture);
}

static bool by_state(const struct request *r, const void *item, const char *pattern)
{
	(void)r, (void)item;
	return filter_matches(pattern, "available");
}

static bool by_owner(const struct request *r, const void *item, const char *pattern)
{
	(void)r, (void)item;
	return filter_matches(pattern, MODEL_ACCOUNT);
}

static bool by_root_type(const struct request *r, const void *item, const char *pattern)
{
	(void)r, (void)item;
	return filter_matches(pattern, "ebs");
}

static bool by_virtualization(const struct request *r, const void *item, const char *pattern)
{
	(void)r, (void)item;
	return filter_matches(pattern, "hvm");
}

static const struct filter FILTERS[] = {
	{ "architecture", by_architecture },
	{ "image-id", by_id },
	{ "name", by_name },
	{ "owner-id", by_owner },
	{ "root-device-type", by_root_type },
	{ "state", by_state },
	{ "virtualization-type", by_virtualization },
};

static const void *find(const struct model *m, const char *id, struct error *err)
{
	return model_find_image(m, id, err);
}

static bool is_shown(const struct model *m, const void *item)
{
	(void)m;
	return !((const struct model_image *)item)->deregistered;
}

static const struct model_tags *tags_of(const void *item)
{
	return &((const struct model_image *)item)->tags;
}

static const struct describe IMAGES = {
	.set = "imagesSet",
	.ids = "ImageId",
	.filters = FILTERS,
	.filter_count = ARRAY_SIZE(FILTERS),
	.items = model_images,
	.find = find,
	.shown = is_shown,
	.tags = tags_of,
	.write = write_image,
};

static bool describe_images(struct request *r, struct error *err)
{
	if (!describe_owned(r, "Owner") || !describe_owned(r, "ExecutableBy")) {
		reply_open(r, "imagesSet");
		reply_close(r, "imagesSet");
		return true;
	}
	return describe_reply(r, &IMAGES, err);
}

static bool check_location(const char *location, struct error *err)
{
	for (const char *layer = location; layer; layer = strchr(layer, ':')) {
		layer += *layer == ':';
		if (*layer != '/')
			return model_refuse(err, "InvalidParameterValue",
				"Value (%s) for parameter imageLocation is invalid. Expected: absolute "
				"paths of root folders, topmost first, separated by colons.",
				location);
	}
	return true;
}

static bool register_image(struct request *r, struct error *err)
{
	struct model_image_request q = {
		.name = request_text(r, "Name"),
		.description = request_text(r, "Description"),
		.location = request_text(r, "ImageLocation"),
		.architecture = ARCHITECTURES[0],
		.root_device =
			request_text(r, "RootDeviceName") ? request_text(r, "RootDeviceName") : "/dev/xvda",
	};
	const char *virtualization = VIRTUALIZATIONS[0];
	const struct model_image *i;
	struct model_mapping *mappings;
	struct model_tags tags;

	if (!request_choice(r, "Architecture", ARCHITECTURES, &q.architecture, err) ||
		!request_choice(r, "VirtualizationType", VIRTUALIZATIONS, &virtualization, err) ||
		!request_mappings(r, &mappings, &q.mapping_count, err) || !check_location(q.location, err) ||
		!request_tag_specification(r, TAGGABLE, "image", &tags, err))
		return false;
	q.mappings = mappings;
	q.tags = &tags;
	if (!model_register_image(r->model, &q, r->dry_run, &i, err))
		return false;
	reply_text(r, "imageId", i->id);
	return true;
}

static bool deregister_image(struct request *r, struct error *err)
{
	if (!model_deregister_image(r->model, request_text(r, "ImageId"), r->dry_run, err))
		return false;
	reply_done(r);
	return true;
}

static const struct action ROWS[] = {
	{
		.name = "DescribeImages",
		.summary = "registered images",
		.params = "ImageId.N Owner.N ExecutableBy.N IncludeDeprecated IncludeDisabled Filter.N.Name "
			  "Filter.N.Value.N MaxResults NextToken",
		.throttle = THROTTLE_READ,
		.handle = describe_images,
	},
	{
		.name = "RegisterImage",
		.summary = "make an image of root folders on this machine (ImageLocation)",
		.params = "Name! ImageLocation! Description Architecture RootDeviceName VirtualizationType "
			  "EnaSupport BlockDeviceMapping.N.DeviceName "
			  "BlockDeviceMapping.N.Ebs.DeleteOnTermination BlockDeviceMapping.N.Ebs.VolumeSize "
			  "BlockDeviceMapping.N.Ebs.VolumeType BlockDeviceMapping.N.Ebs.Iops "
			  "BlockDeviceMapping.N.Ebs.Throughput BlockDeviceMapping.N.Ebs.Encrypted "
			  "BlockDeviceMapping.N.Ebs.SnapshotId TagSpecification.N.ResourceType "
			  "TagSpecification.N.Tag.N.Key TagSpecification.N.Tag.N.Value",
		.mutates = true,
		.throttle = THROTTLE_MUTATE,
		.handle = register_image,
	},
	{
		.name = "DeregisterImage",
		.summary = "take an image away; its instances stay",
		.params = "ImageId!",
		.mutates = true,
		.throttle = THROTTLE_MUTATE,
		.handle = deregister_image,
	},
};

const struct action_set actions_images = { .rows = ROWS, .count = ARRAY_SIZE(ROWS) };
