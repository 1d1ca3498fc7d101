#include "wire/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "wire/utf8.h"

/* The tree as it grows: open[depth - 1] is the element being read. */
struct building {
	XML_Parser parser;
	struct arena *arena;
	struct xml_element *open[XML_DEPTH_MAX], *last[XML_DEPTH_MAX]; /* last: the newest child of open */
	size_t depth, count;
	struct xml_element *root;
	struct text text;    /* character data since the last tag */
	const char *refused; /* why we stopped expat ourselves; NULL if we did not */
};

static void refuse(struct building *b, const char *why)
{
	b->refused = why;
	XML_StopParser(b->parser, XML_FALSE);
}

static const char *without_prefix(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

static void link_child(struct building *b, struct xml_element *e)
{
	size_t parent = b->depth - 1;

	if (!b->depth)
		b->root = e;
	else if (b->last[parent])
		b->last[parent]->next = e;
	else
		b->open[parent]->first = e;
	if (b->depth)
		b->last[parent] = e;
}

static void XMLCALL on_start(void *ctx, const char *name, const char **attributes)
{
	struct building *b = ctx;
	struct xml_element *e;

	(void)attributes;
	if (b->depth == XML_DEPTH_MAX) {
		refuse(b, "elements are nested too deep");
		return;
	}
	if (++b->count > XML_ELEMENTS_MAX) {
		refuse(b, "there are too many elements");
		return;
	}
	e = arena_alloc(b->arena, sizeof(*e));
	*e = (struct xml_element){ .name = arena_copy(b->arena, without_prefix(name)), .text = "" };
	link_child(b, e);
	b->open[b->depth] = e;
	b->last[b->depth++] = NULL;
	text_clear(&b->text);
}

static void XMLCALL on_end(void *ctx, const char *name)
{
	struct building *b = ctx;
	struct xml_element *e;

	(void)name;
	if (b->refused) /* expat still ends an empty element that it was stopped in */
		return;
	e = b->open[--b->depth];
	if (!e->first && b->text.len)
		e->text = arena_copy_bytes(b->arena, b->text.bytes, b->text.len);
	text_clear(&b->text);
}

static void XMLCALL on_text(void *ctx, const char *s, int len)
{
	struct building *b = ctx;

	text_add_bytes(&b->text, s, (size_t)len);
}

static void XMLCALL on_doctype(
	void *ctx, const char *name, const char *system_id, const char *public_id, int has_internal_subset)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_internal_subset;
	refuse(ctx, "a document type is not accepted");
}

static bool parse(struct building *b, const char *bytes, size_t len, struct error *err)
{
	XML_SetUserData(b->parser, b);
	XML_SetElementHandler(b->parser, on_start, on_end);
	XML_SetCharacterDataHandler(b->parser, on_text);
	XML_SetStartDoctypeDeclHandler(b->parser, on_doctype);
	if (XML_Parse(b->parser, bytes, (int)len, XML_TRUE) == XML_STATUS_OK)
		return true;
	return error_set(err, ERROR_REMOTE, "malformed XML in line %lu, column %lu: %s",
		(unsigned long)XML_GetCurrentLineNumber(b->parser),
		(unsigned long)XML_GetCurrentColumnNumber(b->parser) + 1,
		b->refused ? b->refused : XML_ErrorString(XML_GetErrorCode(b->parser)));
}

bool xml_read(
	const char *bytes, size_t len, struct arena *arena, const struct xml_element **ret, struct error *err)
{
	struct building b = { .arena = arena };
	bool done;

	if (len > XML_BYTES_MAX)
		return error_set(
			err, ERROR_REMOTE, "XML of %zu bytes: at most %d are read", len, XML_BYTES_MAX);
	b.parser = XML_ParserCreate(NULL);
	if (!b.parser)
		abort();
	text_init(&b.text, XML_BYTES_MAX);
	done = parse(&b, bytes, len, err);
	text_release(&b.text);
	XML_ParserFree(b.parser);
	if (done)
		*ret = b.root;
	return done;
}

static const struct xml_element *first_named(const struct xml_element *e, const char *name, size_t len)
{
	while (e && (strncmp(e->name, name, len) != 0 || e->name[len]))
		e = e->next;
	return e;
}

const struct xml_element *xml_child(const struct xml_element *e, const char *name)
{
	return e ? first_named(e->first, name, strlen(name)) : NULL;
}

const struct xml_element *xml_next(const struct xml_element *e)
{
	return first_named(e->next, e->name, strlen(e->name));
}

const struct xml_element *xml_find(const struct xml_element *e, const char *path)
{
	while (e && *path) {
		size_t len = strcspn(path, "/");

		e = first_named(e->first, path, len);
		path += len + (path[len] == '/');
	}
	return e;
}

const char *xml_text(const struct xml_element *e, const char *path)
{
	const struct xml_element *found = xml_find(e, path);

	return found ? found->text : "";
}

static const char *const ESCAPES[] = {
	['&'] = "&amp;",
	['<'] = "&lt;",
	['>'] = "&gt;",
	['"'] = "&quot;",
	['\''] = "&#39;",
	['\r'] = "&#13;", /* a bare CR would be read as LF (XML 1.0, 2.11) */
};

static bool is_forbidden(unsigned char c)
{
	return c < ' ' && c != '\t' && c != '\n' && c != '\r';
}

static void add_escaped(struct text *ret, const char *s)
{
	for (size_t left = strlen(s), step; left; s += step, left -= step) {
		unsigned char c = (unsigned char)*s;
		size_t len = utf8_character(s, left);

		step = len ? len : 1;
		if (c < ARRAY_SIZE(ESCAPES) && ESCAPES[c])
			text_add(ret, ESCAPES[c]);
		else if (!len || is_forbidden(c))
			text_add(ret, "\xef\xbf\xbd");
		else
			text_add_bytes(ret, s, len);
	}
}

void xml_add(struct text *ret, const char *name, const char *s)
{
	text_addf(ret, "<%s>", name);
	add_escaped(ret, s);
	text_addf(ret, "</%s>", name);
}
