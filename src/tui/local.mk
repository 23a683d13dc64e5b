noinst_LIBRARIES += libtui.a
libtui_a_SOURCES = \
	src/tui/column.c include/oomsight/tui/column.h \
	src/tui/view.c include/oomsight/tui/view.h \
	src/tui/ui.c include/oomsight/tui/ui.h src/tui/screen.h \
	src/tui/header.c \
	src/tui/flow.c src/tui/flow.h \
	src/tui/lines.c src/tui/lines.h \
	src/tui/table.c \
	src/tui/screen_main.c \
	src/tui/screen_help.c \
	src/tui/screen_details.c \
	src/tui/screen_system.c \
	src/tui/screen_sysctl.c \
	src/tui/dialog_adj.c \
	src/tui/dialog_menu.c \
	src/tui/dialog_prompt.c \
	src/tui/field.c include/oomsight/tui/field.h \
	src/tui/frame.c include/oomsight/tui/frame.h \
	src/tui/key.c include/oomsight/tui/key.h \
	src/tui/term.c include/oomsight/tui/term.h \
	src/tui/terminfo.c src/tui/terminfo.h \
	src/tui/theme.c include/oomsight/tui/theme.h

# The rooms a screen may use; the terminal file brings ncursesw besides.
TUI_LIBS = libtui.a libbase.a

UNIT_TESTS += \
	tests/unit/test_tui_field \
	tests/unit/test_tui_frame \
	tests/unit/test_tui_key \
	tests/unit/test_tui_theme
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
