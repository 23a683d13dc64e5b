include tests/helpers/local.mk
include tests/live/local.mk
include tests/e2e/local.mk
include tests/bench/local.mk
include tests/fuzz/local.mk
include tests/vm/local.mk
