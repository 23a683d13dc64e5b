/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A line that begins without a stamp, below one that has a stamp, belongs to it:
 * a mailer broke it, or the record had several lines. Both are read alike, for
 * all of the kernel's lists can be read with the line end as a blank. Whether
 * the break replaced a blank is told by the first break seen: mailers either
 * leave the blank at the line's end or drop it. A terminal breaks anywhere, and
 * all lines that it broke have one length.
 */
#include "join.h"

#include <errno.h>
#include <string.h>

#define LOGICAL_MAX (8U << 10)

void joiner_init(struct joiner *joiner, struct reports *reports)
{
	*joiner = (struct joiner){ .reports = reports };
	out_init(&joiner->logical);
	out_init(&joiner->time_text);
	out_init(&joiner->decoded);
	out_init(&joiner->unescaped);
	out_init(&joiner->plain);
	out_init(&joiner->mail);
}

void joiner_done(struct joiner *joiner)
{
	out_done(&joiner->logical);
	out_done(&joiner->time_text);
	out_done(&joiner->decoded);
	out_done(&joiner->unescaped);
	out_done(&joiner->plain);
	out_done(&joiner->mail);
}

int joiner_prepare(struct joiner *joiner)
{
	joiner->goes_on = true;
	out_reserve(&joiner->logical, 2048);
	out_reserve(&joiner->unescaped, 1024);
	out_reserve(&joiner->time_text, 64);
	return joiner->logical.bytes && joiner->unescaped.bytes && joiner->time_text.bytes ? 0 : -ENOMEM;
}

void joiner_end(struct joiner *joiner)
{
	if (!joiner->has_logical)
		return;
	joiner->has_logical = false;
	if (joiner->logical.error) {
		joiner->error = joiner->goes_on ? 0 : joiner->logical.error;
		return;
	}
	struct text body = out_text_of(&joiner->logical);
	if (joiner->line.kmsg && body.len > 0 && memchr(body.ptr, '\\', body.len)) {
		line_unescape(body, &joiner->unescaped);
		body = out_text_of(&joiner->unescaped);
	}
	struct words words = { body, joiner->key, joiner->line.time, joiner->offset, joiner->ended };
	words.time.text = out_text_of(&joiner->time_text);
	reports_take(joiner->reports, &words);
}

static bool logical_is_row(const struct joiner *joiner)
{
	return is_table_row(out_text_of(&joiner->logical));
}

/* Was the line before broken by a terminal? These have few widths; rows that a mailer
 * broke are of one length too. The first break decides on the log. */
static bool is_hard_break(const struct joiner *joiner)
{
	static const size_t widths[] = { 80, 100, 120, 128, 132, 160, 200, 240 };
	if (joiner->broken_len > 0)
		return joiner->line_len == joiner->broken_len;
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		if (joiner->line_len == widths[i])
			return true;
	}
	return false;
}

/* The end of a name that was broken at a blank: "Web" and "Content". */
static bool is_rest_of_name(struct text before, struct text name)
{
	before = text_trim(before);
	return before.len > 0 && name.len > 0 && before.len + 1 + name.len <= COMM_MAX;
}

/* The same in the row that is the logical line. */
static bool is_rest_of_row(const struct joiner *joiner, struct text body)
{
	struct text row = out_text_of(&joiner->logical);
	size_t n = 0;
	while (n < row.len && n <= COMM_MAX && !(row.ptr[row.len - n - 1] >= '0' && row.ptr[row.len - n - 1] <= '9'))
		n++;
	return is_rest_of_name(text_from(row, row.len - n), text_trim(body));
}

