/*
 * xml.h: the XML that AWS's Query APIs answer with, read into a tree, and escaping to write it.
 *
 * Attributes, comments and processing instructions are dropped: those APIs put nothing there.
 * A document type is refused, so that there are no entities beyond XML's own five.
 */
#ifndef WIRE_XML_H
#define WIRE_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum { XML_BYTES_MAX = 16 * 1024 * 1024, XML_DEPTH_MAX = 32, XML_ELEMENTS_MAX = 500000 };

struct xml_element {
	const char *name;                /* without namespace prefix */
	const char *text;                /* character data of an element without children; else "" */
	const struct xml_element *first; /* child, in document order */
	const struct xml_element *next;  /* sibling */
};

/*
 * Reads a document whose elements live in arena and gives its root. ERROR_REMOTE, with line and
 * column, if it is malformed or cut short; also if it has a document type or passes a cap.
 */
bool xml_read(const char *bytes, size_t len, struct arena *arena, const struct xml_element **ret,
	struct error *err) MUST_USE;

/* The first child of that name; NULL if there is none, or if e is NULL. */
const struct xml_element *xml_child(const struct xml_element *e, const char *name);

/* The next sibling of the same name, or NULL: for (i = xml_child(set, "item"); i; i = xml_next(i)). */
const struct xml_element *xml_next(const struct xml_element *e);

/* Follows first children by a path like "placement/availabilityZone"; NULL if one is absent. */
const struct xml_element *xml_find(const struct xml_element *e, const char *path);

/* The text at path below e; "" if it is absent, as EC2 leaves out what is empty. */
const char *xml_text(const struct xml_element *e, const char *path);

/*
 * Appends <name>s</name>, with & < > " ' escaped and CR as a reference, so that reading gives it back.
 * What XML 1.0 cannot hold (other control characters, bytes that are not UTF-8) becomes U+FFFD.
 */
void xml_add(struct text *ret, const char *name, const char *s);
#endif
