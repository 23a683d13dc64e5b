#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `oomsight explain` as it is called: files, compressed ones, standard input, a
# kernel log, and what chooses among reports.
set -u
: "${srcdir:?} ${builddir:?}"
samples=$srcdir/tests/fixtures/oomlogs
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

n=0
# check NAME COMMAND...: ok when the command succeeds.
check() {
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$work/said" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' "$work/said" | head -20
	fi
}
skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

explain() {
	"$builddir/oomsight" explain "$@"
}

# counts N ARGUMENTS...: so many reports.
counts() {
	wanted=$1
	shift
	found=$(explain -o json "$@" | wc -l) || return 1
	[ "$found" -eq "$wanted" ] || { echo "$found reports"; return 1; }
}

# same FILE ARGUMENTS...: the output is that file's.
same() {
	file=$1
	shift
	explain -o json "$@" | cmp - "$file"
}

# exits STATUS WORDS ARGUMENTS...: with these words on standard error.
exits() {
	status=$1 words=$2
	shift 2
	explain "$@" >"$work/out" 2>"$work/err" </dev/null
	[ "$?" -eq "$status" ] && grep -q "$words" "$work/err"
}

from_stdin() {
	explain -o json <"$1" | cmp - "$work/plain"
}

one=$samples/38-oomanalyser-proxmox-cgroup-oom.txt
explain -o json "$one" >"$work/plain"
check standard_input_is_read_without_a_file from_stdin "$one"
# shellcheck disable=SC2016 # the inner shell expands
check standard_input_is_read_for_a_dash sh -c '"$1" explain -o json - <"$2" | cmp - "$3"' - "$builddir/oomsight" "$one" "$work/plain"
for tool in gzip xz zstd; do
	if command -v $tool >/dev/null 2>&1 && $tool -c <"$one" >"$work/packed" && explain "$work/packed" >/dev/null 2>&1; then
		check "${tool}_is_unpacked" same "$work/plain" "$work/packed"
		head -c 400 "$work/packed" >"$work/cut"
		check "a_cut_${tool}_file_is_an_error" exits 1 damaged "$work/cut"
	else
		skip "${tool}_is_unpacked" "no $tool here, or not built with it"
	fi
done
if command -v gzip >/dev/null 2>&1 && explain "$work/packed" >/dev/null 2>&1; then
	{ head -n 50 "$one" | gzip -c; tail -n +51 "$one" | gzip -c; } >"$work/two.gz"
	check two_gzip_members_are_one_file same "$work/plain" "$work/two.gz"
fi

