/* The published signing vectors and the EC2, Route 53 and SSM known answers, stage by stage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "base/file.h"

#define SUITE TESTS_DIR "/golden/sigv4"

enum { CASES = 38, ANSWERS = 5, HEADERS_MAX = 16, FILE_MAX = 16 * 1024 };

static const int64_t WHEN = INT64_C(1440938160000); /* 20150830T123600Z, in all vectors */

/* A request as a vector spells it; texts point into source. */
struct vector {
	char *source;
	char *method, *path, *query, *body;
	struct http_header headers[HEADERS_MAX];
	size_t header_count;
	const char *region, *service;
	bool verbatim_path;
};

static struct secret example_key(void)
{
	struct secret key = SECRET_INIT;

	secret_set(&key, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40);
	return key;
}

static char *read_named(const char *folder, const char *name)
{
	auto_error err = ERROR_INIT;
	char path[512];
	struct text text;

	text_init(&text, FILE_MAX);
	snprintf(path, sizeof(path), SUITE "/%s/%s", folder, name);
	if (!file_read(path, &text, &err))
		fail_msg("%s", err.message);
	return text.bytes;
}

static void add_header(struct vector *v, const char *name, const char *value)
{
	assert_true(v->header_count < HEADERS_MAX);
	v->headers[v->header_count++] = (struct http_header){ .name = name, .value = value };
}

/* Cuts "METHOD target HTTP/1.1"; the target may hold spaces. */
static void parse_first_line(struct vector *v, char *line)
{
	char *end = strrchr(line, ' '), *question;

	assert_non_null(end);
	*end = '\0';
	v->method = line;
	v->path = strchr(line, ' ');
	*v->path++ = '\0';
	question = strchr(v->path, '?');
	v->query = question ? question + 1 : v->path + strlen(v->path);
	if (question)
		*question = '\0';
}

/* Ends the line at s and returns the next one; a line that begins with white space continues the last. */
static char *cut_line(char *s)
{
	char *end = strchr(s, '\n');

	while (end && (end[1] == ' ' || end[1] == '\t'))
		end = strchr(end + 1, '\n');
	if (!end)
		return s + strlen(s);
	*end = '\0';
	return end + 1;
}

static void parse_request(struct vector *v, char *source)
{
	char *line = source, *next = cut_line(line);

	v->source = source;
	parse_first_line(v, line);
	for (line = next; *line && *line != '\n'; line = next) {
		char *colon = strchr(line, ':');

		next = cut_line(line);
		assert_non_null(colon);
		*colon = '\0';
		add_header(v, line, colon + 1);
	}
	v->body = *line ? line + 1 : line;
}

/* Cuts out the text that follows mark, up to a quotation mark; NULL if there is none. */
static char *cut_quoted(char *s, const char *mark)
{
	char *at = strstr(s, mark);

	if (!at)
		return NULL;
	at += strlen(mark);
	at[strcspn(at, "\"")] = '\0';
	return at;
}

static struct sigv4_request request_of(const struct vector *v)
{
	return (struct sigv4_request){
		.method = v->method,
		.path = v->path,
		.query = v->query,
		.headers = v->headers,
		.header_count = v->header_count,
		.body = v->body,
		.body_len = strlen(v->body),
		.verbatim_path = v->verbatim_path,
	};
}

struct expected {
	const char *canonical, *to_sign, *signature, *authorization;
};

static void assert_same(const char *name, const char *stage, const char *got, const char *expected)
{
	if (strcmp(got, expected) != 0)
		fail_msg("%s: %s\n--- got\n%s\n--- expected\n%s", name, stage, got, expected);
}

