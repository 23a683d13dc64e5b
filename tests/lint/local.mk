# Rules of the house, and what is written for people held against the program.
LINTS = tests/lint/tree.sh tests/lint/docs.sh tests/lint/bpf_skeleton.sh
TESTS += $(LINTS)
dist_check_SCRIPTS += $(LINTS)