all=$(ls "$samples"/*.txt)
# shellcheck disable=SC2086 # a list of files
{
	for file in $all; do
		explain -o json "$file"
	done >"$work/each"
	check several_files_are_read_as_each_alone same "$work/each" $all
	check last_keeps_so_many counts 3 --last 3 $all
	check a_pid_chooses counts 1 -p 3902942 $all
	check a_name_chooses counts 5 --comm mkfs.ext4 $all
	check a_cgroup_chooses_what_is_below_it counts 1 --cgroup /lxc $all
	check a_cgroup_needs_no_slash_before_it counts 1 --cgroup lxc $all
	check no_slash_is_no_mere_prefix_either counts 0 --cgroup lx $all
	check a_cgroup_is_no_mere_prefix counts 0 --cgroup /lx $all
	check since_and_until_choose counts 1 --since 2025-01-01 --until 2026-01-01 -p 3902942,6911 $all
}
check a_file_that_is_missing_is_told exits 1 'cannot be opened: No such file' "$work/none"
# shellcheck disable=SC2016 # likewise
check the_other_files_are_read_all_the_same sh -c '[ "$("$1" explain -o json "$2/none" "$3" 2>/dev/null | wc -l)" -eq 1 ]' - "$builddir/oomsight" "$work" "$one"
check a_log_without_a_report_is_told exits 0 'no OOM report' "$srcdir/configure.ac"
check a_filter_that_fits_nothing_is_no_all_clear exits 0 '1 OOM report was read, and none' --comm zzz "$one"
check nor_is_one_of_a_pid exits 0 '1 OOM report was read, and none' -p 999999 "$one"
printf 'BZh91AY&SY and so on' >"$work/packed.bz2"
check bzip2_is_refused exits 1 'bzcat FILE |' "$work/packed.bz2"
printf 'BZh9 is no bzip2\n' >"$work/bzh.txt"
check a_text_that_begins_like_bzip2_is_read exits 0 'no OOM report' "$work/bzh.txt"
check the_kernel_log_and_a_file_are_refused exits 2 'takes no FILE' --kernel "$one"
check a_range_of_times_that_is_empty_is_refused exits 2 'later than --until' --since 7d --until 8d "$one"
# Two hosts: the first one's victim has the second one's pid.
for pid in 10 11; do
	printf 'a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\nCPU: 1 PID: 41 Comm: a Not tainted 6.1.0 #1\n'
	printf 'Mem-Info:\nNode 0 DMA: 1*4kB (U) = 4kB\n[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n'
	printf '[10] 9 10 9000 1000 40960 0 0 v\n[11] 9 11 9000 500 40960 0 0 w\n'
	printf 'Out of memory: Killed process %s (v) total-vm:36000kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:9 pgtables:40kB oom_score_adj:0\n' $pid
done >"$work/hosts"
sed 8q "$work/hosts" >"$work/host1"
sed 1,8d "$work/hosts" >"$work/host2"
one_log_remembers_its_victims() {
	explain "$work/hosts" | grep -q 'killed before'
}
files_share_no_victims() {
	explain "$work/host1" "$work/host2" >"$work/out" && [ "$(grep -c 'invoked\|asked for' "$work/out")" -ge 2 ] &&
		! grep -q 'killed before' "$work/out"
}
check one_log_remembers_its_victims one_log_remembers_its_victims
check files_share_no_victims files_share_no_victims
check a_wrong_time_is_a_wrong_command_line exits 2 'is not a time' --since soon

mkdir -p "$work/root/proc" "$work/root/dev"
printf '3,1,5000000,-;Out of memory: Killed process 11 (x) total-vm:4096kB, anon-rss:1024kB, file-rss:0kB\n' >"$work/root/dev/kmsg"
check the_kernel_log_is_read_below_the_root counts 1 --kernel --root "$work/root"

# status WANTED COMMAND...: ends with it, and says nothing more than one line.
status() {
	wanted=$1
	shift
	"$@" 2>"$work/err"
	got=$?
	[ $got -eq "$wanted" ] && [ "$(wc -l <"$work/err")" -le 1 ] && return 0
	echo "status $got, not $wanted"
	cat "$work/err"
	return 1
}
# shellcheck disable=SC2086 # a list of files
reader_leaves() {
	{
		timeout 20 "$builddir/oomsight" explain -o "$1" $all $all $all $all 2>"$work/err"
		echo $? >"$work/status"
	} | head -n 1 >"$work/head"
	[ "$(cat "$work/status")" = 0 ] && [ ! -s "$work/err" ] && [ "$(wc -l <"$work/head")" -eq 1 ]
}
disk_is_full() {
	status 1 "$builddir/oomsight" explain -o "$@" "$one" >/dev/full && grep -q 'standard output cannot be written: No space' "$work/err"
}
output_is_closed() {
	status 1 "$builddir/oomsight" explain "$@" >&- && grep -q 'standard output is closed' "$work/err"
}
check a_reader_of_text_that_leaves_is_no_error reader_leaves text
check a_reader_of_json_that_leaves_is_no_error reader_leaves json
if [ -w /dev/full ]; then
	check a_full_disk_is_told_of_text disk_is_full text
	check a_full_disk_is_told_of_json disk_is_full json --last 1
else
	skip a_full_disk_is_told "no /dev/full here"
fi
check a_closed_output_is_told output_is_closed "$one"

for sample in "$samples"/*.text; do
	name=$(basename "$sample" .text)
	explain "$samples/$name.txt" >"$work/text"
	check "words_of_$name" cmp "$sample" "$work/text"
done
echo "1..$n"
