#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "wire/xml.h"

static const char REPLY[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			    "<DescribeVolumesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\n"
			    "  <requestId>59dbff89</requestId>\n"
			    "  <volumeSet>\n"
			    "    "
			    "<item><volumeId>vol-1</volumeId><attachmentSet><item><status>attached</status></"
			    "item></attachmentSet>"
			    "</item>\n"
			    "    <other/>\n"
			    "    <item><volumeId>vol-2</volumeId><attachmentSet/></item>\n"
			    "  </volumeSet>\n"
			    "</DescribeVolumesResponse>";

static const struct xml_element *read_xml(const char *bytes, struct arena *a)
{
	const struct xml_element *root = NULL;
	auto_error err = ERROR_INIT;

	if (!xml_read(bytes, strlen(bytes), a, &root, &err))
		fail_msg("%s", err.message);
	return root;
}

static void assert_refused(const char *bytes, size_t len, const char *reason)
{
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	const struct xml_element *root = NULL;

	assert_false(xml_read(bytes, len, &a, &root, &err));
	assert_null(root);
	assert_int_equal(err.kind, ERROR_REMOTE);
	if (!strstr(err.message, reason))
		fail_msg("`%s` does not say `%s`", err.message, reason);
}

static void elements_are_found_by_name_and_path(void **state)
{
	auto_arena a = ARENA_INIT;
	const struct xml_element *root = read_xml(REPLY, &a), *item;

	(void)state;
	assert_string_equal(root->name, "DescribeVolumesResponse");
	assert_string_equal(xml_text(root, "requestId"), "59dbff89");
	assert_string_equal(xml_text(root, "volumeSet/item/attachmentSet/item/status"), "attached");
	item = xml_child(xml_child(root, "volumeSet"), "item");
	assert_string_equal(xml_text(item, "volumeId"), "vol-1");
	item = xml_next(item);
	assert_string_equal(xml_text(item, "volumeId"), "vol-2");
	assert_null(xml_next(item));
}

static void what_is_absent_reads_as_empty_and_can_be_told(void **state)
{
	auto_arena a = ARENA_INIT;
	const struct xml_element *root = read_xml(REPLY, &a);

	(void)state;
	assert_string_equal(xml_text(root, "nextToken"), "");
	assert_string_equal(xml_text(root, "a/b/c"), "");
	assert_string_equal(xml_text(NULL, "a"), "");
	assert_null(xml_find(root, "volumeSet/volume"));
	assert_null(xml_child(NULL, "a"));
	assert_null(xml_child(root, "request")); /* not by a part of the name */
	assert_null(xml_child(root, "requestIds"));
}

static void text_is_joined_and_space_between_elements_is_dropped(void **state)
{
	auto_arena a = ARENA_INIT;
	const struct xml_element *root = read_xml("<a><b> x &amp; <![CDATA[<y>]]>&#233;\n</b>\n</a>", &a);

	(void)state;
	assert_string_equal(xml_text(root, "b"), " x & <y>\xc3\xa9\n");
	assert_string_equal(root->text, "");
}

static void namespace_prefixes_are_dropped(void **state)
{
	auto_arena a = ARENA_INIT;
	const struct xml_element *root = read_xml("<e:a xmlns:e=\"urn:x\"><e:b>1</e:b></e:a>", &a);

	(void)state;
	assert_string_equal(root->name, "a");
	assert_string_equal(xml_text(root, "b"), "1");
}

/* A lost connection must not look like a short list. */
static void a_reply_cut_anywhere_is_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len < strlen(REPLY); len++)
		assert_refused(REPLY, len, "malformed XML in line");
}

static void malformed_xml_is_refused_with_its_place(void **state)
{
	(void)state;
	assert_refused("<a>\n  <b></c>\n</a>", 18, "line 2, column 8: mismatched tag");
	assert_refused("not xml", 7, "line 1");
	assert_refused("<a/><b/>", 8, "line 1");
	assert_refused("<a>\xff</a>", 8, "line 1");
	assert_refused("<a>&nbsp;</a>", 13, "undefined entity");
}

/* Entities come with a document type: neither bombs nor files can be named without one. */
static void a_document_type_is_refused(void **state)
{
	static const char BOMB[] =
		"<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\"><!ENTITY y \"&x;&x;&x;\">]><a>&y;</a>";

	(void)state;
	assert_refused(BOMB, strlen(BOMB), "document type");
	assert_refused("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", 44, "document type");
}

static void depth_is_capped(void **state)
{
	auto_text fits, deep;
	auto_arena a = ARENA_INIT;

	(void)state;
	text_init(&fits, 1000);
	text_init(&deep, 1000000);
	for (int i = 0; i < XML_DEPTH_MAX; i++)
		text_add(&fits, "<a>");
	for (int i = 0; i < XML_DEPTH_MAX; i++)
		text_add(&fits, "</a>");
	for (int i = 0; i < 100000; i++)
		text_add(&deep, "<a>");
	read_xml(fits.bytes, &a);
	assert_refused(deep.bytes, deep.len, "nested too deep");
	deep.len = XML_DEPTH_MAX * strlen("<a>");
	deep.bytes[deep.len] = '\0';
	text_add(&deep, "<a/>"); /* expat still calls the end handler of an empty element */
	assert_refused(deep.bytes, deep.len, "nested too deep");
}

static void the_number_of_elements_is_capped(void **state)
{
	auto_text t;

	(void)state;
	text_init(&t, 4 * 1024 * 1024);
	text_add(&t, "<a>");
	for (int i = 0; i < XML_ELEMENTS_MAX; i++)
		text_add(&t, "<b/>");
	text_add(&t, "</a>");
	assert_refused(t.bytes, t.len, "too many elements");
}

static void whatever_is_escaped_reads_back_the_same(void **state)
{
	static const char TRICKY[] = "a<b> & \"c\" 'd' ]]>\r\n\ttab \xc3\xa9";
	auto_arena a = ARENA_INIT;
	auto_text t;

	(void)state;
	text_init(&t, 1000);
	xml_add(&t, "output", TRICKY);
	assert_string_equal(read_xml(t.bytes, &a)->text, TRICKY);
}

static void what_xml_cannot_hold_is_replaced(void **state)
{
	auto_arena a = ARENA_INIT;
	auto_text t;

	(void)state;
	text_init(&t, 1000);
	xml_add(&t, "x", "a\x01\x1b\xff z");
	assert_string_equal(read_xml(t.bytes, &a)->text, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_are_found_by_name_and_path),
		cmocka_unit_test(what_is_absent_reads_as_empty_and_can_be_told),
		cmocka_unit_test(text_is_joined_and_space_between_elements_is_dropped),
		cmocka_unit_test(namespace_prefixes_are_dropped),
		cmocka_unit_test(a_reply_cut_anywhere_is_refused),
		cmocka_unit_test(malformed_xml_is_refused_with_its_place),
		cmocka_unit_test(a_document_type_is_refused),
		cmocka_unit_test(depth_is_capped),
		cmocka_unit_test(the_number_of_elements_is_capped),
		cmocka_unit_test(whatever_is_escaped_reads_back_the_same),
		cmocka_unit_test(what_xml_cannot_hold_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
