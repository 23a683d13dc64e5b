#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# --batch towards everything standard output may be: a pipe that is closed
# early, a full disk, nobody; and its ends.
. "${srcdir:?}/tests/e2e/tap.sh"

lines_parse() {
	if command -v python3 >/dev/null; then
		python3 -c 'import json, sys
for line in sys.stdin: assert json.loads(line)["schema"] == "oomsight/1", line' <"$1"
	else
		! grep -qv '^{.*}$' "$1"
	fi
}

one_error_line() {
	is "the number of lines on standard error" "$(wc -l <"$scratch/err")" 1 || { cat "$scratch/err"; return 1; }
	grep -q '^oomsight: ' "$scratch/err" || { cat "$scratch/err"; return 1; }
}

stops_after_n() {
	is status "$(status_of timeout 20 "$program" --batch -o json -n 3 -d 0.1)" 0 &&
		is lines "$(wc -l <"$scratch/out")" 3 && is errors "$(cat "$scratch/err")" "" && lines_parse "$scratch/out"
}

text_names_this_shell() {
	is status "$(status_of timeout 20 "$program" -b -n 1)" 0 && is errors "$(cat "$scratch/err")" "" &&
		grep -q 'PID' "$scratch/out" && grep -Eq "(^|[[:space:]])$$([[:space:]]|\$)" "$scratch/out"
}

text_is_plain() {
	is status "$(status_of timeout 20 "$program" -b -n 1)" 0 && grep -q 'PID' "$scratch/out" &&
		! LC_ALL=C grep -q "$(printf '\033')" "$scratch/out"
}

needs_no_terminal() {
	is status "$(status_of env -u TERM -u HOME timeout 20 "$program" -b -n 1 </dev/null)" 0 && [ -s "$scratch/out" ]
}

# Between "ended in silence" and "killed by SIGPIPE" a user sees no difference.
reader_leaves() {
	{
		timeout 20 "$program" --batch -o "$1" -d 0.1 2>"$scratch/err"
		echo $? >"$scratch/status"
	} | head -n 1 >"$scratch/out"
	is errors "$(cat "$scratch/err")" "" && is lines "$(wc -l <"$scratch/out")" 1 &&
		case $(cat "$scratch/status") in
		0 | 141) ;;
		*) is status "$(cat "$scratch/status")" "0 or 141" ;;
		esac
}

disk_is_full() {
	timeout 20 "$program" --batch -o "$1" -n 2 -d 0.1 >/dev/full 2>"$scratch/err"
	is status $? 1 && one_error_line && grep -q 'No space left on device' "$scratch/err"
}

output_is_closed() {
	timeout 20 "$program" --batch -n 2 -d 0.1 >&- 2>"$scratch/err"
	is status $? 1 && one_error_line
}

# The first output shows that it runs; then the signal. timeout(1) starts it with
# the signals as they come, which '&' in a shell does not.
ends_by() {
	is status "$(status_of timeout --preserve-status -s "$1" 1.5 "$program" --batch -o json -d 0.2)" 0 &&
		is errors "$(cat "$scratch/err")" "" && [ -s "$scratch/out" ] && lines_parse "$scratch/out"
}

# Not only between two ticks: also while it sleeps for long.
sleep_is_cut_short() {
	began=$(date +%s)
	ended=$(status_of timeout --preserve-status -k 10 -s TERM 1 "$program" --batch -d 3600)
	took=$(($(date +%s) - began))
	is status "$ended" 0 && [ $took -ge 1 ] && [ $took -lt 8 ]
}

wrong_usage() {
	is status "$(status_of timeout 20 "$program" "$@")" 2 && [ -s "$scratch/err" ] && is output "$(cat "$scratch/out")" ""
}

check "-n 3 prints three JSON objects and ends with 0" stops_after_n
check "text names this very shell" text_names_this_shell
check "text holds no escape sequence" text_is_plain
check "no terminal, no TERM, no HOME: no matter" needs_no_terminal
check "the reader of text leaves" reader_leaves text
check "the reader of JSON leaves" reader_leaves json
if [ -w /dev/full ]; then
	check "a full disk is status 1 and one line (text)" disk_is_full text
	check "a full disk is status 1 and one line (JSON)" disk_is_full json
fi
check "closed standard output is status 1 and one line" output_is_closed
check "SIGTERM ends it with 0 and whole lines" ends_by TERM
check "SIGINT ends it with 0 and whole lines" ends_by INT
check "a long sleep ends at once by SIGTERM" sleep_is_cut_short
check "an unknown option is status 2" wrong_usage --no-such-option
check "a delay of 0 is status 2" wrong_usage --batch -d 0
check "an unknown format is status 2" wrong_usage --batch -o yaml
done_testing
