# Real OOM kills, of children of the test alone, in memory cgroups it makes below
# its own; skipped where that is not allowed.
check_PROGRAMS += tests/live/memcg
TESTS += tests/live/memcg
tests_live_memcg_SOURCES = tests/live/memcg.c tests/live/group.c tests/live/group.h tests/live/hogs.c tests/live/hogs.h
tests_live_memcg_LDADD = libsample.a libsnapshot.a libbase.a
