bin_PROGRAMS += oomsight
oomsight_SOURCES = src/app/main.c
