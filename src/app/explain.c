/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * `oomsight explain`: logs in, reports out, one after the other as they are found.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <time.h>
#include <unistd.h>

#include "input.h"
#include "journal.h"
#include "oomsight/base/root.h"
#include "oomsight/emit/explain.h"
#include "oomsight/klog/explain.h"
#include "oomsight/klog/follow.h"
#include "oomsight/klog/parse.h"
#include "session.h"

#define CHUNK (256U << 10)
#define NS_PER_S INT64_C(1000000000)

/* What explaining hands from report to report. */
struct explaining {
	const struct options *options;
	struct klog_parser *parser;
	struct out out;
	struct klog_report *kept; /* of --last, a ring */
	uint32_t nkept, next_kept;
	uint32_t read;    /* of all logs */
	uint32_t found;   /* printed, or kept */
	uint32_t timeless; /* left out by --since or --until: no date in the log */
	int64_t now_ns;
	int error; /* of writing */
};

/* --- which reports ------------------------------------------------------------------------ */

static bool is_pid(const struct options *options, const struct klog_i64 *pid)
{
	for (uint32_t i = 0; i < options->npids; i++) {
		if (pid->state == FACT_KNOWN && pid->value == options->pids[i])
			return true;
	}
	return false;
}

static bool id_fits(const struct options *options, const struct klog_report *report, const struct klog_task_id *id)
{
	if (options->npids > 0 && !is_pid(options, &id->pid))
		return false;
	return !options->comm || (id->comm.state == FACT_KNOWN && text_is(klog_text(report, id->comm), options->comm));
}

static bool ids_fit(const struct options *options, const struct klog_report *report)
{
	if (options->npids == 0 && !options->comm)
		return true;
	bool fits = id_fits(options, report, &report->trigger) || id_fits(options, report, &report->chosen);
	for (uint32_t i = 0; i < report->nkills && !fits; i++)
		fits = id_fits(options, report, &report->kills[i].task);
	return fits;
}

/* path is group, or below it. "lxc" is "/lxc". */
static bool is_below(struct text path, const char *group)
{
	struct text of = text_of_str(group);
	if (path.len > 0 && *path.ptr == '/' && *group != '/')
		path = text_of(path.ptr + 1, path.len - 1);
	while (of.len > 1 && of.ptr[of.len - 1] == '/')
		of.len--;
	if (path.len == 0 || !text_has_prefix(path, of))
		return false;
	return path.len == of.len || path.ptr[of.len] == '/' || text_is(of, "/");
}

/* A time of day by a clock whose zone the log does not state: this host's. */
static int64_t local_to_real(int64_t local_ns)
{
	time_t seconds = (time_t)(local_ns / NS_PER_S);
	struct tm tm;
	if (!gmtime_r(&seconds, &tm))
		return local_ns;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm) * NS_PER_S + local_ns % NS_PER_S;
}

/* For choosing only: a date without a year is the latest that is not to come. */
static bool instant_of(const struct explaining *ex, const struct klog_time *t, int64_t *ret_ns)
{
	if (t->realtime_ns.state == FACT_KNOWN) {
		*ret_ns = t->realtime_ns.value;
		return true;
	}
	if (t->local_ns.state == FACT_KNOWN) {
		*ret_ns = local_to_real(t->local_ns.value);
		return true;
	}
	if (t->day_ns.state != FACT_KNOWN)
		return false;
	/* Days were counted in 2000, a leap year. */
	time_t in_2000 = (time_t)(t->day_ns.value / NS_PER_S) + 946684800, now = (time_t)(ex->now_ns / NS_PER_S);
	struct tm day, today;
	if (!gmtime_r(&in_2000, &day) || !localtime_r(&now, &today))
		return false;
	for (int year = today.tm_year; year > today.tm_year - 2; year--) {
		struct tm tm = day;
		tm.tm_year = year;
		tm.tm_isdst = -1;
		time_t when = mktime(&tm);
		*ret_ns = (int64_t)when * NS_PER_S;
		if (when <= now + 86400)
			return true;
	}
	return true;
}

static bool time_fits(struct explaining *ex, const struct klog_report *report)
{
	const struct options *options = ex->options;
	int64_t when = 0;
	if (!options->since.given && !options->until.given)
		return true;
	if (!instant_of(ex, &report->time, &when)) {
		ex->timeless++;
		return false;
	}
	return (!options->since.given || when >= options->since.realtime_ns) &&
	       (!options->until.given || when <= options->until.realtime_ns);
}

/* --- printing -------------------------------------------------------------------------------- */

