# One target per parser of foreign bytes: fuzz_NAME.c holds the usual entry
# point and is linked here with a replayer that runs it over seeds/NAME and over
# mutations of them. `make fuzz` runs the same files under libFuzzer, by clang.
EXTRA_DIST += tests/fixtures tests/fuzz/seeds

FUZZ_TESTS = \
	tests/fuzz/fuzz_stat tests/fuzz/fuzz_status tests/fuzz/fuzz_cgroup tests/fuzz/fuzz_system tests/fuzz/fuzz_psi \
	tests/fuzz/fuzz_zoneinfo tests/fuzz/fuzz_swaps tests/fuzz/fuzz_mountinfo tests/fuzz/fuzz_memcg \
	tests/fuzz/fuzz_keys tests/fuzz/fuzz_theme tests/fuzz/fuzz_config tests/fuzz/fuzz_reducer \
	tests/fuzz/fuzz_klog
check_PROGRAMS += $(FUZZ_TESTS)
TESTS += $(FUZZ_TESTS)

fuzz_common = tests/fuzz/replay.c tests/fuzz/fuzz.h
fuzz_sample_libs = libsample.a libsnapshot.a libbase.a

tests_fuzz_fuzz_stat_SOURCES = tests/fuzz/fuzz_stat.c $(fuzz_common)
tests_fuzz_fuzz_stat_LDADD = $(fuzz_sample_libs)
tests_fuzz_fuzz_status_SOURCES = tests/fuzz/fuzz_status.c $(fuzz_common)
tests_fuzz_fuzz_status_LDADD = $(fuzz_sample_libs)
tests_fuzz_fuzz_cgroup_SOURCES = tests/fuzz/fuzz_cgroup.c $(fuzz_common)
tests_fuzz_fuzz_cgroup_LDADD = $(fuzz_sample_libs)
tests_fuzz_fuzz_system_SOURCES = tests/fuzz/fuzz_system.c $(fuzz_common)
tests_fuzz_fuzz_system_LDADD = $(fuzz_sample_libs)
tests_fuzz_fuzz_psi_SOURCES = tests/fuzz/fuzz_psi.c $(fuzz_common)
tests_fuzz_fuzz_psi_LDADD = $(fuzz_sample_libs)
tests_fuzz_fuzz_zoneinfo_SOURCES = tests/fuzz/fuzz_zoneinfo.c $(fuzz_common)
tests_fuzz_fuzz_zoneinfo_LDADD = $(fuzz_sample_libs)
tests_fuzz_fuzz_swaps_SOURCES = tests/fuzz/fuzz_swaps.c $(fuzz_common)
tests_fuzz_fuzz_swaps_LDADD = $(fuzz_sample_libs)
tests_fuzz_fuzz_mountinfo_SOURCES = tests/fuzz/fuzz_mountinfo.c $(fuzz_common)
tests_fuzz_fuzz_mountinfo_LDADD = $(fuzz_sample_libs)
tests_fuzz_fuzz_memcg_SOURCES = tests/fuzz/fuzz_memcg.c $(fuzz_common)
tests_fuzz_fuzz_memcg_LDADD = $(fuzz_sample_libs)
tests_fuzz_fuzz_keys_SOURCES = tests/fuzz/fuzz_keys.c $(fuzz_common)
tests_fuzz_fuzz_keys_LDADD = libtui.a libbase.a
tests_fuzz_fuzz_theme_SOURCES = tests/fuzz/fuzz_theme.c $(fuzz_common)
tests_fuzz_fuzz_theme_LDADD = libtui.a libbase.a
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(fuzz_common)
tests_fuzz_fuzz_config_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/app
tests_fuzz_fuzz_config_LDADD = $(APP_TABLES)
tests_fuzz_fuzz_reducer_SOURCES = tests/fuzz/fuzz_reducer.c $(fuzz_common)
tests_fuzz_fuzz_reducer_LDADD = libtui.a libknob.a libklog.a libmodel.a libsnapshot.a libbase.a

tests_fuzz_fuzz_klog_SOURCES = tests/fuzz/fuzz_klog.c $(fuzz_common)
tests_fuzz_fuzz_klog_LDADD = libemit.a libklog.a libmodel.a libsnapshot.a libbase.a

dist_noinst_SCRIPTS += tests/fuzz/run.sh
FUZZ_SECONDS = 60
fuzz:
	$(SHELL) $(top_srcdir)/tests/fuzz/run.sh $(FUZZ_SECONDS) $(FUZZ_TESTS)
