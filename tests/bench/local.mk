# `make bench`, see tests/bench/bench.c. Always compiled with the tests, so
# that it does not rot; never run by them.
BENCH_ARGS =
if HAVE_VTERM
check_PROGRAMS += tests/bench/bench
tests_bench_bench_SOURCES = tests/bench/bench.c \
	tests/bench/measure.c tests/bench/measure.h \
	tests/bench/peers.c tests/bench/peers.h \
	tests/bench/report.c tests/bench/report.h
tests_bench_bench_LDADD = $(E2E_LIBS) -lm

bench: $(bin_PROGRAMS) tests/bench/bench tests/helpers/crowd
	@builddir='$(abs_builddir)' tests/bench/bench \
		--still-root '$(abs_srcdir)/tests/fixtures/small-host' \
		--commit "`git -C '$(srcdir)' describe --always --dirty 2>/dev/null || echo '$(PACKAGE_VERSION)'`" $(BENCH_ARGS)
else
bench:
	@echo "bench: libvterm was not there when this was configured (libvterm-dev on Debian)" >&2; exit 1
endif

# `make bench-stress`, see tests/bench/stress.c.
STRESS_ARGS =
check_PROGRAMS += tests/bench/stress
tests_bench_stress_SOURCES = tests/bench/stress.c
tests_bench_stress_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/app
tests_bench_stress_LDADD = libe2e.a libapp.a libtui.a libknob.a libemit.a libklog.a libmodel.a libsample.a libsnapshot.a \
	libbase.a $(NCURSESW_LIBS) $(LIBPROC2_LIBS) -lpthread -lm

bench-stress: tests/bench/stress tests/helpers/crowd tests/helpers/churn
	@builddir='$(abs_builddir)' tests/bench/stress $(STRESS_ARGS)
.PHONY: bench bench-stress
