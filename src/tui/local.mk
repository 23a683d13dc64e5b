noinst_LIBRARIES += libtui.a
libtui_a_SOURCES = \
	src/tui/column.c include/oomsight/tui/column.h \
	src/tui/view.c include/oomsight/tui/view.h \
	src/tui/ui.c include/oomsight/tui/ui.h src/tui/screen.h \
	src/tui/header.c \
	src/tui/flow.c src/tui/flow.h \
	src/tui/lines.c src/tui/lines.h \
	src/tui/table.c \
	src/tui/compare.c src/tui/compare.h \
	src/tui/edit.c \
	src/tui/screen_main.c \
	src/tui/screen_help.c \
	src/tui/screen_details.c \
	src/tui/screen_system.c \
	src/tui/screen_sysctl.c \
	src/tui/groups.c include/oomsight/tui/groups.h \
	src/tui/sandbox.c include/oomsight/tui/sandbox.h include/oomsight/tui/change.h \
	src/tui/screen_groups.c src/tui/screen_groups.h \
	src/tui/groups_edit.c \
	src/tui/screen_nodes.c \
	src/tui/screen_events.c \
	src/tui/screen_whatif.c src/tui/whatif_draw.c src/tui/screen_whatif.h \
	src/tui/screen_apply.c \
	src/tui/dialog_adj.c \
	src/tui/dialog_menu.c \
	src/tui/dialog_prompt.c \
	src/tui/field.c include/oomsight/tui/field.h \
	src/tui/frame.c include/oomsight/tui/frame.h \
	src/tui/width.c src/tui/width.h src/tui/width.inc \
	src/tui/key.c include/oomsight/tui/key.h \
	src/tui/term.c include/oomsight/tui/term.h \
	src/tui/terminfo.c src/tui/terminfo.h \
	src/tui/outlet.c src/tui/outlet.h \
	src/tui/paint.c src/tui/paint.h \
	src/tui/theme.c include/oomsight/tui/theme.h

# The rooms a screen may use; the terminal file brings ncursesw besides.
TUI_LIBS = libtui.a libbase.a

UNIT_TESTS += \
	tests/unit/test_tui_field \
	tests/unit/test_tui_frame \
	tests/unit/test_tui_key \
	tests/unit/test_tui_theme \
	tests/unit/test_tui_width
tests_unit_test_tui_field_SOURCES = tests/unit/test_tui_field.c
tests_unit_test_tui_field_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_field_LDADD = $(TUI_LIBS) $(CMOCKA_LIBS)
tests_unit_test_tui_frame_SOURCES = tests/unit/test_tui_frame.c
tests_unit_test_tui_frame_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_frame_LDADD = $(TUI_LIBS) $(CMOCKA_LIBS)
tests_unit_test_tui_key_SOURCES = tests/unit/test_tui_key.c
tests_unit_test_tui_key_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_key_LDADD = $(TUI_LIBS) $(CMOCKA_LIBS)
tests_unit_test_tui_theme_SOURCES = tests/unit/test_tui_theme.c
tests_unit_test_tui_theme_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_theme_LDADD = $(TUI_LIBS) $(CMOCKA_LIBS)

tests_unit_test_tui_width_SOURCES = tests/unit/test_tui_width.c
tests_unit_test_tui_width_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/tui
tests_unit_test_tui_width_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_width_LDADD = $(TUI_LIBS) $(CMOCKA_LIBS)

# Widths of a newer Unicode, by the C library of whoever makes them.
EXTRA_DIST += src/tui/width.py
.PHONY: regen-widths
regen-widths:
	python3 $(srcdir)/src/tui/width.py >width.inc.tmp && mv width.inc.tmp $(srcdir)/src/tui/width.inc

# On a pseudo terminal, and on an emulated one where there is libvterm.
UNIT_TESTS += tests/unit/test_tui_term
tests_unit_test_tui_term_SOURCES = tests/unit/test_tui_term.c tests/unit/pty.c tests/unit/pty.h
tests_unit_test_tui_term_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_term_LDADD = $(TUI_LIBS) $(NCURSESW_LIBS) $(CMOCKA_LIBS)
if HAVE_VTERM
UNIT_TESTS += tests/unit/test_tui_term_screen
endif
tests_unit_test_tui_term_screen_SOURCES = tests/unit/test_tui_term_screen.c tests/unit/pty.c tests/unit/pty.h
tests_unit_test_tui_term_screen_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(VTERM_CFLAGS)
tests_unit_test_tui_term_screen_LDADD = $(TUI_LIBS) $(NCURSESW_LIBS) $(VTERM_LIBS) $(CMOCKA_LIBS)
# The screens: what they read is made by hand.
check_LIBRARIES += libmakeui.a
libmakeui_a_SOURCES = tests/unit/make_ui.c tests/unit/make_ui.h tests/unit/make_snapshot.h
SCREEN_LIBS = libmakeui.a libtui.a libknob.a libklog.a libmodel.a libmakesnapshot.a libsnapshot.a libbase.a

UNIT_TESTS += tests/unit/test_tui_ui
tests_unit_test_tui_ui_SOURCES = tests/unit/test_tui_ui.c
tests_unit_test_tui_ui_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_ui_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_tui_groups
tests_unit_test_tui_groups_SOURCES = tests/unit/test_tui_groups.c
tests_unit_test_tui_groups_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_groups_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_tui_sandbox
tests_unit_test_tui_sandbox_SOURCES = tests/unit/test_tui_sandbox.c
tests_unit_test_tui_sandbox_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_sandbox_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_tui_whatif
tests_unit_test_tui_whatif_SOURCES = tests/unit/test_tui_whatif.c
tests_unit_test_tui_whatif_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_whatif_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_tui_apply
tests_unit_test_tui_apply_SOURCES = tests/unit/test_tui_apply.c
tests_unit_test_tui_apply_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_apply_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_tui_nodes
tests_unit_test_tui_nodes_SOURCES = tests/unit/test_tui_nodes.c
tests_unit_test_tui_nodes_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_nodes_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_tui_events
tests_unit_test_tui_events_SOURCES = tests/unit/test_tui_events.c
tests_unit_test_tui_events_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_events_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_tui_edit
tests_unit_test_tui_edit_SOURCES = tests/unit/test_tui_edit.c
tests_unit_test_tui_edit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_edit_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_tui_view tests/unit/test_tui_column
tests_unit_test_tui_view_SOURCES = tests/unit/test_tui_view.c
tests_unit_test_tui_view_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_view_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
tests_unit_test_tui_column_SOURCES = tests/unit/test_tui_column.c
tests_unit_test_tui_column_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_column_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)
# malloc is wrapped in the program itself, so its archives see the wrapper too.
UNIT_TESTS += tests/unit/test_tui_alloc
tests_unit_test_tui_alloc_SOURCES = tests/unit/test_tui_alloc.c
tests_unit_test_tui_alloc_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_alloc_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc
tests_unit_test_tui_alloc_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)

# Golden frames; accept-frames writes them anew from what is drawn now.
UNIT_TESTS += tests/unit/test_tui_frames
tests_unit_test_tui_frames_SOURCES = tests/unit/test_tui_frames.c
tests_unit_test_tui_frames_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tui_frames_LDADD = $(SCREEN_LIBS) $(CMOCKA_LIBS)

.PHONY: accept-frames
accept-frames: tests/unit/test_tui_frames$(EXEEXT)
	@mkdir -p '$(abs_srcdir)/tests/fixtures/frames'
	srcdir='$(abs_srcdir)' LC_ALL=C.UTF-8 ACCEPT_FRAMES=1 tests/unit/test_tui_frames$(EXEEXT)