static void print_report(struct explaining *ex, const struct klog_report *report, uint32_t number)
{
	struct explanation *explanation = malloc(sizeof *explanation);
	if (!explanation) {
		ex->error = -ENOMEM;
		return;
	}
	explain_report(report, explanation);
	out_clear(&ex->out);
	if (ex->options->output == EMIT_JSON)
		emit_report_json(&ex->out, report, explanation);
	else
		emit_report_text(&ex->out, report, explanation, number);
	free(explanation);
	ex->error = ex->out.error ? ex->out.error : write_all(STDOUT_FILENO, ex->out.bytes, ex->out.len);
}

static void take_report(struct klog_report *report, void *context)
{
	struct explaining *ex = context;
	const struct options *options = ex->options;
	ex->read++;
	if (ex->error < 0 || !ids_fit(options, report) || !time_fits(ex, report))
		return;
	if (options->cgroup && !is_below(klog_text(report, report->oom_memcg), options->cgroup) &&
	    !is_below(klog_text(report, report->task_memcg), options->cgroup))
		return;
	ex->found++;
	if (options->last == 0) {
		print_report(ex, report, ex->found);
		return;
	}
	klog_report_take(&ex->kept[ex->next_kept], report);
	ex->next_kept = (ex->next_kept + 1) % options->last;
	if (ex->nkept < options->last)
		ex->nkept++;
}

static void print_kept(struct explaining *ex)
{
	uint32_t last = ex->options->last;
	for (uint32_t i = 0; i < ex->nkept && ex->error == 0; i++)
		print_report(ex, &ex->kept[(ex->next_kept + last - ex->nkept + i) % last], i + 1);
}

/* --- reading ----------------------------------------------------------------------------------- */

static int out_of_memory(struct diag *diag)
{
	diag_set(diag, NULL, 0, "out of memory");
	return -ENOMEM;
}

static int read_fd(struct explaining *ex, int fd, const char *name, struct diag *diag)
{
	struct input *input;
	char *chunk = malloc(CHUNK);
	if (!chunk) {
		close(fd);
		return out_of_memory(diag);
	}
	int r = input_open(&input, fd, name, diag);
	if (r < 0) {
		free(chunk);
		return r;
	}
	ssize_t n;
	while ((n = input_read(input, chunk, CHUNK, diag)) > 0 && ex->error == 0) {
		if (klog_parser_feed(ex->parser, chunk, (size_t)n) < 0) {
			n = out_of_memory(diag);
			break;
		}
	}
	if (klog_parser_flush(ex->parser) < 0 && n >= 0)
		n = out_of_memory(diag);
	input_close(input);
	free(chunk);
	return n < 0 ? (int)n : 0;
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;
	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* --- the journal -------------------------------------------------------------------------------- */

static int take_journal(const char *bytes, size_t len, void *context)
{
	struct explaining *ex = context;
	int r = klog_parser_feed(ex->parser, bytes, len);
	return r < 0 ? r : ex->error;
}

static int read_journal(struct explaining *ex, const struct journal_wish *wish, struct diag *diag)
{
	int r = journal_read(wish, take_journal, ex, diag);
	if (r == -ENOMEM)
		out_of_memory(diag);
	if (klog_parser_flush(ex->parser) < 0 && r >= 0)
		r = out_of_memory(diag);
	return ex->error < 0 ? 0 : r; /* that is told by itself */
}

static int read_asked_journal(struct explaining *ex, struct diag *diag)
{
	const struct options *options = ex->options;
	const struct journal_wish wish = { .paths = options->files, .npaths = options->nfiles, .boot = options->boot,
					   .since_ns = options->since.given ? options->since.realtime_ns : 0 };
	return read_journal(ex, &wish, diag);
}

/* The running boot's, where the kernel's own log cannot be read; *diag says why not. */
static int read_own_journal(struct explaining *ex, struct diag *diag)
{
	struct diag denied = *diag;
	char line[1024];
	const struct journal_wish wish = { .boot = "0" };
	if (read_journal(ex, &wish, diag) < 0) {
		*diag = denied;
		return -EACCES;
	}
	fprintf(stderr, "oomsight: %s; read from the journal instead\n", diag_format(&denied, line, sizeof line));
	return 0;
}

static int read_kernel_log(struct explaining *ex, struct diag *diag)
{
	struct root root;
	int r = root_open(&root, ex->options->root, diag);
	if (r < 0)
		return r;
	/* Stamps of the log count from boot by a clock that stops in suspend. */
	int64_t boot_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	struct follower *log = follower_new(&root, boot_ns, root.real ? klogctl : NULL, take_report, ex, diag);
	if (log) {
		do
			r = follower_read(log, 0);
		while (r == 0 && follower_is_behind(log));
		int flushed = r == 0 ? follower_flush(log) : 0;
		r = r < 0 ? r : flushed;
		if (r < 0)
			diag_set(diag, NULL, 0, "the kernel log cannot be read: %s", strerror(-r));
	} else {
		r = root.real ? read_own_journal(ex, diag) : -EACCES;
	}
	follower_free(log);
	root_close(&root);
	return r;
}

static int read_file(struct explaining *ex, const char *name, struct diag *diag)
{
	if (strcmp(name, "-") == 0)
		return read_fd(ex, dup(STDIN_FILENO), "standard input", diag);
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		int error = errno;
		diag_set(diag, NULL, 0, "%s cannot be opened: %s", name, strerror(error));
		return -error;
	}
	return read_fd(ex, fd, name, diag);
}

