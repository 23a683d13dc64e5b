noinst_LIBRARIES += libsnapshot.a
libsnapshot_a_SOURCES = \
	src/snapshot/snapshot.c include/oomsight/snapshot/snapshot.h \
	src/snapshot/turnover.c include/oomsight/snapshot/turnover.h \
	src/snapshot/system.c include/oomsight/snapshot/system.h \
	src/snapshot/node.c include/oomsight/snapshot/node.h \
	src/snapshot/memcg.c include/oomsight/snapshot/memcg.h \
	src/snapshot/labels.c include/oomsight/snapshot/labels.h include/oomsight/snapshot/pages.h \
	include/oomsight/snapshot/details.h include/oomsight/snapshot/fact.h include/oomsight/snapshot/task.h

UNIT_TESTS += tests/unit/test_snapshot_snapshot tests/unit/test_snapshot_node tests/unit/test_snapshot_labels
UNIT_TESTS += tests/unit/test_snapshot_turnover
tests_unit_test_snapshot_turnover_SOURCES = tests/unit/test_snapshot_turnover.c
tests_unit_test_snapshot_turnover_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_snapshot_turnover_LDADD = libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_snapshot_snapshot_SOURCES = tests/unit/test_snapshot_snapshot.c
tests_unit_test_snapshot_snapshot_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_snapshot_snapshot_LDADD = libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_snapshot_labels_SOURCES = tests/unit/test_snapshot_labels.c
tests_unit_test_snapshot_labels_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_snapshot_labels_LDADD = libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_snapshot_node_SOURCES = tests/unit/test_snapshot_node.c
tests_unit_test_snapshot_node_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_snapshot_node_LDADD = libsnapshot.a libbase.a $(CMOCKA_LIBS)
