/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The watch on oom:mark_victim where it cannot be had; where it can, a real kill tests
 * it in tests/live.
 */
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oomsight/sample/victims.h"

static void a_fake_root_has_no_victims(void **state)
{
	(void)state;
	char dir[] = "/tmp/victims-XXXXXX", path[64];
	struct root root;
	struct diag diag;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/proc", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(root_open(&root, dir, &diag), 0);
	assert_null(victim_watch_new(&root, &diag));
	assert_string_equal(diag.text, "only the running host has victims to be watched");
	root_close(&root);
	rmdir(path);
	rmdir(dir);
}

static void a_watch_opens_or_says_why_not(void **state)
{
	(void)state;
	struct root root;
	struct diag diag = { .text = "" };
	struct victim_mark marks[4];
	assert_int_equal(root_open(&root, "/", &diag), 0);
	struct victim_watch *watch = victim_watch_new(&root, &diag);
	if (watch)
		assert_true(victim_watch_read(watch, marks, 4) <= 4);
	else
		assert_true(strstr(diag.text, "mark_victim") != NULL);
	victim_watch_free(watch);
	victim_watch_free(NULL);
	root_close(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fake_root_has_no_victims),
		cmocka_unit_test(a_watch_opens_or_says_why_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
