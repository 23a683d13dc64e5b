#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh SECONDS TARGET...: each fuzz target for so long under libFuzzer, built
# by clang with sanitizers in a directory of its own below the one it is called
# in. What is found stays in fuzz/findings: mend it, and put the input into
# seeds/ under a name that says what it was.
set -eu
srcdir=$(cd "$(dirname "$0")/../.." && pwd)
seconds=$1
shift

command -v clang >/dev/null || { echo "make fuzz needs clang with libFuzzer" >&2; exit 1; }
[ ! -f "$srcdir/config.status" ] || { echo "make fuzz needs a build outside the source tree" >&2; exit 1; }
mkdir -p fuzz/findings
cd fuzz
san=address,undefined
[ -f Makefile ] || "$srcdir/configure" --quiet CC=clang CFLAGS="-g -O1 -fsanitize=fuzzer-no-link,$san -fno-sanitize-recover=all"
make -s src/app/builtin_themes.h
make -s libapp.a libtui.a libknob.a libemit.a libklog.a libmodel.a libsample.a libsnapshot.a libbase.a

status=0
for target; do
	name=${target##*/fuzz_}
	mkdir -p "corpus/$name"
	seeds=$srcdir/tests/fuzz/seeds/$name longest=8192
	[ "$name" != klog ] || { seeds=$srcdir/tests/fixtures/oomlogs; longest=65536; }
	clang -g -O1 -std=c17 -D_GNU_SOURCE -fsanitize=fuzzer,$san -I"$srcdir/include" -I"$srcdir/src/app" \
		"$srcdir/$target.c" libapp.a libtui.a libknob.a libemit.a libklog.a libmodel.a libsample.a libsnapshot.a libbase.a -o "fuzz_$name"
	echo "fuzzing $name for $seconds s"
	if ! "./fuzz_$name" -max_total_time="$seconds" -max_len=$longest -artifact_prefix="findings/$name-" \
		"corpus/$name" "$seeds" >"$name.log" 2>&1; then
		tail -n 40 "$name.log"
		status=1
	fi
done
exit $status
