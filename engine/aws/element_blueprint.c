/* How an instance was launched, read off its <item> and its root volume's. */
#include "aws/elements.h"

#include <string.h>

#include "base/text.h"
#include "cloud/tags.h"

static const char *text_at(const struct xml_element *e, const char *path, struct arena *arena)
{
	const char *text = xml_text(e, path);

	return *text ? arena_copy(arena, text) : NULL;
}

static size_t count_items(const struct xml_element *first)
{
	size_t count = 0;

	for (; first; first = xml_next(first))
		count++;
	return count;
}

static void read_groups(const struct xml_element *e, struct arena *arena, struct blueprint *ret)
{
	const struct xml_element *g = element_items(e, "groupSet");
	const char **ids = arena_array(arena, count_items(g), sizeof(*ids));

	for (; g; g = xml_next(g))
		ids[ret->group_count++] = arena_copy(arena, xml_text(g, "groupId"));
	ret->group_ids = ids;
}

/* aws: tags cannot be set by anyone but AWS; ours belong to the rebuild that set them. */
static void read_tags(const struct xml_element *e, struct arena *arena, struct blueprint *ret)
{
	const struct xml_element *t = element_items(e, "tagSet");
	struct tag *tags = arena_array(arena, count_items(t), sizeof(*tags));

	for (; t; t = xml_next(t)) {
		const char *key = xml_text(t, "key");

		if (text_starts_with(key, "aws:") || text_starts_with(key, TAG_PREFIX))
			continue;
		tags[ret->tag_count++] = (struct tag){
			.key = arena_copy(arena, key),
			.value = arena_copy(arena, xml_text(t, "value")),
		};
	}
	ret->tags = tags;
}

/* An address that came with the launch belongs to amazon; an Elastic IP to the account. */
static bool has_launched_address(const struct xml_element *e)
{
	const struct xml_element *n = element_items(e, "networkInterfaceSet");

	for (; n; n = xml_next(n))
		if (!strcmp(xml_text(n, "association/ipOwnerId"), "amazon"))
			return true;
	return false;
}

static void read_metadata_options(const struct xml_element *e, struct arena *arena, struct blueprint *ret)
{
	const struct xml_element *options = xml_child(e, "metadataOptions");

	ret->http_tokens = text_at(options, "httpTokens", arena);
	ret->http_endpoint = text_at(options, "httpEndpoint", arena);
	ret->instance_metadata_tags = text_at(options, "instanceMetadataTags", arena);
	ret->http_hop_limit = element_number(options, "httpPutResponseHopLimit");
}

void element_blueprint(const struct xml_element *e, struct arena *arena, struct blueprint *ret)
{
	const char *monitoring = xml_text(e, "monitoring/state");

	*ret = (struct blueprint){
		.instance_id = text_at(e, "instanceId", arena),
		.instance_type = text_at(e, "instanceType", arena),
		.architecture = text_at(e, "architecture", arena),
		.zone = text_at(e, "placement/availabilityZone", arena),
		.tenancy = text_at(e, "placement/tenancy", arena),
		.placement_group = text_at(e, "placement/groupName", arena),
		.subnet_id = text_at(e, "subnetId", arena),
		.private_ip = text_at(e, "privateIpAddress", arena),
		.key_name = text_at(e, "keyName", arena),
		.profile_arn = text_at(e, "iamInstanceProfile/arn", arena),
		.ebs_optimized = element_bool(e, "ebsOptimized"),
		.monitoring = !strcmp(monitoring, "enabled") || !strcmp(monitoring, "pending"),
		.public_ip = has_launched_address(e),
		.root_device = text_at(e, "rootDeviceName", arena),
	};
	read_groups(e, arena, ret);
	read_tags(e, arena, ret);
	read_metadata_options(e, arena, ret);
	for (const struct xml_element *d = element_items(e, "blockDeviceMapping"); d; d = xml_next(d))
		if (ret->root_device && !strcmp(xml_text(d, "deviceName"), ret->root_device))
			ret->root_delete_on_termination = element_bool(d, "ebs/deleteOnTermination");
}

void element_root_volume(const struct xml_element *e, struct arena *arena, struct blueprint *ret)
{
	ret->root_size_gib = element_number(e, "size");
	ret->root_type = text_at(e, "volumeType", arena);
	ret->root_iops = element_number(e, "iops");
	ret->root_throughput = element_number(e, "throughput");
	ret->root_encrypted = element_bool(e, "encrypted");
	ret->root_kms_key = text_at(e, "kmsKeyId", arena);
}
