# Real kernels, real kills: see tests/vm/bench.py. Never part of `make check`: it
# fetches kernels and takes minutes.
#
#	make check-vm           every case on every kernel
#	make check-vm-smoke     seven cases on one
#	make check-vm-screens   the monitor's screens of cgroups and NUMA nodes on two (in check-vm, too)
#	make check-vm-explain   afterwards: are the kernels' reports read right?
#	make check-vm KERNELS="6.1 newest" CASES="biggest-rss cpuset"
#	make bench-vm           a host that dies slowly: who still ticks, was it foretold
#	make bench-vm-stress    the hard ticks of make bench-stress, with 32768 processes
#	make bench-vm KERNELS=6.18 BENCH_VM_ARGS="--stages 'no-swap swing' --runs 5"
#
# As root QEMU and busybox are installed where missing, unless VM_FLAGS is empty.
EXTRA_PROGRAMS = tests/vm/hog tests/vm/stage tests/vm/thrash
tests_vm_hog_SOURCES = tests/helpers/hog.c
tests_vm_hog_CFLAGS = $(HELPER_CFLAGS)
tests_vm_hog_LDFLAGS = -static -pthread
tests_vm_stage_SOURCES = tests/vm/stage.c
tests_vm_stage_CFLAGS = $(HELPER_CFLAGS)
tests_vm_stage_LDFLAGS = -static
tests_vm_thrash_SOURCES = tests/vm/thrash.c tests/vm/thrash_load.c tests/vm/thrash.h
tests_vm_thrash_CFLAGS = $(HELPER_CFLAGS)
tests_vm_thrash_LDFLAGS = -static
if HAVE_VTERM
EXTRA_PROGRAMS += tests/vm/screens
tests_vm_screens_SOURCES = tests/vm/screens.c
tests_vm_screens_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_vm_screens_LDADD = $(E2E_LIBS) $(CMOCKA_LIBS)
endif
CLEANFILES += $(EXTRA_PROGRAMS)
dist_noinst_SCRIPTS += tests/vm/screens.py
dist_noinst_SCRIPTS += tests/vm/bench.py tests/vm/explain_check.py tests/vm/kernels.sh tests/vm/guest.sh
dist_noinst_SCRIPTS += tests/vm/stress.py tests/vm/thrash.py tests/vm/thrash_fixture.py
dist_noinst_DATA += tests/vm/cases.py tests/vm/initramfs.py tests/vm/judge.py tests/vm/judge_test.py
dist_noinst_DATA += tests/vm/thrash_judge.py tests/vm/thrash_judge_test.py
TESTS += tests/vm/judge.sh tests/vm/thrash_judge.sh
dist_check_SCRIPTS += tests/vm/judge.sh tests/vm/thrash_judge.sh

KERNELS =
CASES =
VM_FLAGS = --install
VM_BENCH = python3 -B '$(srcdir)/tests/vm/bench.py' --build . --kernels '$(KERNELS)' --cases '$(CASES)' $(VM_FLAGS)
vm_unit_tests = tests/unit/test_sample_bpf$(EXEEXT) tests/unit/test_sample_slept$(EXEEXT) \
	tests/unit/test_sample_carried$(EXEEXT)
check-vm: $(bin_PROGRAMS) $(EXTRA_PROGRAMS) $(vm_unit_tests)
	$(VM_BENCH)
	$(VM_LOOK)
if HAVE_VTERM
VM_LOOK = python3 -B '$(srcdir)/tests/vm/screens.py' --build . --kernels '$(KERNELS)'
else
VM_LOOK = @echo 'SKIP: without libvterm nobody looks at the screens'; exit 77
endif
check-vm-screens: $(bin_PROGRAMS) $(EXTRA_PROGRAMS)
	$(VM_LOOK)
# What the guests' kernels logged, once more through `explain`.
check-vm-explain: $(bin_PROGRAMS)
	python3 -B '$(srcdir)/tests/vm/explain_check.py' ./oomsight tests/vm/logs
check-vm-smoke: $(bin_PROGRAMS) $(EXTRA_PROGRAMS) $(vm_unit_tests)
	$(VM_BENCH) --smoke
BENCH_VM_ARGS =
bench-vm: $(bin_PROGRAMS) $(EXTRA_PROGRAMS)
	python3 -B '$(srcdir)/tests/vm/thrash.py' --build . --kernels '$(KERNELS)' $(VM_FLAGS) $(BENCH_VM_ARGS)
VM_STRESS_ARGS =
bench-vm-stress: $(bin_PROGRAMS) tests/bench/stress tests/helpers/crowd tests/helpers/churn
	python3 -B '$(srcdir)/tests/vm/stress.py' --build . --kernels '$(KERNELS)' $(VM_FLAGS) $(VM_STRESS_ARGS)
clean-local: clean-vm
clean-vm:
	rm -rf tests/vm/logs
# A clean does not throw away what was fetched.
distclean-local: distclean-vm
distclean-vm:
	rm -rf tests/vm/kernels
.PHONY: bench-vm bench-vm-stress check-vm check-vm-screens check-vm-explain check-vm-smoke clean-vm distclean-vm
