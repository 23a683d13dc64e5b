noinst_LIBRARIES += libknob.a
libknob_a_SOURCES = \
	src/knob/table.c include/oomsight/knob/knob.h \
	src/knob/plan.c src/knob/plan_sysctl.c src/knob/plan.h \
	src/knob/apply.c src/knob/signal.c src/knob/apply.h \
	src/knob/audit.c src/knob/audit.h \
	src/knob/words.c src/knob/words.h
