noinst_LIBRARIES += libapp.a
libapp_a_SOURCES = \
	src/app/options.c src/app/options.h \
	src/app/cmdline.c \
	src/app/config.c src/app/config.h \
	src/app/config_file.c \
	src/app/crash.c src/app/crash.h \
	src/app/protect.c src/app/protect.h \
	src/app/session.c src/app/session.h \
	src/app/monitor.c \
	src/app/hindsight.c src/app/hindsight.h \
	src/app/batch.c \
	src/app/predict.c \
	src/app/explain.c \
	src/app/journal.c src/app/journal.h \
	src/app/input.c src/app/input.h

# The shipped themes are in the program too: it serves from where it was built,
# or copied to, without being installed.
BUILTIN_THEMES = $(top_srcdir)/themes/colorblind.theme $(top_srcdir)/themes/default.theme \
	$(top_srcdir)/themes/high-contrast.theme $(top_srcdir)/themes/light.theme $(top_srcdir)/themes/mono.theme
nodist_libapp_a_SOURCES = src/app/builtin_themes.h
libapp_a_CPPFLAGS = $(AM_CPPFLAGS) -Isrc/app
EXTRA_DIST += src/app/builtin_themes.awk
BUILT_SOURCES += src/app/builtin_themes.h
CLEANFILES += src/app/builtin_themes.h
src/app/builtin_themes.h: src/app/builtin_themes.awk $(BUILTIN_THEMES)
	$(AM_V_GEN)$(MKDIR_P) src/app && \
	$(AWK) -f $(top_srcdir)/src/app/builtin_themes.awk $(BUILTIN_THEMES) >$@.tmp && mv -f $@.tmp $@

bin_PROGRAMS += oomsight
oomsight_SOURCES = src/app/main.c
oomsight_LDFLAGS = $(AM_LDFLAGS) $(SELDOM_LDFLAGS)
EXTRA_oomsight_DEPENDENCIES = $(top_srcdir)/src/app/seldom.ld
EXTRA_DIST += src/app/seldom.ld
oomsight_LDADD = libapp.a libtui.a libknob.a libemit.a libklog.a libmodel.a libsample.a libsnapshot.a libbase.a \
	$(NCURSESW_LIBS) $(LIBPROC2_LIBS) -lpthread

# What the option table needs: the tables of the other rooms, no terminal, no host.
APP_TABLES = libapp.a libtui.a libknob.a libklog.a libmodel.a libsnapshot.a libbase.a

# The manual is made from the program's own tables. A release archive ships it,
# so gendoc is only ordered before it: what it depends on are the sources.
noinst_PROGRAMS += gendoc
gendoc_SOURCES = src/app/gendoc.c
gendoc_LDADD = $(APP_TABLES)
EXTRA_DIST += src/app/oomsight.1.in
dist_man_MANS += src/app/oomsight.1
MAINTAINERCLEANFILES += src/app/oomsight.1
src/app/oomsight.1: src/app/oomsight.1.in src/app/gendoc.c src/app/options.c src/app/options.h \
		include/oomsight/tui/column.h src/knob/table.c include/oomsight/tui/key.h \
		include/oomsight/tui/frame.h include/oomsight/snapshot/system.h \
		configure.ac | gendoc$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) src/app && \
	./gendoc$(EXEEXT) <$(top_srcdir)/src/app/oomsight.1.in >$@.tmp && mv -f $@.tmp $@

UNIT_TESTS += tests/unit/test_app_hindsight
tests_unit_test_app_hindsight_SOURCES = tests/unit/test_app_hindsight.c
tests_unit_test_app_hindsight_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/app
tests_unit_test_app_hindsight_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_hindsight_LDADD = libapp.a libemit.a libklog.a libmodel.a libmakesnapshot.a libsnapshot.a libbase.a $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_app_options tests/unit/test_app_config tests/unit/test_app_config_file
tests_unit_test_app_options_SOURCES = tests/unit/test_app_options.c
tests_unit_test_app_options_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/app
tests_unit_test_app_options_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_options_LDADD = $(APP_TABLES) $(CMOCKA_LIBS)
tests_unit_test_app_config_SOURCES = tests/unit/test_app_config.c
tests_unit_test_app_config_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/app
tests_unit_test_app_config_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_config_LDADD = $(APP_TABLES) $(CMOCKA_LIBS)
tests_unit_test_app_config_file_SOURCES = tests/unit/test_app_config_file.c
tests_unit_test_app_config_file_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/app
tests_unit_test_app_config_file_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_config_file_LDADD = $(APP_TABLES) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_app_crash
tests_unit_test_app_crash_SOURCES = tests/unit/test_app_crash.c tests/unit/pty.c tests/unit/pty.h
tests_unit_test_app_crash_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/app
tests_unit_test_app_crash_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_crash_LDADD = $(APP_TABLES) $(NCURSESW_LIBS) -lpthread $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_app_session
tests_unit_test_app_session_SOURCES = tests/unit/test_app_session.c
tests_unit_test_app_session_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/app
tests_unit_test_app_session_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_session_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_unit_test_app_session_LDADD = libapp.a libtui.a libknob.a libemit.a libklog.a libmodel.a libsample.a libsnapshot.a libbase.a \
	$(NCURSESW_LIBS) $(LIBPROC2_LIBS) -lpthread $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_app_protect
tests_unit_test_app_protect_SOURCES = tests/unit/test_app_protect.c
tests_unit_test_app_protect_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/app
tests_unit_test_app_protect_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_protect_LDADD = libapp.a libbase.a $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_app_ticks
tests_unit_test_app_ticks_SOURCES = tests/unit/test_app_ticks.c
tests_unit_test_app_ticks_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/app
tests_unit_test_app_ticks_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_ticks_LDADD = libapp.a libtui.a libknob.a libemit.a libklog.a libmodel.a libsample.a libsnapshot.a libbase.a \
	$(NCURSESW_LIBS) $(LIBPROC2_LIBS) -lpthread $(CMOCKA_LIBS)