/* Does this line, which has no stamp, go on where the logical line ended? */
static bool is_continuation(struct joiner *joiner, struct text body)
{
	if (!joiner->has_logical || joiner->logical.len + body.len > LOGICAL_MAX)
		return false;
	struct text so_far = out_text_of(&joiner->logical);
	enum sentence sentence = sentence_of(body);
	if (joiner->prefixed && is_hard_break(joiner))
		return true;
	if (sentence == SENTENCE_HEADER && joiner->prefixed)
		return is_rest_of_name(so_far, text_of(body.ptr, (size_t)text_find(body, TEXT(" invoked oom-killer"))));
	if (is_table_row(body) || sentence == SENTENCE_HEADER)
		return false;
	if (logical_is_row(joiner) && sentence != SENTENCE_NONE)
		return false; /* the row was cut */
	if (sentence_wants_more(so_far) || reports_row_wants_more(joiner->reports, joiner->key, so_far))
		return true;
	if (!joiner->prefixed)
		return false;
	/* A whole row goes on only with the rest of its name. */
	if (logical_is_row(joiner))
		return is_rest_of_row(joiner, body) || (joiner->blanks_kept && !memchr(body.ptr, ' ', body.len) && body.len < COMM_MAX);
	return true;
}

/* Put it behind the logical line, with the blank that the break replaced. */
static void continue_line(struct joiner *joiner, struct text body)
{
	bool hard = is_hard_break(joiner);
	bool blank = joiner->logical.len > 0 && joiner->logical.bytes[joiner->logical.len - 1] == ' ';
	if (joiner->broken_len == 0)
		joiner->broken_len = hard ? joiner->line_len : SIZE_MAX;
	if (blank && joiner->logical.len > 1 && !hard)
		joiner->blanks_kept = true;
	/* Mailers break behind hyphens too: "total-" and "vm:". */
	size_t n = joiner->logical.len;
	bool hyphen = n > 1 && joiner->logical.bytes[n - 1] == '-' && joiner->logical.bytes[n - 2] != ' ';
	if (!joiner->blanks_kept && !hard && !hyphen)
		out_char(&joiner->logical, ' ');
	out_text(&joiner->logical, body);
}

static void take_plain_line(struct joiner *joiner, struct text raw, uint64_t offset, bool ended)
{
	struct line line;
	line_parse(line_plain(raw, &joiner->plain), &line, &joiner->decoded);
	struct text body = line.body;
	joiner->ended = ended;
	if (!line.prefixed) {
		if (text_trim(body).len == 0) {
			/* an empty line ends what stood before */
			joiner_end(joiner);
			joiner->prefixed = false;
			return;
		}
		if (is_continuation(joiner, body)) {
			continue_line(joiner, body);
			joiner->line_len = line.width;
			return;
		}
	}
	joiner_end(joiner);
	joiner->ended = ended;
	joiner->line_len = line.width;
	while (!line.prefixed && body.len > 0 && (*body.ptr == ' ' || *body.ptr == '\t'))
		body = text_from(body, 1); /* the indentation of a quote */
	if (line.prefixed || !joiner->prefixed)
		joiner->line = line;
	joiner->prefixed = line.prefixed;
	joiner->has_logical = true;
	joiner->offset = offset;
	out_clear(&joiner->logical);
	out_text(&joiner->logical, body);
	out_clear(&joiner->time_text);
	out_text(&joiner->time_text, joiner->line.time.text);
	memcpy(joiner->key, line.key, sizeof joiner->key);
	/* The slices point into the line, which goes. */
	joiner->line.body = text_of("", 0);
	joiner->line.time.text = text_of("", 0);
}

void joiner_take(struct joiner *joiner, struct text raw, uint64_t offset, bool ended)
{
	joiner->quoted_printable = joiner->quoted_printable || line_is_quoted_printable(raw);
	if (!joiner->quoted_printable) {
		take_plain_line(joiner, raw, offset, ended);
	} else if (!line_unquote(raw, &joiner->mail) || !ended || joiner->mail.len >= LOGICAL_MAX) {
		struct text decoded = out_text_of(&joiner->mail);
		take_plain_line(joiner, decoded, offset, ended);
		out_clear(&joiner->mail);
	}
}

void joiner_pass_over(struct joiner *joiner)
{
	joiner->prefixed = false;
}

void joiner_reset(struct joiner *joiner)
{
	out_clear(&joiner->mail);
	joiner->prefixed = false;
	joiner->blanks_kept = false;
	joiner->broken_len = 0;
	joiner->quoted_printable = false;
}
