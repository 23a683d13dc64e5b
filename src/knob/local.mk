noinst_LIBRARIES += libknob.a
libknob_a_SOURCES = \
	src/knob/table.c include/oomsight/knob/knob.h \
	src/knob/plan.c src/knob/plan_sysctl.c src/knob/plan_memcg.c src/knob/plan.h \
	src/knob/apply.c src/knob/apply_memcg.c src/knob/signal.c src/knob/apply.h \
	src/knob/audit.c src/knob/audit.h \
	src/knob/words.c src/knob/words.h

UNIT_TESTS += tests/unit/test_knob_table tests/unit/test_knob_plan tests/unit/test_knob_plan_sysctl \
	tests/unit/test_knob_apply tests/unit/test_knob_audit
tests_unit_test_knob_table_SOURCES = tests/unit/test_knob_table.c
tests_unit_test_knob_table_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_knob_table_LDADD = libknob.a libmodel.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_knob_plan_SOURCES = tests/unit/test_knob_plan.c tests/unit/knob_fixture.h
tests_unit_test_knob_plan_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_knob_plan_LDADD = libknob.a libmodel.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_knob_plan_sysctl_SOURCES = tests/unit/test_knob_plan_sysctl.c tests/unit/knob_fixture.h
tests_unit_test_knob_plan_sysctl_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_knob_plan_sysctl_LDADD = libknob.a libmodel.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_knob_apply_SOURCES = tests/unit/test_knob_apply.c tests/unit/knob_fixture.h
tests_unit_test_knob_apply_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_knob_apply_LDADD = libknob.a libmodel.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_knob_audit_SOURCES = tests/unit/test_knob_audit.c tests/unit/knob_fixture.h
tests_unit_test_knob_audit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_knob_audit_LDADD = libknob.a libmodel.a libsnapshot.a libbase.a $(CMOCKA_LIBS)

# Who would die by a lowered limit is the model's to say.
UNIT_TESTS += tests/unit/test_knob_memcg
tests_unit_test_knob_memcg_SOURCES = tests/unit/test_knob_memcg.c tests/unit/knob_fixture.h
tests_unit_test_knob_memcg_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_knob_memcg_LDADD = libknob.a libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
