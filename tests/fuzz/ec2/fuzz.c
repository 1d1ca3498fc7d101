/*
 * A reply of EC2 of any bytes, through every reader of replies, into a world: what AWS, or what
 * pretends to be it, can do to us. The readers take what is there and leave the rest empty.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/elements.h"
#include "aws/failure.h"
#include "aws/lookup.h"
#include "cloud/absorb.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* The ids of tests/fuzz/ec2/corpus, so that what is read is absorbed as well. */
static void follow(struct world *w)
{
	*w = (struct world){ .blue.id = "i-0b1ae0b1ae0b1ae00", .green.id = "i-09ree09ree09ree00" };
	if (!world_follow_volume(w, "vol-0da7a0da7a0da7a00") ||
		!world_follow_address(w, "eipalloc-0add0add0add0add0"))
		abort();
}

static void read_items(
	const struct lookup_row *row, const struct query *q, const struct xml_element *set, struct world *w)
{
	for (const struct xml_element *i = element_items(set, row->set); i; i = xml_next(i)) {
		struct sighting s;

		row->read(i, 1, &s);
		if (!row->is_about || row->is_about(&s, q))
			world_absorb(w, &s);
	}
}

/* As aws/lookup.c walks through a reply. */
static void read_row(enum query_kind kind, const struct xml_element *root, struct world *w)
{
	const struct lookup_row *row = lookup_row_find(kind);
	const struct query q = { .kind = kind, .id = "vol-0da7a0da7a0da7a00" };

	if (!row)
		return;
	if (!row->outer)
		read_items(row, &q, root, w);
	else
		for (const struct xml_element *i = element_items(root, row->outer); i; i = xml_next(i))
			read_items(row, &q, i, w);
}

/* What surveys and the replies to effects are read with. */
static void read_others(const struct xml_element *root, struct world *w)
{
	auto_arena a = ARENA_INIT;
	struct blueprint print = { .group_count = 0 };
	struct sighting s = { .kind = SIGHTING_VOLUME };
	const struct xml_element *i = element_items(element_items(root, "reservationSet"), "instancesSet");

	element_attachment(root, 2, &s.volume);
	world_absorb(w, &s);
	if (i)
		element_blueprint(i, &a, &print);
	if ((i = element_items(root, "volumeSet")))
		element_root_volume(i, &a, &print);
}

static void read_failure(const uint8_t *bytes, size_t len)
{
	auto_error err = ERROR_INIT;
	char *body = strndup((const char *)bytes, len);
	struct http_reply reply = {
		.status = 400, .body = body, .body_len = strlen(body), .date = "", .request_id = ""
	};

	failure_of_reply(action_get(ACTION_ATTACH_VOLUME), &reply, 0, &err);
	if (!err.kind || !err.message)
		abort(); /* a failure says what it is */
	free(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	const struct xml_element *root;
	struct world w;

	read_failure(bytes, len);
	if (!xml_read((const char *)bytes, len, &a, &root, &err))
		return 0;
	follow(&w);
	for (enum query_kind k = 0; k < QUERY_KIND_COUNT; k++)
		read_row(k, root, &w);
	read_others(root, &w);
	return 0;
}