static void warn(const struct diag *diag)
{
	char line[1024];
	fprintf(stderr, "oomsight: %s\n", diag_format(diag, line, sizeof line));
}

int run_explain(const struct options *options)
{
	struct explaining ex = { .options = options, .now_ns = clock_ns(CLOCK_REALTIME) };
	struct diag diag = { 0 };
	int status = 0;
	if (options->boot && !journal_is_boot(options->boot)) {
		fprintf(stderr, "oomsight: --boot: '%s' is neither 0, -1, -2 and so on nor a boot's id; see --help\n", options->boot);
		return 2;
	}
	if (options->kernel_log && options->nfiles > 0) {
		fprintf(stderr, "oomsight: --kernel reads the running host's log and takes no FILE ('%s'); leave one of them out\n",
			options->files[0]);
		return 2;
	}
	if (options->since.given && options->until.given && options->since.realtime_ns > options->until.realtime_ns) {
		fprintf(stderr, "oomsight: --since is later than --until, so no report can lie between them; exchange them\n");
		return 2;
	}
	bool from_journal = options->journal || options->boot;
	out_init(&ex.out);
	signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error of write() */
	ex.parser = klog_parser_new(take_report, &ex);
	ex.kept = options->last > 0 ? calloc(options->last, sizeof *ex.kept) : NULL;
	if (!ex.parser || (options->last > 0 && !ex.kept)) {
		out_of_memory(&diag);
		warn(&diag);
		status = 1;
	} else if (from_journal) {
		if (read_asked_journal(&ex, &diag) < 0) {
			warn(&diag);
			status = 1;
		}
	} else if (options->kernel_log || (options->nfiles == 0 && isatty(STDIN_FILENO))) {
		if (read_kernel_log(&ex, &diag) < 0) {
			warn(&diag);
			status = 1;
		}
	} else if (options->nfiles == 0 && read_file(&ex, "-", &diag) < 0) {
		warn(&diag);
		status = 1;
	}
	/* A file that cannot be read does not keep the others from being explained. Each may be
	 * another host's, whose victims are none of the next one's: each has its own parser. */
	for (uint32_t i = 0; ex.parser && !from_journal && i < options->nfiles && ex.error == 0; i++) {
		klog_parser_free(ex.parser);
		ex.parser = klog_parser_new(take_report, &ex);
		if (!ex.parser)
			out_of_memory(&diag);
		if (!ex.parser || read_file(&ex, options->files[i], &diag) < 0) {
			warn(&diag);
			status = 1;
		}
	}
	if (ex.error == 0)
		print_kept(&ex);
	if (ex.error < 0 && ex.error != -EPIPE) {
		fprintf(stderr, "oomsight: standard output cannot be written: %s\n", strerror(-ex.error));
		status = 1;
	}
	if (ex.timeless > 0)
		fprintf(stderr, "oomsight: %u reports left out: their log has no dates to compare with --since or --until\n", ex.timeless);
	else if (ex.found == 0 && ex.read > 0 && status == 0)
		fprintf(stderr, "oomsight: %u OOM report%s read, and none of them is one that -p, --comm, --cgroup, --since or --until asks for\n",
			ex.read, ex.read == 1 ? " was" : "s were");
	else if (ex.found == 0 && status == 0)
		fprintf(stderr, "oomsight: there is no OOM report in it\n");
	for (uint32_t i = 0; i < ex.nkept; i++)
		klog_report_done(&ex.kept[i]);
	free(ex.kept);
	klog_parser_free(ex.parser);
	out_done(&ex.out);
	return status;
}