/* Each stage is fed with what was expected of the one before, so that a failure names its stage. */
static void assert_stages(const char *name, const struct vector *v, const struct expected *e)
{
	const struct sigv4_request r = request_of(v);
	const struct sigv4_scope scope = { .wall_ms = WHEN, .region = v->region, .service = v->service };
	unsigned char key[SIGV4_KEY_SIZE];
	char signature[SIGV4_SIGNATURE_SIZE];
	auto_secret secret = example_key();
	auto_text canonical, to_sign, authorization;

	text_init(&canonical, SIGV4_TEXT_MAX);
	text_init(&to_sign, SIGV4_TEXT_MAX);
	text_init(&authorization, SIGV4_TEXT_MAX);
	sigv4_canonical_request(&r, &canonical);
	assert_same(name, "canonical request", canonical.bytes, e->canonical);
	sigv4_string_to_sign(e->canonical, &scope, &to_sign);
	assert_same(name, "string to sign", to_sign.bytes, e->to_sign);
	sigv4_signing_key(&secret, &scope, key);
	sigv4_signature(key, e->to_sign, signature);
	assert_same(name, "signature", signature, e->signature);
	sigv4_authorization(&r, "AKIDEXAMPLE", &scope, e->signature, &authorization);
	assert_same(name, "authorization", authorization.bytes, e->authorization);
}

static void assert_whole(const char *name, const struct vector *v, const char *authorization)
{
	const struct sigv4_request r = request_of(v);
	const struct sigv4_scope scope = { .wall_ms = WHEN, .region = v->region, .service = v->service };
	auto_secret secret = example_key();
	auto_error err = ERROR_INIT;
	auto_text got;

	text_init(&got, SIGV4_TEXT_MAX);
	assert_true(sigv4_sign(&r, &(struct sigv4_signer){ "AKIDEXAMPLE", &secret }, &scope, &got, &err));
	assert_same(name, "sigv4_sign", got.bytes, authorization);
}

static void check_case(const char *name)
{
	auto_free char *context = read_named(name, "context.json");
	auto_free char *source = read_named(name, "request.txt");
	auto_free char *canonical = read_named(name, "header-canonical-request.txt");
	auto_free char *to_sign = read_named(name, "header-string-to-sign.txt");
	auto_free char *signature = read_named(name, "header-signature.txt");
	auto_free char *request = read_named(name, "header-signed-request.txt");
	struct vector v = { .region = "us-east-1", .service = "service" };
	char digest[SIGV4_SIGNATURE_SIZE];
	char *authorization = strstr(request, "\nAuthorization:");

	assert_non_null(authorization);
	authorization += strlen("\nAuthorization:");
	authorization[strcspn(authorization, "\n")] = '\0';
	parse_request(&v, source);
	add_header(&v, "X-Amz-Date", "20150830T123600Z");
	v.verbatim_path = strstr(context, "\"normalize\": false") != NULL;
	if (strstr(context, "\"sign_body\": true")) {
		sigv4_digest(v.body, strlen(v.body), digest);
		add_header(&v, "x-amz-content-sha256", digest);
	}
	if (!strstr(context, "\"omit_session_token\": true") && strstr(context, "\"token\": \""))
		add_header(&v, "X-Amz-Security-Token", cut_quoted(context, "\"token\": \""));
	assert_stages(name, &v, &(struct expected){ canonical, to_sign, signature, authorization });
	assert_whole(name, &v, authorization);
}

static void every_published_vector_is_met_stage_by_stage(void **state)
{
	DIR *folder = opendir(SUITE);
	const struct dirent *entry;
	int cases = 0;

	(void)state;
	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		if (strncmp(entry->d_name, "get-", 4) != 0 && strncmp(entry->d_name, "post-", 5) != 0)
			continue;
		check_case(entry->d_name);
		cases++;
	}
	closedir(folder);
	assert_int_equal(cases, CASES);
}

/* Returns the text between mark and the next line that begins with "---", without its last line end. */
static char *cut_section(char *s, const char *mark)
{
	char *at = strstr(s, mark), *end;

	assert_non_null(at);
	at += strlen(mark);
	end = strstr(at, "\n---");
	if (!end)
		end = at + strcspn(at, "\n");
	*end = '\0';
	return at;
}

