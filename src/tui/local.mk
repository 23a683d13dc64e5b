noinst_LIBRARIES += libtui.a
libtui_a_SOURCES = \
	src/tui/field.c include/oomsight/tui/field.h \
	src/tui/frame.c include/oomsight/tui/frame.h \
	src/tui/key.c include/oomsight/tui/key.h \
	src/tui/theme.c include/oomsight/tui/theme.h

# The rooms a screen may use; the terminal file brings ncursesw besides.
TUI_LIBS = libtui.a libbase.a
