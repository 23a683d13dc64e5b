/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The panel of sysctls, on a copy of the fixture host: what may be written is
 * written there and nowhere else.
 */
#include "monitor.h"

#define AUDIT_LINE 1024

struct panel {
	struct world *world;
	struct screen *screen;
	char root[WORLD_PATH];
	char audit[WORLD_PATH];
};

static struct panel open_panel(struct world *world, const char *option)
{
	struct panel panel = { .world = world };
	world_fake_root(world, panel.root);
	world_path(world, "audit", panel.audit);
	START(world, "--root", panel.root, "-d", "1", "--audit", panel.audit, option);
	panel.screen = world->screen;
	screen_keys(panel.screen, "S", NULL);
	expect_screen(panel.screen, "> vm.panic_on_oom");
	return panel;
}

/* Is the value in the fake root this? */
static void assert_value(const struct panel *panel, const char *file, const char *value)
{
	char path[WORLD_PATH + 64], text[64];
	snprintf(path, sizeof(path), "%s/proc/sys/%s", panel->root, file);
	assert_string_equal(file_text(path, text, sizeof(text)), value);
}

/* The audit's last line, into dst; how many lines it has. */
static int last_audit_line(const struct panel *panel, char dst[AUDIT_LINE])
{
	char text[16384];
	int lines = 0;
	file_text(panel->audit, text, sizeof(text));
	for (const char *p = text; *p != '\0'; p++)
		lines += p == text || p[-1] == '\n';
	const char *last = strrchr(text, '\n');
	snprintf(dst, AUDIT_LINE, "%.*s", AUDIT_LINE - 1, last != NULL ? last + 1 : text);
	return lines;
}

static void close_panel(const struct panel *panel)
{
	screen_keys(panel->screen, "q", NULL);
	expect_screen(panel->screen, "COMMAND");
	monitor_quit(panel->world);
}

static void all_values_are_shown(void **state)
{
	struct panel panel = open_panel(*state, NULL);
	assert_int_equal(screen_resize(panel.screen, 50, 100), 0);
	static const struct {
		const char *name, *value;
	} rows[] = {
		{ "vm.panic_on_oom", " 0 " },          { "vm.oom_kill_allocating_task", " 0 " },
		{ "vm.oom_dump_tasks", " 1 " },        { "vm.overcommit_memory", " 0 " },
		{ "vm.overcommit_ratio", " 50 %" },    { "vm.overcommit_kbytes", " 0 kB" },
		{ "vm.admin_reserve_kbytes", " 8192 kB" }, { "vm.user_reserve_kbytes", " 131072 kB" },
		{ "vm.min_free_kbytes", " 67552 kB" }, { "vm.watermark_scale_factor", " 10 " },
		{ "vm.swappiness", " 60 " },           { "kernel.panic", " 0 " },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		expect_screen(panel.screen, rows[i].name);
		int row = screen_find(panel.screen, rows[i].name, 0, NULL);
		expect_on_screen(panel.screen, strstr(screen_row(panel.screen, row), rows[i].value) != NULL);
	}
	close_panel(&panel);
}

static void only_the_word_yes_writes_what_is_dangerous(void **state)
{
	struct panel panel = open_panel(*state, NULL);
	struct screen *screen = panel.screen;
	char line[AUDIT_LINE];
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "new value 0");
	screen_keys(screen, "1", NULL);
	expect_screen(screen, "new value 1");
	expect_screen(screen, "kernel.panic is 0: the first OOM hangs the host");
	expect_screen(screen, "then: the kernel would panic");
	assert_value(&panel, "vm/panic_on_oom", "0");

	static const char *const wrong[] = { "no", "ye", "YES", "yess" };
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		screen_keys(screen, "Enter", NULL);
		expect_screen(screen, "Type yes to write 1:");
		screen_keys(screen, wrong[i], "Enter", NULL);
		expect_screen(screen, "Nothing was written: that was not yes.");
		assert_value(&panel, "vm/panic_on_oom", "0");
		assert_int_equal(last_audit_line(&panel, line), (int)i + 1);
		assert_non_null(strstr(line, "knob=vm.panic_on_oom change=\"0 -> 1\" outcome=refused"));
		assert_non_null(strstr(line, "because=\"It asks for the typed word yes, and another word was typed.\""));
		screen_keys(screen, "Enter", "1", NULL);
		expect_screen(screen, "new value 1");
	}
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "Type yes to write 1:");
	screen_keys(screen, "yes", "Enter", NULL);
	expect_screen(screen, "vm.panic_on_oom: 0 -> 1, the kernel now says 1.");
	assert_value(&panel, "vm/panic_on_oom", "1");
	last_audit_line(&panel, line);
	assert_non_null(strstr(line, "knob=vm.panic_on_oom"));
	assert_non_null(strstr(line, "change=\"0 -> 1\""));
	assert_non_null(strstr(line, "outcome=done"));
	assert_non_null(strstr(line, "host=fake"));
	/* The main screen's verdict follows. */
	screen_keys(screen, "q", NULL);
	expect_screen(screen, "panic (panic_on_oom 1)");
	screen_keys(screen, "U", NULL);
	expect_screen(screen, "vm.panic_on_oom: 1 -> 0, the kernel now says 0.");
	assert_value(&panel, "vm/panic_on_oom", "0");
	expect_screen(screen, "NEXT helper (2500)");
	monitor_quit(panel.world);
}

