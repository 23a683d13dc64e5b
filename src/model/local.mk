noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = \
	src/model/badness.c include/oomsight/model/badness.h \
	src/model/release.c src/model/release.h \
	src/model/rules.c include/oomsight/model/rules.h \
	src/model/eligibility.c src/model/whatif.c \
	src/model/commit.c include/oomsight/model/commit.h \
	src/model/scope.c include/oomsight/model/scope.h \
	src/model/memcg.c include/oomsight/model/memcg.h \
	src/model/ranking.c include/oomsight/model/ranking.h \
	src/model/sentence.c src/model/sentence.h \
	src/model/verdict.c include/oomsight/model/verdict.h \
	src/model/shortfall.c src/model/shortfall.h \
	src/model/watermarks.c src/model/watermarks.h \
	src/model/cascade.c include/oomsight/model/cascade.h \
	src/model/rates.c include/oomsight/model/rates.h \
	src/model/headroom.c include/oomsight/model/headroom.h \
	src/model/memcg_forecast.c src/model/memcg_forecast.h \
	src/model/forecast.c include/oomsight/model/forecast.h \
	src/model/history.c include/oomsight/model/history.h \
	src/model/check.c include/oomsight/model/check.h \
	src/model/model.c include/oomsight/model/model.h \
	src/model/grow.h

# Synthetic snapshots for the tests of every room.
check_LIBRARIES += libmakesnapshot.a
libmakesnapshot_a_SOURCES = tests/unit/make_snapshot.c tests/unit/make_snapshot.h

UNIT_TESTS += \
	tests/unit/test_model_badness \
	tests/unit/test_model_rules \
	tests/unit/test_model_ranking \
	tests/unit/test_model_verdict \
	tests/unit/test_model_scope \
	tests/unit/test_model_cascade \
	tests/unit/test_model_watermarks \
	tests/unit/test_model_legacy \
	tests/unit/test_model_cases \
	tests/unit/test_model_rates \
	tests/unit/test_model_check \
	tests/unit/test_model_forecast \
	tests/unit/test_model_headroom \
	tests/unit/test_model_exhaustion \
	tests/unit/test_model_history \
	tests/unit/test_model_model
tests_unit_test_model_badness_SOURCES = tests/unit/test_model_badness.c
tests_unit_test_model_badness_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_model_badness_LDADD = libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_model_history_SOURCES = tests/unit/test_model_history.c
tests_unit_test_model_history_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_model_history_LDADD = libmodel.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_model_rules_SOURCES = tests/unit/test_model_rules.c
tests_unit_test_model_rules_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_model_rules_LDADD = libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_model_ranking_SOURCES = tests/unit/test_model_ranking.c
tests_unit_test_model_ranking_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_model_ranking_LDADD = libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_model_verdict_SOURCES = tests/unit/test_model_verdict.c
tests_unit_test_model_verdict_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_model_verdict_LDADD = libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_model_rates_SOURCES = tests/unit/test_model_rates.c
tests_unit_test_model_rates_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_model_rates_LDADD = libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_model_check_SOURCES = tests/unit/test_model_check.c
tests_unit_test_model_check_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_model_check_LDADD = libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_model_forecast_SOURCES = tests/unit/test_model_forecast.c
tests_unit_test_model_forecast_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_model_forecast_LDADD = libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_model_headroom_SOURCES = tests/unit/test_model_headroom.c
tests_unit_test_model_headroom_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_model_headroom_LDADD = libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_model_exhaustion_SOURCES = tests/unit/test_model_exhaustion.c
tests_unit_test_model_exhaustion_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_model_exhaustion_LDADD = libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_model_model_SOURCES = tests/unit/test_model_model.c
tests_unit_test_model_model_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_model_model_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_unit_test_model_model_LDADD = libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_model_scope_SOURCES = tests/unit/test_model_scope.c tests/unit/make_verdict.h
tests_unit_test_model_scope_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_model_scope_LDADD = libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_model_cases_SOURCES = tests/unit/test_model_cases.c tests/unit/make_verdict.h
tests_unit_test_model_cases_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_model_cases_LDADD = libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_model_cascade_SOURCES = tests/unit/test_model_cascade.c tests/unit/make_verdict.h
tests_unit_test_model_cascade_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_model_cascade_LDADD = libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_model_watermarks_SOURCES = tests/unit/test_model_watermarks.c tests/unit/make_verdict.h
tests_unit_test_model_watermarks_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_model_watermarks_LDADD = libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_model_legacy_SOURCES = tests/unit/test_model_legacy.c tests/unit/make_verdict.h
tests_unit_test_model_legacy_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_model_legacy_LDADD = libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
