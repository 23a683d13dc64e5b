/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "session.h"

static void warn(const struct diag *diag)
{
	char line[1024];
	fprintf(stderr, "oomsight: %s\n", diag_format(diag, line, sizeof line));
}

/* The monitor shows it once more: what stands on stderr is covered then. */
static void warn_config(const struct diag *diag, void *context)
{
	struct options *options = context;
	char line[1024];
	warn(diag);
	if (options->config_warnings++ == 0)
		snprintf(options->config_warning, sizeof options->config_warning, "%.255s", diag_format(diag, line, sizeof line));
}

static int print_help(const struct options *options)
{
	struct out out;
	out_init(&out);
	options_help(options->subcommand, &out);
	int r = out.error ? out.error : write_all(STDOUT_FILENO, out.bytes, out.len);
	out_done(&out);
	return r == 0 || r == -EPIPE ? 0 : 1;
}

static int run(const struct options *options)
{
	switch (options->wish) {
	case WISH_HELP:
		return print_help(options);
	case WISH_VERSION:
		return puts("oomsight " PACKAGE_VERSION) < 0 || fflush(stdout) != 0;
	case WISH_RUN:
		break;
	}
	if (options->subcommand == SUBCOMMAND_PREDICT)
		return run_predict(options);
	if (options->subcommand == SUBCOMMAND_EXPLAIN)
		return run_explain(options);
	/* A format for programs is never meant for the screen. */
	return options->batch || options->output != EMIT_TEXT ? run_batch(options) : run_monitor(options);
}

int main(int argc, char *argv[])
{
	struct options options;
	struct diag diag;
	if (fcntl(STDOUT_FILENO, F_GETFD) < 0) {
		/* Or a file of our own would take its place. */
		fputs("oomsight: standard output is closed: there is nowhere to report to; open it\n", stderr);
		return 1;
	}
	options_init(&options);
	int status = 2;
	if (options_parse(&options, argc, argv, &diag) < 0) {
		warn(&diag);
	} else {
		if (options.wish == WISH_RUN && options.subcommand == SUBCOMMAND_MONITOR) {
			struct config_places places;
			struct config file;
			config_places_init(&places);
			config_default(&file);
			config_load(&places, &file, warn_config, &options);
			options_adopt(&options, &file);
			const char *no_color = getenv("NO_COLOR");
			options.no_color_env = no_color && no_color[0] != '\0';
		}
		status = run(&options);
	}
	options_done(&options);
	return status;
}
