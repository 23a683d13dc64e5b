noinst_LIBRARIES += libsample.a
libsample_a_SOURCES = \
	src/sample/sampler.c include/oomsight/sample/sampler.h \
	src/sample/details.c include/oomsight/sample/details.h \
	src/sample/pressure.c include/oomsight/sample/pressure.h \
	src/sample/lane.c include/oomsight/sample/lane.h \
	src/sample/tasks.c src/sample/tasks.h \
	src/sample/task_files.c src/sample/task_files.h \
	src/sample/process_list.c src/sample/process_list.h \
	src/sample/cpu_clocks.c src/sample/cpu_clocks.h \
	src/sample/kept_tasks.c src/sample/kept_tasks.h \
	src/sample/memcgs.c src/sample/memcgs.h \
	src/sample/mmid.c src/sample/mmid.h \
	src/sample/bpf_source.c src/sample/bpf_source.h \
	src/sample/bpf_cgroups.c src/sample/bpf_cgroups.h \
	src/sample/bpf_walk.c src/sample/bpf_walk.h \
	src/sample/bpf_image.c src/sample/bpf_image.h \
	src/sample/bpf_plain.c src/sample/bpf_plain.h \
	src/sample/btf.c src/sample/btf.h \
	src/sample/bpf/task_rec.h src/sample/bpf/task_walk.image.inc src/sample/bpf/task_each.image.inc \
	src/sample/victims.c include/oomsight/sample/victims.h \
	src/sample/system.c src/sample/system.h \
	src/sample/libproc.c src/sample/libproc.h \
	src/sample/files.c src/sample/files.h \
	include/oomsight/sample/parse.h \
	src/sample/parse_task.c \
	src/sample/parse_system.c \
	src/sample/parse_psi.c \
	src/sample/parse_zoneinfo.c \
	src/sample/parse_swaps.c \
	src/sample/parse_memcg.c \
	src/sample/parse_node.c \
	src/sample/parse_mountinfo.c

sample_test_libs = libsample.a libsnapshot.a libbase.a $(LIBPROC2_LIBS) -lpthread $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_sample_parse_task tests/unit/test_sample_parse_system
tests_unit_test_sample_parse_task_SOURCES = tests/unit/test_sample_parse_task.c
tests_unit_test_sample_parse_task_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_parse_task_LDADD = libsample.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_sample_parse_system_SOURCES = tests/unit/test_sample_parse_system.c
tests_unit_test_sample_parse_system_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_parse_system_LDADD = libsample.a libsnapshot.a libbase.a $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_sample_fixture
tests_unit_test_sample_fixture_SOURCES = tests/unit/test_sample_fixture.c
tests_unit_test_sample_fixture_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_fixture_LDADD = $(sample_test_libs)

UNIT_TESTS += tests/unit/test_sample_live tests/unit/test_sample_allocations
tests_unit_test_sample_live_SOURCES = tests/unit/test_sample_live.c
tests_unit_test_sample_live_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_live_LDADD = $(sample_test_libs)
tests_unit_test_sample_allocations_SOURCES = tests/unit/test_sample_allocations.c
tests_unit_test_sample_allocations_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_allocations_LDADD = $(sample_test_libs) -ldl

UNIT_TESTS += tests/unit/test_sample_lane
tests_unit_test_sample_lane_SOURCES = tests/unit/test_sample_lane.c
tests_unit_test_sample_lane_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_lane_LDADD = $(sample_test_libs)