/* "POST http://host/path?query", then headers, an empty line if there are none, and "body: ...". */
static void parse_known_request(struct vector *v, char *source)
{
	char *line = source, *next = cut_line(line), *host;
	size_t host_len;

	v->method = line;
	line = strchr(line, ' ');
	*line++ = '\0';
	host = strstr(line, "://") + 3;
	host_len = strcspn(host, "/");
	memmove(line, host, host_len); /* over the scheme, to make room for a NUL */
	line[host_len] = '\0';
	add_header(v, "Host", line);
	v->path = host + host_len;
	v->query = v->path + strcspn(v->path, "?");
	if (*v->query)
		*v->query++ = '\0';
	for (line = next; strncmp(line, "body: ", 6) != 0; line = next) {
		char *colon = strchr(line, ':');

		next = cut_line(line);
		if (!*line)
			continue;
		*colon = '\0';
		add_header(v, line, colon + 2);
	}
	v->body = line + 6;
}

static char *cut_word(char *s, const char *mark)
{
	char *at = strstr(s, mark);

	assert_non_null(at);
	at += strlen(mark);
	at[strcspn(at, ",\n")] = '\0';
	return at;
}

static void check_answer(char *answer)
{
	struct vector v = { .source = answer };
	struct expected e;
	char *setting = strchr(answer, '\n') + 1, *token, *signature;

	e.authorization = cut_section(answer, "--- Authorization\n");
	e.to_sign = cut_section(answer, "--- string to sign\n");
	e.canonical = cut_section(answer, "--- canonical request\n");
	parse_known_request(&v, cut_section(answer, "--- request\n"));
	v.service = cut_word(setting, "service ");
	v.region = cut_word(setting, "region ");
	token = strstr(setting, "token '");
	add_header(&v, "X-Amz-Date", "20150830T123600Z");
	if (token) {
		token += strlen("token '");
		token[strcspn(token, "'")] = '\0';
		add_header(&v, "X-Amz-Security-Token", token);
	}
	signature = strstr(e.authorization, "Signature=");
	e.signature = signature + strlen("Signature=");
	assert_stages("known answer", &v, &e);
	assert_whole("known answer", &v, e.authorization);
}

static void every_known_answer_is_met_stage_by_stage(void **state)
{
	auto_free char *file = read_named(".", "known-answers.txt");
	char *next = strstr(file, "\n### ");
	int answers = 0;

	(void)state;
	while (next) {
		char *answer = next + 5;

		next = strstr(answer, "\n### ");
		if (next)
			*next = '\0';
		check_answer(answer);
		answers++;
	}
	assert_int_equal(answers, ANSWERS);
}

static void a_request_that_cannot_be_signed_whole_is_not_sent(void **state)
{
	auto_free char *huge = malloc(SIGV4_TEXT_MAX + 1);
	auto_secret secret = example_key();
	auto_error err = ERROR_INIT;
	auto_text got;
	struct http_header header = { .name = "x-long" };

	(void)state;
	text_init(&got, SIGV4_TEXT_MAX);
	memset(huge, 'a', SIGV4_TEXT_MAX);
	huge[SIGV4_TEXT_MAX] = '\0';
	header.value = huge;
	assert_false(sigv4_sign(
		&(struct sigv4_request){
			.method = "GET", .path = "/", .query = "", .headers = &header, .header_count = 1 },
		&(struct sigv4_signer){ "AKIDEXAMPLE", &secret },
		&(struct sigv4_scope){ .wall_ms = WHEN, .region = "us-east-1", .service = "ec2" }, &got,
		&err));
	assert_int_equal(err.kind, ERROR_BUG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_published_vector_is_met_stage_by_stage),
		cmocka_unit_test(every_known_answer_is_met_stage_by_stage),
		cmocka_unit_test(a_request_that_cannot_be_signed_whole_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
