/*
 * elements.h: the elements of EC2's replies, read as the vocabulary of cloud/world.h. What is absent
 * becomes "" or 0, as EC2 leaves out what is empty. Names: EC2 API 2016-11-15.
 */
#ifndef AWS_ELEMENTS_H
#define AWS_ELEMENTS_H

#include <stdint.h>

#include "base/arena.h"
#include "cloud/blueprint.h"
#include "cloud/world.h"
#include "wire/xml.h"

/* Each fills *ret from one <item> (or the root of a reply that has the fields there). */
void element_instance(const struct xml_element *e, int64_t asked_ms, struct instance *ret);
void element_status(const struct xml_element *e, int64_t asked_ms, struct status *ret);
void element_volume(const struct xml_element *e, int64_t asked_ms, struct volume *ret);
void element_snapshot(const struct xml_element *e, int64_t asked_ms, struct snapshot *ret);
void element_address(const struct xml_element *e, int64_t asked_ms, struct address *ret);
void element_image(const struct xml_element *e, int64_t asked_ms, struct image *ret);

/* The attachment that AttachVolume and DetachVolume answer with: only id, holder and states are known. */
void element_attachment(const struct xml_element *e, int64_t asked_ms, struct volume *ret);

/* What of a blueprint stands in an instance's <item>; texts are copied to the arena. */
void element_blueprint(const struct xml_element *e, struct arena *arena, struct blueprint *ret);

/* The root volume's part of a blueprint, from a volume's <item>. */
void element_root_volume(const struct xml_element *e, struct arena *arena, struct blueprint *ret);

/* The value of the tag in an element's tagSet; "" if it has none. */
const char *element_tag(const struct xml_element *e, const char *key);

/* The text at path as a number, and as a truth. */
int element_number(const struct xml_element *e, const char *path);
bool element_bool(const struct xml_element *e, const char *path);

/* The first and the following <item> of a set; NULL at the end. */
const struct xml_element *element_items(const struct xml_element *e, const char *set);
#endif
