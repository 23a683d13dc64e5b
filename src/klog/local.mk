noinst_LIBRARIES += libklog.a
libklog_a_SOURCES = \
	src/klog/report.c include/oomsight/klog/report.h \
	src/klog/stamp.c src/klog/stamp.h \
	src/klog/line.c src/klog/line.h src/klog/line_json.c src/klog/plain.c \
	src/klog/words.c src/klog/words.h \
	src/klog/table.c src/klog/memory.c \
	src/klog/reports.c src/klog/reports.h src/klog/join.c src/klog/join.h \
	src/klog/parse.c include/oomsight/klog/parse.h \
	src/klog/explain.c include/oomsight/klog/explain.h \
	src/klog/advice.c src/klog/advice.h \
	src/klog/syslog.c src/klog/syslog.h \
	src/klog/follow.c include/oomsight/klog/follow.h \
	src/klog/event.c include/oomsight/klog/event.h \
	src/klog/score.c include/oomsight/klog/score.h

# The samples, each with the answer that was approved. They lie in
# tests/fixtures, which is shipped whole.
TESTS += tests/klog/samples.sh tests/klog/explain.sh tests/klog/journal.sh
dist_check_SCRIPTS += tests/klog/samples.sh tests/klog/explain.sh tests/klog/journal.sh
if HAVE_JOURNAL
check_PROGRAMS += tests/klog/fake/libsystemd.so.0
tests_klog_fake_libsystemd_so_0_SOURCES = tests/klog/fake_journal.c
tests_klog_fake_libsystemd_so_0_CFLAGS = $(AM_CFLAGS) -fPIC
tests_klog_fake_libsystemd_so_0_LDFLAGS = $(AM_LDFLAGS) -shared
else
EXTRA_DIST += tests/klog/fake_journal.c
endif
.PHONY: accept-oomlogs
accept-oomlogs: $(bin_PROGRAMS)
	@srcdir='$(abs_srcdir)' builddir='$(abs_builddir)' $(SHELL) $(srcdir)/tests/klog/samples.sh --accept

UNIT_TESTS += tests/unit/test_klog_formats tests/unit/test_klog_parse
klog_test_libs = libklog.a libmodel.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_klog_formats_SOURCES = tests/unit/test_klog_formats.c tests/unit/klog_collect.h
tests_unit_test_klog_formats_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_klog_formats_LDADD = $(klog_test_libs)
tests_unit_test_klog_parse_SOURCES = tests/unit/test_klog_parse.c tests/unit/klog_collect.h
tests_unit_test_klog_parse_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_klog_parse_LDADD = $(klog_test_libs)

# `make bench-klog`: always compiled with the tests, never run by them.
check_PROGRAMS += tests/klog/bench_klog
tests_klog_bench_klog_SOURCES = tests/klog/bench_klog.c
tests_klog_bench_klog_LDADD = libklog.a libmodel.a libsnapshot.a libbase.a
.PHONY: bench-klog
bench-klog: tests/klog/bench_klog
	@tests/klog/bench_klog $(BENCH_KLOG_ARGS)

UNIT_TESTS += tests/unit/test_klog_explain
tests_unit_test_klog_explain_SOURCES = tests/unit/test_klog_explain.c tests/unit/klog_collect.h
tests_unit_test_klog_explain_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_klog_explain_LDADD = $(klog_test_libs)

UNIT_TESTS += tests/unit/test_klog_follow
tests_unit_test_klog_follow_SOURCES = tests/unit/test_klog_follow.c
tests_unit_test_klog_follow_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_klog_follow_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=free
tests_unit_test_klog_follow_LDADD = $(klog_test_libs)

UNIT_TESTS += tests/unit/test_klog_score
tests_unit_test_klog_score_SOURCES = tests/unit/test_klog_score.c tests/unit/klog_collect.h
tests_unit_test_klog_score_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_klog_score_LDADD = libklog.a libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)


UNIT_TESTS += tests/unit/test_klog_event
tests_unit_test_klog_event_SOURCES = tests/unit/test_klog_event.c
tests_unit_test_klog_event_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_klog_event_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc
tests_unit_test_klog_event_LDADD = $(klog_test_libs)
