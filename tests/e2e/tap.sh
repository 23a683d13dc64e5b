# shellcheck shell=sh disable=SC2154 # builddir comes from make
# SPDX-License-Identifier: GPL-2.0-or-later
# For the shell tests, to be sourced: TAP, and a directory that goes away.

# shellcheck disable=SC2034 # for those that read this file in
program=${OOMSIGHT:-$builddir/oomsight}
test_count=0
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# skip_all REASON
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# check NAME COMMAND…: one test, passed if the command is.
check() {
	test_count=$((test_count + 1))
	test_name=$1
	shift
	if "$@" >"$scratch/check.out" 2>&1; then
		echo "ok $test_count - $test_name"
	else
		echo "not ok $test_count - $test_name"
		sed 's/^/# /' "$scratch/check.out"
	fi
}

# is WHAT GOT WANTED
is() {
	[ "$2" = "$3" ] || { echo "$1 is '$2', not '$3'"; return 1; }
}

# The status of a command, its output to $scratch/out and $scratch/err.
status_of() {
	"$@" >"$scratch/out" 2>"$scratch/err"
	echo $?
}

done_testing() {
	echo "1..$test_count"
}