static void a_harmless_value_is_written_by_enter(void **state)
{
	struct panel panel = open_panel(*state, NULL);
	struct screen *screen = panel.screen;
	screen_keys(screen, "Down", "Down", "Down", "Down", "Down", "Down", "Down", "Down", "Down", "Down", NULL);
	expect_screen(screen, "> vm.swappiness");
	screen_keys(screen, "Enter", "100", NULL);
	expect_screen(screen, "new value 100");
	assert_value(&panel, "vm/swappiness", "60");
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "vm.swappiness: 60 -> 100, the kernel now says 100.");
	assert_value(&panel, "vm/swappiness", "100");
	screen_keys(screen, "U", NULL);
	expect_screen(screen, "vm.swappiness: 100 -> 60, the kernel now says 60.");
	assert_value(&panel, "vm/swappiness", "60");
	close_panel(&panel);
}

static void overcommit_2_is_stopped_with_the_figures(void **state)
{
	struct panel panel = open_panel(*state, NULL);
	struct screen *screen = panel.screen;
	screen_keys(screen, "Down", "Down", "Down", NULL);
	expect_screen(screen, "> vm.overcommit_memory");
	screen_keys(screen, "Enter", "2", NULL);
	expect_screen(screen, "Committed_AS is 8.98G and CommitLimit would be 5.83G");
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "Type yes to write 2:");
	screen_keys(screen, "Escape", NULL);
	expect_screen_without(screen, "Type yes");
	assert_value(&panel, "vm/overcommit_memory", "0");
	close_panel(&panel);
}

static void out_of_range_is_refused_and_recorded(void **state)
{
	struct panel panel = open_panel(*state, NULL);
	struct screen *screen = panel.screen;
	char line[AUDIT_LINE];
	screen_keys(screen, "Enter", "3", NULL);
	expect_screen(screen, "vm.panic_on_oom takes 0 to 2");
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "3 is outside.");
	assert_value(&panel, "vm/panic_on_oom", "0");
	screen_keys(screen, "Escape", NULL);
	expect_screen_without(screen, "new value");
	assert_int_equal(last_audit_line(&panel, line), 1);
	assert_non_null(strstr(line, "change=\"0 -> 3\""));
	assert_non_null(strstr(line, "outcome=refused"));
	close_panel(&panel);
}

static void readonly_refuses_everything(void **state)
{
	struct panel panel = open_panel(*state, "--readonly");
	struct screen *screen = panel.screen;
	char line[AUDIT_LINE], path[WORLD_PATH + 64], text[64];
	expect_screen(screen, "READ-ONLY");
	screen_keys(screen, "Enter", "1", "Enter", NULL);
	expect_screen(screen, "This run is read-only (--readonly): nothing is written.");
	assert_value(&panel, "vm/panic_on_oom", "0");
	assert_int_equal(last_audit_line(&panel, line), 1);
	assert_non_null(strstr(line, "knob=vm.panic_on_oom"));
	assert_non_null(strstr(line, "outcome=refused"));
	screen_keys(screen, "Escape", "q", NULL);
	expect_screen(screen, "NEXT helper (2500)");

	screen_keys(screen, "a", "5", "Enter", NULL);
	expect_screen(screen, "This run is read-only (--readonly): nothing is written.");
	snprintf(path, sizeof(path), "%s/proc/2500/oom_score_adj", panel.root);
	assert_string_equal(file_text(path, text, sizeof(text)), "1000");
	assert_int_equal(last_audit_line(&panel, line), 2);
	assert_non_null(strstr(line, "knob=oom_score_adj pid=2500"));
	assert_non_null(strstr(line, "outcome=refused"));
	screen_keys(screen, "Escape", NULL);
	expect_screen_without(screen, "Esc cancels");
	monitor_quit(panel.world);
}

static void an_adj_of_the_fake_host_is_written_there(void **state)
{
	struct panel panel = open_panel(*state, NULL);
	struct screen *screen = panel.screen;
	char line[AUDIT_LINE], path[WORLD_PATH + 64], text[64];
	screen_keys(screen, "q", NULL);
	expect_screen(screen, "NEXT helper (2500)");
	screen_keys(screen, "a", "0", NULL);
	expect_screen(screen, "NEXT chrome (2210)");
	screen_keys(screen, "Enter", NULL);
	expect_screen(screen, "1000 -> 0, the kernel now says 0.");
	expect_screen(screen, "NEXT chrome (2210)");
	snprintf(path, sizeof(path), "%s/proc/2500/oom_score_adj", panel.root);
	assert_string_equal(file_text(path, text, sizeof(text)), "0");
	last_audit_line(&panel, line);
	assert_non_null(strstr(line, "knob=oom_score_adj pid=2500"));
	assert_non_null(strstr(line, "comm=\"helper\""));
	assert_non_null(strstr(line, "change=\"1000 -> 0\""));
	assert_non_null(strstr(line, "outcome=done"));
	/* No signal goes out: its pids are not this host's. */
	screen_keys(screen, "k", "Enter", "y", NULL);
	expect_screen(screen, "This is not the running host");
	monitor_quit(panel.world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(all_values_are_shown),
		world_test(only_the_word_yes_writes_what_is_dangerous),
		world_test(a_harmless_value_is_written_by_enter),
		world_test(overcommit_2_is_stopped_with_the_figures),
		world_test(out_of_range_is_refused_and_recorded),
		world_test(readonly_refuses_everything),
		world_test(an_adj_of_the_fake_host_is_written_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
