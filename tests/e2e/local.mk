# The harness of the end-to-end tests: programs on a pseudo-terminal, and with
# libvterm what they show.
check_LIBRARIES += libe2e.a
libe2e_a_CFLAGS = $(AM_CFLAGS) $(VTERM_CFLAGS) $(CMOCKA_CFLAGS)
libe2e_a_SOURCES = \
	tests/e2e/pty.c tests/e2e/pty.h \
	tests/e2e/helper.c tests/e2e/helper.h
E2E_LIBS = libe2e.a

UNIT_TESTS += tests/e2e/test_helpers
tests_e2e_test_helpers_SOURCES = tests/e2e/test_helpers.c
tests_e2e_test_helpers_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_e2e_test_helpers_LDADD = $(E2E_LIBS) $(CMOCKA_LIBS)

dist_check_SCRIPTS += tests/e2e/no_vterm.sh
if HAVE_VTERM
libe2e_a_SOURCES += \
	tests/e2e/screen.c tests/e2e/screen.h \
	tests/e2e/keys.c tests/e2e/keys.h \
	tests/e2e/tame.c tests/e2e/tame.h
E2E_LIBS += $(VTERM_LIBS) $(NCURSESW_LIBS)

UNIT_TESTS += tests/e2e/test_screen
tests_e2e_test_screen_SOURCES = tests/e2e/test_screen.c
tests_e2e_test_screen_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_e2e_test_screen_LDADD = $(E2E_LIBS) $(CMOCKA_LIBS)

# The monitor itself, on this host and on the fixture host.
libe2e_a_SOURCES += tests/e2e/monitor.c tests/e2e/monitor.h
UNIT_TESTS += tests/e2e/test_monitor
tests_e2e_test_monitor_SOURCES = tests/e2e/test_monitor.c
tests_e2e_test_monitor_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_e2e_test_monitor_LDADD = $(E2E_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/e2e/test_monitor_kills
tests_e2e_test_monitor_kills_SOURCES = tests/e2e/test_monitor_kills.c
tests_e2e_test_monitor_kills_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_e2e_test_monitor_kills_LDADD = $(E2E_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/e2e/test_monitor_view
tests_e2e_test_monitor_view_SOURCES = tests/e2e/test_monitor_view.c
tests_e2e_test_monitor_view_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_e2e_test_monitor_view_LDADD = $(E2E_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/e2e/test_monitor_sysctl
tests_e2e_test_monitor_sysctl_SOURCES = tests/e2e/test_monitor_sysctl.c
tests_e2e_test_monitor_sysctl_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_e2e_test_monitor_sysctl_LDADD = $(E2E_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/e2e/test_monitor_whatif
tests_e2e_test_monitor_whatif_SOURCES = tests/e2e/test_monitor_whatif.c
tests_e2e_test_monitor_whatif_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_e2e_test_monitor_whatif_LDADD = $(E2E_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/e2e/test_monitor_term
tests_e2e_test_monitor_term_SOURCES = tests/e2e/test_monitor_term.c
tests_e2e_test_monitor_term_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_e2e_test_monitor_term_LDADD = $(E2E_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/e2e/test_monitor_hostile
tests_e2e_test_monitor_hostile_SOURCES = tests/e2e/test_monitor_hostile.c
tests_e2e_test_monitor_hostile_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_e2e_test_monitor_hostile_LDADD = $(E2E_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/e2e/test_frozen
tests_e2e_test_frozen_SOURCES = tests/e2e/test_frozen.c
tests_e2e_test_frozen_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_e2e_test_frozen_LDADD = $(E2E_LIBS) $(CMOCKA_LIBS)
else
TESTS += tests/e2e/no_vterm.sh
endif

# Against the program itself on this very host: its end in a pipe, on a full
# disk, by a signal; its figures beside those of free, vmstat, ps, top and the
# kernel.
LIVE_TESTS = \
	tests/e2e/batch.sh \
	tests/e2e/compare_memory.sh \
	tests/e2e/compare_rates.sh \
	tests/e2e/compare_tasks.sh \
	tests/e2e/compare_scores.sh
dist_check_SCRIPTS += $(LIVE_TESTS) tests/e2e/compare.py
dist_noinst_DATA += tests/e2e/tap.sh
TESTS += $(LIVE_TESTS)
