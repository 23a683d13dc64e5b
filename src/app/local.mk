noinst_LIBRARIES += libapp.a
libapp_a_SOURCES = \
	src/app/options.c src/app/options.h \
	src/app/cmdline.c \
	src/app/config.c src/app/config.h \
	src/app/config_file.c

bin_PROGRAMS += oomsight
oomsight_SOURCES = src/app/main.c
