/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "oomsight/snapshot/labels.h"

static void users_are_found_both_ways_and_the_first_word_stays(void **state)
{
	(void)state;
	struct labels labels;
	labels_init(&labels, 3);
	labels_add_user(&labels, 1000, TEXT("app"));
	labels_add_user(&labels, 0, TEXT("root"));
	labels_add_user(&labels, 0, TEXT("toor"));
	labels_add_user(&labels, 33, TEXT("www-data"));
	labels_add_user(&labels, 5, TEXT("dropped: the table is full"));
	assert_string_equal(labels_user(&labels, 0), "root");
	assert_string_equal(labels_user(&labels, 1000), "app");
	assert_null(labels_user(&labels, 5));
	uint32_t uid = 77;
	assert_int_equal(labels_uid(&labels, "www-data", &uid), 0);
	assert_int_equal(uid, 33);
	assert_int_equal(labels_uid(&labels, "nobody", &uid), -ENOENT);
	labels_done(&labels);
}

static void command_lines_belong_to_a_process_not_to_a_pid(void **state)
{
	(void)state;
	struct labels labels;
	labels_init(&labels, 1);
	assert_int_equal(labels_keep_cmdlines(&labels, 4), 0);
	struct text text;
	assert_int_equal(labels_cmdline(&labels, 5, 100, &text), LABEL_NONE);
	struct label_cmdline *slot = labels_cmdline_slot(&labels, 5, 100);
	slot->state = LABEL_KNOWN;
	memcpy(slot->bytes, "java -jar", 9);
	slot->len = 9;
	assert_int_equal(labels_cmdline(&labels, 5, 100, &text), LABEL_KNOWN);
	assert_true(text_is(text, "java -jar"));
	assert_int_equal(labels_cmdline(&labels, 5, 101, &text), LABEL_NONE);
	labels_done(&labels);
}

static void a_command_line_is_due_after_an_exec_or_with_age(void **state)
{
	(void)state;
	const uint64_t sh = label_program(TEXT("sh"), 4096), java = label_program(TEXT("java"), 4096);
	assert_true(sh != java);
	assert_true(sh != label_program(TEXT("sh"), 8192));
	assert_true(label_program(TEXT(""), 0) == label_program(TEXT(""), 0));
	struct label_cmdline slot = { .pid = 5 };
	const struct label_look first = { 5, 100, sh, 1000 };
	assert_true(label_cmdline_is_due(&slot, &first));
	label_cmdline_ask(&slot, &first);
	assert_int_equal(slot.state, LABEL_PENDING);
	assert_false(label_cmdline_is_due(&slot, &(struct label_look){ 5, 100, java, UINT64_MAX }));
	static const enum label_state answers[] = { LABEL_KNOWN, LABEL_DENIED };
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		slot = (struct label_cmdline){ .pid = 5 };
		label_cmdline_ask(&slot, &first);
		slot.asking = false;
		slot.state = answers[i];
		assert_false(label_cmdline_is_due(&slot, &(struct label_look){ 5, 100, sh, 999 + LABEL_CMDLINE_AGE_NS }));
		assert_true(label_cmdline_is_due(&slot, &(struct label_look){ 5, 100, sh, 1000 + LABEL_CMDLINE_AGE_NS }));
		assert_true(label_cmdline_is_due(&slot, &(struct label_look){ 5, 100, java, 1000 }));
		label_cmdline_ask(&slot, &(struct label_look){ 5, 100, java, 1000 });
		assert_int_equal(slot.state, answers[i]);
	}
}

static void the_least_recently_asked_slot_is_given_away(void **state)
{
	(void)state;
	struct labels labels;
	labels_init(&labels, 1);
	assert_int_equal(labels_keep_cmdlines(&labels, 4), 0);
	for (int32_t pid = 1; pid <= 4; pid++)
		labels_cmdline_slot(&labels, pid, 1)->state = LABEL_PENDING;
	labels_cmdline_slot(&labels, 1, 1);
	labels_cmdline_slot(&labels, 9999, 1)->state = LABEL_PENDING;
	struct text text;
	assert_int_equal(labels_cmdline(&labels, 1, 1, &text), LABEL_PENDING);
	assert_int_equal(labels_cmdline(&labels, 2, 1, &text), LABEL_NONE);
	assert_int_equal(labels_cmdline(&labels, 9999, 1, &text), LABEL_PENDING);
	labels_done(&labels);
}

