# Real OOM kills, of children of the test alone, in memory cgroups it makes below
# its own; skipped where that is not allowed.
check_PROGRAMS += tests/live/memcg
TESTS += tests/live/memcg
tests_live_memcg_SOURCES = tests/live/memcg.c tests/live/group.c tests/live/group.h tests/live/hogs.c tests/live/hogs.h
tests_live_memcg_LDADD = libsample.a libsnapshot.a libbase.a

# The same on the monitor's screen.
if HAVE_VTERM
UNIT_TESTS += tests/live/kill_shows tests/live/kill_marked
endif
tests_live_kill_shows_SOURCES = tests/live/kill_shows.c tests/live/group.c tests/live/group.h tests/live/hogs.c tests/live/hogs.h
tests_live_kill_shows_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_live_kill_shows_LDADD = $(E2E_LIBS) libsample.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_live_kill_marked_SOURCES = tests/live/kill_marked.c tests/live/group.c tests/live/group.h tests/live/hogs.c tests/live/hogs.h
tests_live_kill_marked_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_live_kill_marked_LDADD = $(E2E_LIBS) libsample.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
