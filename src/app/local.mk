noinst_LIBRARIES += libapp.a
libapp_a_SOURCES = \
	src/app/options.c src/app/options.h \
	src/app/cmdline.c \
	src/app/config.c src/app/config.h \
	src/app/config_file.c \
	src/app/crash.c src/app/crash.h \
	src/app/session.c src/app/session.h \
	src/app/monitor.c \
	src/app/batch.c \
	src/app/predict.c

bin_PROGRAMS += oomsight
oomsight_SOURCES = src/app/main.c
oomsight_LDADD = libapp.a libtui.a libknob.a libemit.a libmodel.a libsample.a libsnapshot.a libbase.a \
	$(NCURSESW_LIBS) $(LIBPROC2_LIBS) -lpthread