static void a_slot_that_was_taken_is_found_again_and_comes_new_to_the_next(void **state)
{
	(void)state;
	struct labels labels;
	labels_init(&labels, 1);
	assert_int_equal(labels_keep_cmdlines(&labels, 1), 0);
	struct label_cmdline *slot = labels_cmdline_slot(&labels, 5, 100);
	assert_ptr_equal(labels_cmdline_slot(&labels, 5, 100), slot);
	label_cmdline_ask(slot, &(struct label_look){ 5, 100, 1, 1 });
	assert_null(labels_cmdline_find(&labels, 6, 100));
	assert_ptr_equal(labels_cmdline_slot(&labels, 6, 100), slot);
	assert_true(slot->state == LABEL_NONE && !slot->asking);
	assert_null(labels_cmdline_find(&labels, 5, 100));
	labels_done(&labels);
}

static void room_for_more_command_lines_loses_none_and_has_an_end(void **state)
{
	(void)state;
	struct labels labels;
	labels_init(&labels, 1);
	assert_int_equal(labels_keep_cmdlines(&labels, 2), 0);
	for (int32_t pid = 1; pid <= 2; pid++)
		labels_cmdline_slot(&labels, pid, 1)->state = LABEL_DENIED;
	assert_int_equal(labels_keep_cmdlines(&labels, SIZE_MAX), 0);
	for (int32_t pid = 3; pid <= LABEL_CMDLINES; pid++)
		labels_cmdline_slot(&labels, pid, 1)->state = LABEL_PENDING;
	assert_int_equal(labels_keep_cmdlines(&labels, 1), 0);
	struct text text;
	for (int32_t pid = 1; pid <= LABEL_CMDLINES; pid++)
		assert_int_equal(labels_cmdline(&labels, pid, 1, &text), pid <= 2 ? LABEL_DENIED : LABEL_PENDING);
	labels_cmdline_slot(&labels, 9999, 1);
	assert_int_equal(labels_cmdline(&labels, 1, 1, &text), LABEL_NONE);
	labels_done(&labels);
}

static void users_are_as_many_as_come_up_to_the_bound(void **state)
{
	(void)state;
	struct labels labels;
	char name[16];
	labels_init(&labels, 100);
	assert_null(labels.users);
	for (uint32_t uid = 200; uid > 0; uid--) {
		snprintf(name, sizeof name, "u%u", uid);
		labels_add_user(&labels, uid, text_of_str(name));
	}
	assert_int_equal(labels.nusers, 100);
	assert_string_equal(labels_user(&labels, 101), "u101");
	assert_string_equal(labels_user(&labels, 200), "u200");
	assert_null(labels_user(&labels, 100));
	labels_done(&labels);
}

static void without_slots_nothing_is_kept(void **state)
{
	(void)state;
	struct labels labels;
	labels_init(&labels, 1);
	assert_null(labels_cmdline_slot(&labels, 1, 1));
	struct text text;
	assert_int_equal(labels_cmdline(&labels, 1, 1, &text), LABEL_NONE);
	labels_done(&labels);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users_are_found_both_ways_and_the_first_word_stays),
		cmocka_unit_test(command_lines_belong_to_a_process_not_to_a_pid),
		cmocka_unit_test(a_command_line_is_due_after_an_exec_or_with_age),
		cmocka_unit_test(the_least_recently_asked_slot_is_given_away),
		cmocka_unit_test(a_slot_that_was_taken_is_found_again_and_comes_new_to_the_next),
		cmocka_unit_test(room_for_more_command_lines_loses_none_and_has_an_end),
		cmocka_unit_test(users_are_as_many_as_come_up_to_the_bound),
		cmocka_unit_test(without_slots_nothing_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