UNIT_TESTS += tests/unit/test_sample_parse_memcg tests/unit/test_sample_memcg
tests_unit_test_sample_parse_memcg_SOURCES = tests/unit/test_sample_parse_memcg.c
tests_unit_test_sample_parse_memcg_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_parse_memcg_LDADD = libsample.a libsnapshot.a libbase.a $(CMOCKA_LIBS)
tests_unit_test_sample_memcg_SOURCES = tests/unit/test_sample_memcg.c
tests_unit_test_sample_memcg_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_memcg_LDADD = $(sample_test_libs)
UNIT_TESTS += tests/unit/test_sample_files
tests_unit_test_sample_files_SOURCES = tests/unit/test_sample_files.c
tests_unit_test_sample_files_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/sample
tests_unit_test_sample_files_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_files_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=root_pread_all
tests_unit_test_sample_files_LDADD = $(sample_test_libs)
UNIT_TESTS += tests/unit/test_sample_mmid
tests_unit_test_sample_mmid_SOURCES = tests/unit/test_sample_mmid.c
tests_unit_test_sample_mmid_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/sample
tests_unit_test_sample_mmid_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_mmid_LDADD = $(sample_test_libs)

UNIT_TESTS += tests/unit/test_sample_two_speed
tests_unit_test_sample_two_speed_SOURCES = tests/unit/test_sample_two_speed.c
tests_unit_test_sample_two_speed_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/sample
tests_unit_test_sample_two_speed_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_two_speed_LDADD = $(sample_test_libs)

UNIT_TESTS += tests/unit/test_sample_pressure
tests_unit_test_sample_pressure_SOURCES = tests/unit/test_sample_pressure.c
tests_unit_test_sample_pressure_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_pressure_LDADD = libsample.a libsnapshot.a libbase.a $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_sample_victims
tests_unit_test_sample_victims_SOURCES = tests/unit/test_sample_victims.c
tests_unit_test_sample_victims_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_victims_LDADD = $(sample_test_libs)

UNIT_TESTS += tests/unit/test_sample_bpf
tests_unit_test_sample_bpf_SOURCES = tests/unit/test_sample_bpf.c tests/unit/bpf_host.h tests/unit/children.h
tests_unit_test_sample_bpf_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/sample
tests_unit_test_sample_bpf_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_bpf_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=bpf_walk_run,--wrap=bpf_image_load,--wrap=btf_find_function,--wrap=file_read
tests_unit_test_sample_bpf_LDADD = $(sample_test_libs)

UNIT_TESTS += tests/unit/test_sample_slept tests/unit/test_sample_carried
bpf_chain_headers = tests/unit/bpf_chain.h tests/unit/bpf_host.h tests/unit/children.h tests/unit/servant.h
tests_unit_test_sample_slept_SOURCES = tests/unit/test_sample_slept.c $(bpf_chain_headers)
tests_unit_test_sample_slept_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_slept_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=turnover_carry
tests_unit_test_sample_slept_LDADD = $(sample_test_libs)
tests_unit_test_sample_carried_SOURCES = tests/unit/test_sample_carried.c $(bpf_chain_headers)
tests_unit_test_sample_carried_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/sample
tests_unit_test_sample_carried_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_carried_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=turnover_carry,--wrap=bpf_walk_run,--wrap=cgroup_table_find
tests_unit_test_sample_carried_LDADD = $(sample_test_libs)

UNIT_TESTS += tests/unit/test_sample_btf
tests_unit_test_sample_btf_SOURCES = tests/unit/test_sample_btf.c
tests_unit_test_sample_btf_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/sample
tests_unit_test_sample_btf_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sample_btf_LDADD = $(sample_test_libs)

# The BPF programs are shipped compiled; who changes their source makes them anew.
bpf_program_files = src/sample/bpf/task_walk.bpf.c src/sample/bpf/task_each.bpf.c src/sample/bpf/task_fill.bpf.h \
	src/sample/bpf/records.bpf.h src/sample/bpf/kernel.bpf.h
EXTRA_DIST += $(bpf_program_files)
dist_noinst_SCRIPTS += src/sample/bpf/regen.sh src/sample/bpf/plain_image.py
.PHONY: regen-bpf
regen-bpf:
	for program in task_walk task_each; do \
		$(SHELL) $(srcdir)/src/sample/bpf/regen.sh $$program >$$program.image.tmp && \
		mv $$program.image.tmp $(srcdir)/src/sample/bpf/$$program.image.inc || exit 1; \
	done
