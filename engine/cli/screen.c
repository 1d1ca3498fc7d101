#include "cli/screen.h"

#include <string.h>

enum { COLUMNS = 80, ROWS = 24, PICTURE_MAX_BYTES = 1024 * 1024, LINE_MAX_BYTES = 4096 };

size_t screen_room(const struct screen *s)
{
	return (size_t)(s->rows > 1 ? s->rows : ROWS) - 1; /* the cursor stands below */
}

static void add_line(const struct screen *s, const char *line, size_t len, struct text *picture)
{
	size_t columns = (size_t)(s->columns > 1 ? s->columns : COLUMNS) - 1;
	auto_text one = { 0 };

	text_init(&one, LINE_MAX_BYTES);
	text_add_bytes(&one, line, len);
	style_fit(&s->style, one.bytes, columns, picture);
	text_add(picture, "\033[K\n");
}

void screen_draw(struct screen *s, const char *text)
{
	size_t lines = 0;
	auto_text picture = { 0 };

	text_init(&picture, PICTURE_MAX_BYTES);
	for (const char *line = text; *line && lines < screen_room(s); lines++) {
		size_t len = strcspn(line, "\n");

		add_line(s, line, len, &picture);
		line += len + (line[len] == '\n');
	}
	if (s->drawn)
		fprintf(s->out, "\033[%zuA", s->drawn);
	fprintf(s->out, "%s\033[J", picture.bytes);
	fflush(s->out);
	s->drawn = lines;
}
