# Processes of known behaviour for tests and for the benchmark. Built without
# sanitizers: those would change the very memory that is looked at.
HELPER_CFLAGS = -std=c17 $(WARN_CFLAGS)
check_PROGRAMS += tests/helpers/hog tests/helpers/crowd tests/helpers/churn
tests_helpers_hog_SOURCES = tests/helpers/hog.c
tests_helpers_hog_CFLAGS = $(HELPER_CFLAGS)
tests_helpers_hog_LDFLAGS = -pthread
tests_helpers_crowd_SOURCES = tests/helpers/crowd.c
tests_helpers_crowd_CFLAGS = $(HELPER_CFLAGS)
tests_helpers_crowd_LDFLAGS =
tests_helpers_churn_SOURCES = tests/helpers/churn.c
tests_helpers_churn_CFLAGS = $(HELPER_CFLAGS)
tests_helpers_churn_LDFLAGS =
