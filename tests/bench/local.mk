# `make bench`, see tests/bench/bench.c. Always compiled with the tests, so
# that it does not rot; never run by them.
BENCH_ARGS =
if HAVE_VTERM
check_PROGRAMS += tests/bench/bench
tests_bench_bench_SOURCES = tests/bench/bench.c \
	tests/bench/events.c tests/bench/events.h \
	tests/bench/measure.c tests/bench/measure.h \
	tests/bench/peers.c tests/bench/peers.h \
	tests/bench/report.c tests/bench/report.h
tests_bench_bench_LDADD = $(E2E_LIBS) -lm

bench: $(bin_PROGRAMS) tests/bench/bench tests/helpers/crowd
	@builddir='$(abs_builddir)' tests/bench/bench \
		--still-root '$(abs_srcdir)/tests/fixtures/small-host' \
		--commit "`git -C '$(srcdir)' describe --always --dirty 2>/dev/null || echo '$(PACKAGE_VERSION)'`" $(BENCH_ARGS)
# Beside them a program that needs no libraries, see README.md.
bench-static: $(bin_PROGRAMS)
	$(MKDIR_P) static
	cd static && { test -f Makefile || '$(abs_srcdir)/configure' -q LDFLAGS=-static; } && $(MAKE) $(AM_MAKEFLAGS) all
	$(MAKE) $(AM_MAKEFLAGS) bench BENCH_ARGS="--static $(abs_builddir)/static/oomsight $(BENCH_ARGS)"
else
bench bench-static:
	@echo "bench: libvterm was not there when this was configured (libvterm-dev on Debian)" >&2; exit 1
endif
distclean-local: distclean-static
distclean-static:
	rm -rf static

# `make bench-stress`, see tests/bench/stress.c.
STRESS_ARGS =
check_PROGRAMS += tests/bench/stress
tests_bench_stress_SOURCES = tests/bench/stress.c
tests_bench_stress_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/app
tests_bench_stress_LDADD = libe2e.a libapp.a libtui.a libknob.a libemit.a libklog.a libmodel.a libsample.a libsnapshot.a \
	libbase.a $(NCURSESW_LIBS) $(LIBPROC2_LIBS) -lpthread -lm

bench-stress: $(bin_PROGRAMS) tests/bench/stress tests/helpers/crowd tests/helpers/churn
	@builddir='$(abs_builddir)' tests/bench/stress $(STRESS_ARGS)
.PHONY: bench bench-static bench-stress distclean-static
