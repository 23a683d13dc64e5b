# What the tests share; the unit tests of a room stand in its own fragment.
check_LIBRARIES =
include tests/helpers/local.mk
include tests/e2e/local.mk
include tests/bench/local.mk
