noinst_LIBRARIES += libsample.a
libsample_a_SOURCES = \
	src/sample/sampler.c include/oomsight/sample/sampler.h \
	src/sample/details.c include/oomsight/sample/details.h \
	src/sample/lane.c include/oomsight/sample/lane.h \
	src/sample/tasks.c src/sample/tasks.h \
	src/sample/mmid.c src/sample/mmid.h \
	src/sample/system.c src/sample/system.h \
	src/sample/libproc.c src/sample/libproc.h \
	src/sample/files.c src/sample/files.h \
	include/oomsight/sample/parse.h \
	src/sample/parse_task.c \
	src/sample/parse_system.c \
	src/sample/parse_psi.c \
	src/sample/parse_zoneinfo.c \
	src/sample/parse_swaps.c \
	src/sample/parse_mountinfo.c
