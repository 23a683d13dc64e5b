noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/text.c include/oomsight/base/text.h \
	src/base/diag.c include/oomsight/base/diag.h \
	src/base/out.c include/oomsight/base/out.h \
	src/base/root.c include/oomsight/base/root.h \
	src/base/sort.c include/oomsight/base/sort.h \
	src/base/units.c include/oomsight/base/units.h

noinst_HEADERS += tests/unit/unit.h
UNIT_TESTS += tests/unit/test_base_text tests/unit/test_base_units tests/unit/test_base_sort tests/unit/test_base_out
tests_unit_test_base_text_SOURCES = tests/unit/test_base_text.c
tests_unit_test_base_text_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_text_LDADD = libbase.a $(CMOCKA_LIBS)
tests_unit_test_base_units_SOURCES = tests/unit/test_base_units.c
tests_unit_test_base_units_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_units_LDADD = libbase.a $(CMOCKA_LIBS)
tests_unit_test_base_sort_SOURCES = tests/unit/test_base_sort.c
tests_unit_test_base_sort_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_sort_LDADD = libbase.a $(CMOCKA_LIBS)
tests_unit_test_base_out_SOURCES = tests/unit/test_base_out.c
tests_unit_test_base_out_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_out_LDADD = libbase.a $(CMOCKA_LIBS)
