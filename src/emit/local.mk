noinst_LIBRARIES += libemit.a
libemit_a_SOURCES = \
	src/emit/json_writer.c src/emit/json_writer.h \
	src/emit/parts.c src/emit/parts.h \
	src/emit/tick_json.c \
	src/emit/tick_text.c \
	src/emit/openmetrics.c \
	src/emit/verdict.c \
	src/emit/explain_json.c src/emit/explain_text.c include/oomsight/emit/explain.h \
	include/oomsight/emit/emit.h

# The schema of the JSON, for those who read it.
schemadir = $(pkgdatadir)
dist_schema_DATA = src/emit/oomsight-1.schema.json

UNIT_TESTS += tests/unit/test_emit_parts tests/unit/test_emit_json tests/unit/test_emit_text \
	tests/unit/test_emit_openmetrics tests/unit/test_emit_verdict
emit_test_libs = libmakesnapshot.a libemit.a libmodel.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
emit_scene = tests/unit/make_scene.c tests/unit/make_scene.h
tests_unit_test_emit_parts_SOURCES = tests/unit/test_emit_parts.c
tests_unit_test_emit_parts_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_emit_parts_LDADD = $(emit_test_libs)
tests_unit_test_emit_json_SOURCES = tests/unit/test_emit_json.c $(emit_scene)
tests_unit_test_emit_json_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_emit_json_LDADD = $(emit_test_libs)
tests_unit_test_emit_text_SOURCES = tests/unit/test_emit_text.c $(emit_scene)
tests_unit_test_emit_text_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_emit_text_LDADD = $(emit_test_libs)
tests_unit_test_emit_openmetrics_SOURCES = tests/unit/test_emit_openmetrics.c $(emit_scene)
tests_unit_test_emit_openmetrics_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_emit_openmetrics_LDADD = $(emit_test_libs)
tests_unit_test_emit_verdict_SOURCES = tests/unit/test_emit_verdict.c $(emit_scene)
tests_unit_test_emit_verdict_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_emit_verdict_LDADD = $(emit_test_libs)

check_PROGRAMS += tests/schema/emit_scenes
tests_schema_emit_scenes_SOURCES = tests/schema/emit_scenes.c $(emit_scene)
tests_schema_emit_scenes_LDADD = libmakesnapshot.a libemit.a libmodel.a libsnapshot.a libbase.a
TESTS += tests/schema/json_schema.sh
dist_check_SCRIPTS += tests/schema/json_schema.sh
dist_noinst_SCRIPTS += tests/schema/validate.py
