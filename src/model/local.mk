# Synthetic snapshots for the tests of every room.
check_LIBRARIES = libmakesnapshot.a
libmakesnapshot_a_SOURCES = tests/unit/make_snapshot.c tests/unit/make_snapshot.h
