/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "journal.h"

#include <errno.h>
#include <string.h>

#include "oomsight/base/out.h"
#include "oomsight/base/text.h"

#define BOOT_ID 32 /* hexadecimal digits */
#define BOOTS_MAX 4096

static bool is_boot_id(const char *boot)
{
	return strlen(boot) == BOOT_ID && strspn(boot, "0123456789abcdef") == BOOT_ID;
}

bool journal_is_boot(const char *boot)
{
	int64_t back;
	return is_boot_id(boot) || (text_to_i64(text_of_str(boot), &back) == 0 && back <= 0 && back > -BOOTS_MAX);
}

#ifdef HAVE_JOURNAL
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <systemd/sd-journal.h>
#include <time.h>

/* A report's first line may stand a little before what --since says. */
#define BEFORE_US UINT64_C(60000000)

#define CALLS(X) \
	X(open) X(open_directory) X(open_files) X(close) X(add_match) X(flush_matches) X(seek_head) X(seek_tail) \
	X(seek_realtime_usec) X(next) X(previous) X(get_data) X(get_realtime_usec) X(query_unique) X(enumerate_unique)

struct journal {
	void *library;
	sd_journal *j;
#define X(name) __typeof__(sd_journal_##name) *name;
	CALLS(X)
#undef X
};

