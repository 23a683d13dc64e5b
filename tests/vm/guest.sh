#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# /init of a guest: set the stage of one case, freeze, foretell, provoke, tell.
# The first serial port is the kernel's console, with its report of what it did;
# the second one is ours, one fact a line (see bench.py). /case.sh comes from
# cases.py and says set_stage(), provoke(), $predict_options, $trigger_options.
#
# Options and lists of pids are kept in words that are meant to split:
# shellcheck shell=dash disable=SC2086,SC2046,SC2013

export PATH=/bin
CG=/sys/fs/cgroup
CG1=/run/memory

# The end, before anything is provoked: the stage cannot be set (a fault), or
# this kernel has not what the case is about.
leave() {
	[ $# -eq 0 ] || echo "$*"
	echo end
	reboot -f
}

# actor NAME [--cgroup DIR] [--bind NODE] [OPTION OF hog]...
actor() {
	local name=$1 place=
	shift
	while [ "$1" = --cgroup ] || [ "$1" = --bind ]; do
		place="$place $1 $2"
		shift 2
	done
	stage start $place /bin/hog --comm "$name" "$@" >>/run/actors || leave "error actor $name"
}

# pair_within_one_step OPTION OF hog...: two actors, the second with 40 pages
# more, for which /proc prints the same oom_score. A step has some 80 pages, so
# if the pair lies across one, a pair 40 pages up does not.
pair_within_one_step() {
	local more pid scores
	for more in 0 160; do
		: >actors
		actor first "$@" --anon-kib $more
		actor second "$@" --anon-kib $((more + 160))
		scores=$(for pid in $(cut -d ' ' -f 2 actors); do cat "/proc/$pid/oom_score"; done | uniq | wc -l)
		[ "$scores" -gt 1 ] || return 0
		kill -9 $(cut -d ' ' -f 2 actors)
	done
	leave "error no two within one step"
}

# cgroup NAME [FILE VALUE]...: a group below the root, or below another.
cgroup() {
	local dir=$CG/$1 parent=$CG/$1
	parent=${parent%/*}
	shift
	echo '+memory +cpuset' >"$parent/cgroup.subtree_control"
	mkdir "$dir" || leave "error cgroup $dir"
	while [ $# -gt 0 ]; do
		echo "$2" >"$dir/$1" || leave "error $1 = $2"
		shift 2
	done
}

# The memory controller of cgroup v1, where no distribution mounts it.
mount_v1() {
	mkdir -p $CG1
	mount -t cgroup -o memory memory $CG1 || leave absent no memory controller of cgroup v1
}

cgroup_v1() {
	local dir=$CG1/$1
	shift
	mkdir "$dir" || leave "error cgroup $dir"
	while [ $# -gt 0 ]; do
		echo "$2" >"$dir/$1" || leave "error $1 = $2"
		shift 2
	done
}

set_sysctl() {
	echo "$2" >"/proc/sys/vm/$1" || leave "error vm.$1 = $2"
}

add_swap() {
	mkswap /dev/nvme0n1 >/dev/null || leave "error mkswap"
	swapon /dev/nvme0n1 || leave "error swapon"
}

# What oomsight says of the first actor, again and again while COMMAND runs and
# for some seconds after it.
watch_first() {
	(
		echo -1000 >/proc/self/oom_score_adj
		exec oomsight --batch -d 0.5 -n 30 -p "${pids%%[!0-9]*}" -o json >states 2>&1
	) &
	sleep 1
	"$@"
	wait
	sed 's/^/state /' states
}

# The first actor is told to take its swap out of use, and is at it when memory ends.
swapoff_and_open_gate() {
	kill -USR1 "${pids%%[!0-9]*}"
	sleep 2
	open_gate
}

# A test program of `make check` on this kernel; that is all of the case.
run_program() {
	oomsight --batch -n 1 -p 1 -o json 2>&1 | sed 's/^/state /'
	(srcdir=/srv "$1" 2>&1; echo "status $?") | sed 's/^/program /'
	leave
}

# What the rest of the world goes by: the highest oom_score, of equals the
# lowest pid. No process is started for it, it would rank itself.
naive() {
	local best=0 best_pid=0 file pid score
	for file in /proc/[0-9]*/oom_score; do
		read -r score <"$file" || continue
		pid=${file#/proc/}
		pid=${pid%/oom_score}
		if [ "$score" -gt "$best" ] || { [ "$score" -eq "$best" ] && [ "$pid" -lt "$best_pid" ]; }; then
			best=$score
			best_pid=$pid
		fi
	done
	echo "naive $best_pid $best"
}

figures() {
	local pid thread rest
	for pid in $pids; do
		read -r rest <"/proc/$pid/stat"
		set -- ${rest##*) }
		echo "figures $pid stat_rss=${22}" \
			$(awk '/^(Name|VmRSS|VmSwap|VmPTE|Threads):/ { printf "%s%s ", $1, $2 }' "/proc/$pid/status") \
			"adj=$(cat "/proc/$pid/oom_score_adj") oom_score=$(cat "/proc/$pid/oom_score")"
		for thread in "/proc/$pid/task"/*; do
			echo "thread ${thread##*/} $pid"
		done
	done
}

open_gate() {
	echo >gate
	read -r outcome <told
	echo "outcome $outcome"
}

mkdir -p /proc /sys /dev /run /tmp
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm
mount -t tmpfs tmpfs /dev/shm
mount -t cgroup2 cgroup2 $CG
exec </dev/null >/dev/ttyS1 2>&1
cd /run || exit
mkfifo gate told
: >actors

predict_options='' trigger_options=''
# shellcheck source=/dev/null
. /case.sh
echo "kernel $(uname -r)"
set_stage
stage trigger $trigger_options || leave "error trigger"
cat actors
pids=$(cut -d ' ' -f 2 actors)
figures

# The one that asks is not on the stage: where all others are protected it
# would be a candidate itself.
foretell() (
	echo -1000 >/proc/self/oom_score_adj
	exec oomsight predict "$@" $predict_options
)

# The question is asked three times: does the stage keep still?
foretell -o tsv >before 2>&1
foretell -o json >verdict 2>errors || echo "exit status $?" >>errors
sed 's/^/predict /' verdict
sed 's/^/predict-error /' errors
foretell -o tsv >after 2>&1
cmp -s before after || { echo restless; sed 's/^/before /' before; sed 's/^/after /' after; }
naive

dmesg -n 8
echo 'oomsight-vm: the gate opens' >/dev/kmsg
provoke
echo 'oomsight-vm: over' >/dev/kmsg
stage dead $pids
grep '^oom_kill ' /proc/vmstat
echo end
reboot -f
