noinst_LIBRARIES += libemit.a
libemit_a_SOURCES = \
	src/emit/json_writer.c src/emit/json_writer.h \
	src/emit/parts.c src/emit/parts.h \
	src/emit/tick_json.c \
	src/emit/tick_text.c \
	src/emit/openmetrics.c \
	src/emit/verdict.c \
	include/oomsight/emit/emit.h
