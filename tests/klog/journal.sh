#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `oomsight explain --journal`: through a library in place of systemd's that has a
# journal of three boots.
set -u
: "${srcdir:?} ${builddir:?}"
. "$srcdir/tests/e2e/tap.sh"

fake=$builddir/tests/klog/fake
[ -e "$fake/libsystemd.so.0" ] || skip_all "built without libsystemd's headers"
fake=$(cd "$fake" && pwd)
# A shared libproc2 wants systemd's own library.
if ldd "$program" 2>/dev/null | grep -q libsystemd; then
	skip_all "the program is linked with libsystemd itself"
fi

explain() {
	LD_LIBRARY_PATH=$fake timeout 20 "$program" explain "$@" </dev/null
}

# kills WANTED ARGUMENTS...: the pids of the kills, in order.
kills() {
	wanted=$1
	shift
	explain -o json "$@" >"$scratch/json" || return 1
	is pids "$(sed 's/.*"killed":\[{"pid":\([0-9]*\),.*/\1/' "$scratch/json" | tr '\n' ' ')" "$wanted"
}

# exits STATUS WORDS ARGUMENTS...
exits() {
	status=$1 words=$2
	shift 2
	explain "$@" >"$scratch/out" 2>"$scratch/err"
	is status $? "$status" && is lines "$(wc -l <"$scratch/err")" 1 && grep -q -- "$words" "$scratch/err"
}

has_both_times() {
	explain -o json --boot -2 >"$scratch/json" && grep -q '"time":"2023-11-14T22:13:20.000Z".*"monotonic_seconds":5.000000' "$scratch/json"
}

check "all boots are read, and only what the kernel said" kills "100 200 300 " --journal
check "boot 0 is the last one" kills "300 " --boot 0
check "boot -1 is the one before" kills "200 " --journal --boot -1
check "a boot is named by its id" kills "100 " --boot aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
check "a boot that is not there is told" exits 1 "knows no boot -3" --boot -3
check "an id without messages is told" exits 1 "no kernel messages" --boot dddddddddddddddddddddddddddddddd
check "what is no boot is a wrong command line" exits 2 "neither 0, -1" --boot yesterday
check "since and until choose" kills "200 " --journal --since 2024-03-01 --until 2024-05-01
check "last chooses" kills "300 " --journal --last 1
check "a directory is taken" kills "100 200 300 " --journal "$scratch"
check "a file that cannot be opened is told" exits 1 "cannot be opened: No such file" --journal "$scratch/none"
check "date and the kernel's stamp are known" has_both_times
mkdir "$scratch/dev" "$scratch/proc" || exit 99
check "below a root the journal is not the fallback" exits 1 "dev/kmsg: cannot be opened" --kernel --root "$scratch"
done_testing