static int load(struct journal *journal, struct diag *diag)
{
	journal->library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
	bool whole = journal->library != NULL;
	void *symbol;
	/* A pointer to data may not be turned into one to a function; its bytes may. */
#define X(name) \
	if (whole) { \
		symbol = dlsym(journal->library, "sd_journal_" #name); \
		memcpy(&journal->name, &symbol, sizeof symbol); \
		whole = symbol != NULL; \
	}
	CALLS(X)
#undef X
	if (whole)
		return 0;
	diag_set(diag, NULL, 0, "the journal cannot be read: %s", dlerror());
	return -ENOTSUP;
}

static int open_journal(struct journal *journal, const struct journal_wish *wish, struct diag *diag)
{
	struct stat st;
	int r;
	if (wish->npaths == 0) {
		r = journal->open(&journal->j, SD_JOURNAL_LOCAL_ONLY);
	} else if (wish->npaths == 1 && stat(wish->paths[0], &st) == 0 && S_ISDIR(st.st_mode)) {
		r = journal->open_directory(&journal->j, wish->paths[0], 0);
	} else {
		const char **files = calloc(wish->npaths + 1, sizeof *files);
		for (uint32_t i = 0; files && i < wish->npaths; i++)
			files[i] = wish->paths[i];
		r = files ? journal->open_files(&journal->j, files, 0) : -ENOMEM;
		free(files);
	}
	if (r < 0)
		diag_set(diag, wish->npaths > 0 ? wish->paths[0] : NULL, 0, "the journal cannot be opened: %s", strerror(-r));
	return r;
}

/* The field of the present entry, without "NAME="; empty where it has none. Valid until
 * the next call into the library. */
static struct text field(const struct journal *journal, const char *name)
{
	const void *data;
	size_t len, skip = strlen(name) + 1;
	if (journal->get_data(journal->j, name, &data, &len) < 0 || len < skip)
		return text_of("", 0);
	return text_of((const char *)data + skip, len - skip);
}

/* --- boots ------------------------------------------------------------------------------ */

struct boot {
	char id[BOOT_ID + 1];
	uint64_t last_us; /* when the kernel last spoke */
};

static int by_time(const void *a, const void *b)
{
	const struct boot *x = a, *y = b;
	return x->last_us < y->last_us ? -1 : x->last_us > y->last_us;
}

static int match(const struct journal *journal, const char *boot)
{
	char words[64];
	journal->flush_matches(journal->j);
	int r = journal->add_match(journal->j, "_TRANSPORT=kernel", 0);
	if (r < 0 || !boot)
		return r;
	snprintf(words, sizeof words, "_BOOT_ID=%s", boot);
	return journal->add_match(journal->j, words, 0);
}

/* All boots, the latest last. Returns how many, or -errno. */
static int list_boots(const struct journal *journal, struct boot *boots)
{
	const void *data;
	size_t len;
	int n = 0, r = journal->query_unique(journal->j, "_BOOT_ID");
	while (r >= 0 && n < BOOTS_MAX && (r = journal->enumerate_unique(journal->j, &data, &len)) > 0) {
		if (len == 9 + BOOT_ID)
			text_copy(text_of((const char *)data + 9, BOOT_ID), boots[n++].id, sizeof boots[0].id);
	}
	int kept = 0;
	for (int i = 0; i < n && r >= 0; i++) {
		r = match(journal, boots[i].id);
		if (r >= 0)
			r = journal->seek_tail(journal->j);
		if (r >= 0)
			r = journal->previous(journal->j);
		if (r > 0 && journal->get_realtime_usec(journal->j, &boots[i].last_us) >= 0)
			boots[kept++] = boots[i];
	}
	qsort(boots, (size_t)kept, sizeof *boots, by_time);
	return r < 0 ? r : kept;
}

/* The id of the boot that is asked for. */
static int find_boot(const struct journal *journal, const char *wanted, char dst[BOOT_ID + 1], struct diag *diag)
{
	int64_t back = 0;
	if (is_boot_id(wanted)) {
		memcpy(dst, wanted, BOOT_ID + 1);
		return 0;
	}
	text_to_i64(text_of_str(wanted), &back);
	struct boot *boots = calloc(BOOTS_MAX, sizeof *boots);
	int n = boots ? list_boots(journal, boots) : -ENOMEM;
	int r = n < 0 ? n : n + back > 0 ? 0 : -ENOENT;
	if (r == 0)
		memcpy(dst, boots[n + back - 1].id, BOOT_ID + 1);
	else if (r == -ENOENT)
		diag_set(diag, NULL, 0, "the journal knows no boot %s: it has kernel messages of %d", wanted, n);
	else
		diag_set(diag, NULL, 0, "the journal's boots cannot be listed: %s", strerror(-r));
	free(boots);
	return r;
}

/* --- entries ------------------------------------------------------------------------------ */

/* A message of several lines is several lines of a log. */
static void put_entry(const struct journal *journal, uint64_t realtime_us, struct out *out)
{
	uint64_t boot_us;
	bool stamped = text_to_u64(field(journal, "_SOURCE_MONOTONIC_TIMESTAMP"), 10, &boot_us) == 0;
	struct text message = field(journal, "MESSAGE"), line;
	time_t seconds = (time_t)(realtime_us / 1000000);
	struct tm tm;
	char date[64];
	if (!gmtime_r(&seconds, &tm) || strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	while (text_next_until(&message, '\n', &line)) {
		out_printf(out, "%s.%06uZ kernel: ", date, (unsigned)(realtime_us % 1000000));
		if (stamped)
			out_printf(out, "[%5llu.%06u] ", (unsigned long long)(boot_us / 1000000), (unsigned)(boot_us % 1000000));
		out_text(out, line);
		out_char(out, '\n');
	}
}

static int read_entries(const struct journal *journal, const struct journal_wish *wish, journal_line_fn *take, void *context,
			struct diag *diag)
{
	uint64_t since_us = (uint64_t)(wish->since_ns > 0 ? wish->since_ns : 0) / 1000, realtime_us, n = 0;
	int r = since_us > BEFORE_US ? journal->seek_realtime_usec(journal->j, since_us - BEFORE_US) : journal->seek_head(journal->j);
	struct out out;
	out_init(&out);
	while (r >= 0 && (r = journal->next(journal->j)) > 0) {
		n++;
		if (journal->get_realtime_usec(journal->j, &realtime_us) < 0)
			continue;
		out_clear(&out);
		put_entry(journal, realtime_us, &out);
		r = out.error;
		if (r == 0 && out.len > 0) {
			r = take(out.bytes, out.len, context);
			if (r < 0) {
				out_done(&out);
				return r;
			}
		}
	}
	out_done(&out);
	if (r < 0) {
		diag_set(diag, NULL, 0, "the journal cannot be read on: %s", strerror(-r));
	} else if (n == 0 && since_us == 0) {
		diag_set(diag, NULL, 0, "there are no kernel messages in the journal, or none that may be read: root and the group systemd-journal may");
		r = -ENODATA;
	}
	return r;
}

int journal_read(const struct journal_wish *wish, journal_line_fn *take, void *context, struct diag *diag)
{
	struct journal journal = { .library = NULL };
	char boot[BOOT_ID + 1];
	int r = load(&journal, diag);
	if (r == 0)
		r = open_journal(&journal, wish, diag);
	if (r >= 0 && wish->boot)
		r = find_boot(&journal, wish->boot, boot, diag);
	if (r >= 0) {
		r = match(&journal, wish->boot ? boot : NULL);
		if (r < 0)
			diag_set(diag, NULL, 0, "the journal cannot be searched: %s", strerror(-r));
	}
	if (r >= 0)
		r = read_entries(&journal, wish, take, context, diag);
	if (journal.j)
		journal.close(journal.j);
	if (journal.library)
		dlclose(journal.library);
	return r < 0 ? r : 0;
}

#else

int journal_read(const struct journal_wish *wish, journal_line_fn *take, void *context, struct diag *diag)
{
	(void)wish;
	(void)take;
	(void)context;
	diag_set(diag, NULL, 0, "the journal cannot be read: built without libsystemd; journalctl -k -o json | oomsight explain");
	return -ENOTSUP;
}

#endif
