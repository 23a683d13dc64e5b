/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "oomsight/tui/theme.h"

/* A directory of its own for each test, with the four places in it. */
struct tree {
	char top[64];
	char xdg[128], home[128], sysconf[128], pkgdata[128];
	struct config_places places;
	unsigned warned;
	struct diag last;
};

static int make_tree(void **state)
{
	struct tree *t = calloc(1, sizeof *t);
	if (!t)
		return -1;
	strcpy(t->top, "/tmp/oomsight-test-XXXXXX");
	if (!mkdtemp(t->top)) {
		free(t);
		return -1;
	}
	snprintf(t->xdg, sizeof t->xdg, "%s/xdg", t->top);
	snprintf(t->home, sizeof t->home, "%s/home", t->top);
	snprintf(t->sysconf, sizeof t->sysconf, "%s/etc", t->top);
	snprintf(t->pkgdata, sizeof t->pkgdata, "%s/data", t->top);
	t->places = (struct config_places){ .xdg = t->xdg, .home = t->home, .sysconf = t->sysconf, .pkgdata = t->pkgdata };
	*state = t;
	return 0;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int remove_tree(void **state)
{
	struct tree *t = *state;
	int r = nftw(t->top, drop, 8, FTW_DEPTH | FTW_PHYS);
	free(t);
	return r;
}

static void put(const struct tree *t, const char *path, const char *text)
{
	char full[256];
	snprintf(full, sizeof full, "%s/%s", t->top, path);
	for (char *p = full + strlen(t->top) + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		mkdir(full, 0755);
	}
	int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void keep(const struct diag *diag, void *context)
{
	struct tree *t = context;
	t->warned++;
	t->last = *diag;
}

static double loaded_delay(struct tree *t)
{
	struct config c;
	config_default(&c);
	t->warned = 0;
	config_load(&t->places, &c, keep, t);
	return c.delay_s;
}

static void the_first_file_there_is_wins(void **state)
{
	struct tree *t = *state;
	assert_true(loaded_delay(t) == 2.0);
	assert_int_equal(t->warned, 0);
	put(t, "etc/oomsight/config", "delay = 30\n");
	assert_true(loaded_delay(t) == 30.0);
	put(t, "home/.config/oomsight/config", "delay = 20\n");
	assert_true(loaded_delay(t) == 20.0);
	put(t, "xdg/oomsight/config", "delay = 10\n");
	assert_true(loaded_delay(t) == 10.0);
	t->places.xdg = NULL;
	assert_true(loaded_delay(t) == 20.0);
	t->places.home = "";
	assert_true(loaded_delay(t) == 30.0);
}

static void an_empty_file_is_a_file(void **state)
{
	struct tree *t = *state;
	put(t, "xdg/oomsight/config", "");
	put(t, "etc/oomsight/config", "delay = 30\n");
	assert_true(loaded_delay(t) == 2.0);
	assert_int_equal(t->warned, 0);
}

static void root_reads_no_file_that_another_could_write(void **state)
{
	struct tree *t = *state;
	t->places.trusted_only = true;
	put(t, "xdg/oomsight/config", "delay = 10\n");
	char path[256];
	snprintf(path, sizeof path, "%s/oomsight/config", t->xdg);
	if (geteuid() == 0) {
		assert_true(loaded_delay(t) == 10.0);
		assert_int_equal(chmod(path, 0664), 0);
		assert_true(loaded_delay(t) == 2.0);
		assert_int_equal(chmod(path, 0644), 0);
		assert_int_equal(chown(path, 1, 0), 0);
	}
	assert_true(loaded_delay(t) == 2.0);
	assert_int_equal(t->warned, 1);
	assert_string_equal(t->last.file, path);
	assert_non_null(strstr(t->last.text, "must belong to root"));
}

static void what_is_no_regular_file_is_told_and_never_waited_for(void **state)
{
	struct tree *t = *state;
	char path[256];
	put(t, "xdg/oomsight/x", "");
	snprintf(path, sizeof path, "%s/oomsight/config", t->xdg);
	assert_int_equal(mkfifo(path, 0644), 0);
	put(t, "etc/oomsight/config", "delay = 30\n");
	assert_true(loaded_delay(t) == 30.0);
	assert_int_equal(t->warned, 1);
	assert_string_equal(t->last.text, "is not a regular file");
}

static void a_file_too_long_is_refused(void **state)
{
	struct tree *t = *state;
	char *text = malloc(CONFIG_FILE_MAX + 2);
	assert_non_null(text);
	memset(text, '\n', CONFIG_FILE_MAX + 1);
	text[CONFIG_FILE_MAX + 1] = '\0';
	put(t, "xdg/oomsight/config", text);
	loaded_delay(t);
	assert_int_equal(t->warned, 1);
	text[CONFIG_FILE_MAX] = '\0';
	put(t, "xdg/oomsight/config", text);
	loaded_delay(t);
	assert_int_equal(t->warned, 0);
	free(text);
}

static void saving_makes_the_directories_and_a_private_file(void **state)
{
	struct tree *t = *state;
	struct config c;
	struct diag diag = { 0 };
	char path[CONFIG_PATH_SIZE];
	struct stat st;
	config_default(&c);
	c.delay_s = 7.5;
	t->places.xdg = NULL;
	assert_int_equal(config_save(&t->places, &c, path, &diag), 0);
	assert_int_equal(strncmp(path, t->home, strlen(t->home)), 0);
	assert_string_equal(path + strlen(t->home), "/.config/oomsight/config");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	*strrchr(path, '/') = '\0';
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_true(loaded_delay(t) == 7.5);
	c.delay_s = 8.5;
	assert_int_equal(config_save(&t->places, &c, path, &diag), 0);
	assert_true(loaded_delay(t) == 8.5);
}

static void saving_replaces_a_link_instead_of_writing_through_it(void **state)
{
	struct tree *t = *state;
	struct config c;
	struct diag diag = { 0 };
	char path[CONFIG_PATH_SIZE], target[256], link[256];
	struct stat st;
	put(t, "precious", "do not touch\n");
	put(t, "xdg/oomsight/x", "");
	snprintf(target, sizeof target, "%s/precious", t->top);
	snprintf(link, sizeof link, "%s/oomsight/config", t->xdg);
	assert_int_equal(symlink(target, link), 0);
	config_default(&c);
	assert_int_equal(config_save(&t->places, &c, path, &diag), 0);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(stat(target, &st), 0);
	assert_int_equal(st.st_size, strlen("do not touch\n"));
}

static void saving_without_a_place_says_so(void **state)
{
	struct tree *t = *state;
	struct config c;
	struct diag diag = { 0 };
	char path[CONFIG_PATH_SIZE];
	config_default(&c);
	t->places.xdg = NULL;
	t->places.home = NULL;
	assert_int_equal(config_save(&t->places, &c, path, &diag), -ENOENT);
	assert_non_null(strstr(diag.text, "HOME"));
	put(t, "blocked", "");
	char blocked[256];
	snprintf(blocked, sizeof blocked, "%s/blocked", t->top);
	t->places.home = blocked;
	assert_int_equal(config_save(&t->places, &c, path, &diag), -ENOTDIR);
	assert_non_null(strstr(diag.text, "cannot be written"));
}

static void the_operators_theme_stands_before_the_shipped_one(void **state)
{
	struct tree *t = *state;
	struct out out;
	struct diag diag = { 0 };
	char path[CONFIG_PATH_SIZE];
	out_init(&out);
	assert_int_equal(config_read_theme(&t->places, "no-such", path, &out, &diag), -ENOENT);
	/* Nothing is installed: the one compiled in. */
	assert_int_equal(config_read_theme(&t->places, "light", path, &out, &diag), 0);
	assert_string_equal(path, "built-in theme light");
	struct theme theme;
	assert_int_equal(theme_parse(text_of(out.bytes, out.len), path, &theme, &diag), 0);
	out_clear(&out);
	put(t, "data/themes/light.theme", "shipped");
	assert_int_equal(config_read_theme(&t->places, "light", path, &out, &diag), 0);
	assert_true(text_is(text_of(out.bytes, out.len), "shipped"));
	out_clear(&out);
	put(t, "xdg/oomsight/themes/light.theme", "own");
	assert_int_equal(config_read_theme(&t->places, "light", path, &out, &diag), 0);
	assert_true(text_is(text_of(out.bytes, out.len), "own"));
	assert_int_equal(strncmp(path, t->xdg, strlen(t->xdg)), 0);
	put(t, "data/outside.theme", "outside");
	assert_int_equal(config_read_theme(&t->places, "../outside", path, &out, &diag), -EINVAL);
	out_done(&out);
}

static void themes_are_listed_sorted_and_once(void **state)
{
	struct tree *t = *state;
	char names[16][CONFIG_THEME_SIZE];
	size_t builtin = config_themes(&t->places, names, 16);
	assert_true(builtin >= 5);
	put(t, "data/themes/light.theme", "");
	put(t, "data/themes/.hidden.theme", "");
	put(t, "data/themes/readme", "");
	put(t, "xdg/oomsight/themes/light.theme", "");
	put(t, "xdg/oomsight/themes/aqua.theme", "");
	put(t, "home/.config/oomsight/themes/zinc.theme", "");
	assert_int_equal(config_themes(&t->places, names, 16), builtin + 2);
	assert_string_equal(names[0], "aqua");
	assert_string_equal(names[builtin + 1], "zinc");
	for (size_t i = 1; i < builtin + 2; i++)
		assert_true(strcmp(names[i - 1], names[i]) < 0);
	assert_int_equal(config_themes(&t->places, names, 3), 3);
}

#define IN_TREE(test) cmocka_unit_test_setup_teardown(test, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(the_first_file_there_is_wins),
		IN_TREE(an_empty_file_is_a_file),
		IN_TREE(root_reads_no_file_that_another_could_write),
		IN_TREE(what_is_no_regular_file_is_told_and_never_waited_for),
		IN_TREE(a_file_too_long_is_refused),
		IN_TREE(saving_makes_the_directories_and_a_private_file),
		IN_TREE(saving_replaces_a_link_instead_of_writing_through_it),
		IN_TREE(saving_without_a_place_says_so),
		IN_TREE(the_operators_theme_stands_before_the_shipped_one),
		IN_TREE(themes_are_listed_sorted_and_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
