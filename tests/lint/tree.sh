#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The rules of the house that a compiler does not know, as TAP. Each rule is a
# function that prints the lines of a tree that break it; each is first shown a
# tree in which it is broken, for a rule that cannot fail says nothing.
set -u
: "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"

planted=$(mktemp -d) || exit 99
trap 'rm -rf "$planted"' EXIT

n=0
result() {
	n=$((n + 1))
	echo "$1 $n - $2"
}

# Files of $tree below the given directories, by patterns of their names.
sources() {
	find "$tree/src" "$tree/include" "$tree/tests" \( -name '*.c' -o -name '*.h' \) -print 2>/dev/null
}

# grep over files named on standard input; lines come out with the tree cut off.
# -s: files may come and go while the tests run.
search() {
	tr '\n' '\0' | xargs -0 -r grep -nsE "$@" /dev/null | sed "s|^$tree/||"
}

# Which rooms may a room include? Its own besides; app may include all.
allowed_rooms() {
	case $1 in
	base) echo base ;;
	snapshot) echo base snapshot ;;
	sample) echo base snapshot sample ;;
	model) echo base snapshot model ;;
	klog) echo base snapshot model klog ;;
	knob) echo base snapshot model knob ;;
	record) echo base snapshot record ;;
	emit) echo base snapshot model klog emit ;;
	tui) echo base snapshot model klog knob tui ;;
	app) echo base snapshot sample model klog knob record emit tui app ;;
	*) return 1 ;;
	esac
}

rule_rooms_include_only_what_they_may() {
	for where in src include/oomsight; do
		for dir in "$tree/$where"/*/; do
			[ -d "$dir" ] || continue
			room=$(basename "$dir")
			may=$(allowed_rooms "$room") || { echo "$where/$room: a room without a rule"; continue; }
			pattern=$(echo "$may" | tr ' ' '|')
			find "$dir" \( -name '*.c' -o -name '*.h' \) -print |
				search '#[[:space:]]*include[[:space:]]+"oomsight/' |
				grep -vE "\"oomsight/($pattern)(/|\.h\")"
			# A room's private headers are its own.
			find "$dir" \( -name '*.c' -o -name '*.h' \) -print |
				search '#[[:space:]]*include[[:space:]]+"(\.\./|src/)'
		done
	done
}

# The terminal by curses, and what its description says where curses will not
# tell; the two cannot be one file, for term.h claims common names.
rule_curses_is_behind_the_terminal() {
	find "$tree/src" "$tree/include" \( -name '*.c' -o -name '*.h' \) -print |
		search '#[[:space:]]*include[[:space:]]+[<"](ncursesw?/)?(n?curses|term|panel|menu|form)\.h[>"]' |
		grep -vE '^src/tui/term(info)?\.c:'
}

rule_libproc2_is_in_one_room() {
	find "$tree/src" "$tree/include" \( -name '*.c' -o -name '*.h' \) -print |
		search '#[[:space:]]*include[[:space:]]+[<"]libproc2/' |
		grep -v '^src/sample/'
}

# Help texts may name a file of /proc; what is opened may not. A literal that
# begins with /proc or /sys is a path.
rule_proc_and_sys_are_named_in_one_file() {
	find "$tree/src" "$tree/include" \( -name '*.c' -o -name '*.h' \) -print |
		search '"/(proc|sys)(/[^" ]*)?"' |
		grep -v '^src/base/root\.c:' |
		# A mount point looked for in mountinfo is compared, never opened.
		grep -vE '^src/sample/[a-z]+\.c:[0-9]+:.*parse_mountinfo_proc\('
}

# The letters are kept apart so that this file passes its own rule.
rule_nothing_is_left_open() {
	{ sources; find "$tree/tests" "$tree/themes" -type f \( -name '*.sh' -o -name '*.mk' -o -name '*.py' -o -name '*.theme' \) -print 2>/dev/null; } |
		search "(^|[^A-Za-z0-9_])(TO""DO|FIX""ME|XX""X|HA""CK)([^A-Za-z0-9_]|\$)"
}

rule_every_source_names_its_license() {
	sources | while IFS= read -r file; do
		sed -n 1p "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' || echo "${file#"$tree"/}: no SPDX line"
	done
}

rule_no_blanks_at_line_ends() {
	tab=$(printf '\t')
	sources | search "[ $tab]+\$"
}

rule_indentation_is_by_tabs() {
	# One blank before '*' of a comment, and alignment after tabs, are fine.
	sources | search '^ {2,}[^ *]'
}

# src/app/crash.c says why it must have some.
# A signal handler has no argument: its one file is excepted.
rule_no_mutable_file_scope_state() {
	find "$tree/src" -name '*.c' ! -path '*/src/app/crash.c' -print |
		search '^static [^(]*(=|;)[^(]*$' |
		grep -vE '(^|[^a-z_])const[^a-z_]|static inline|:[0-9]+:static (struct|enum|union) [a-z_]+;|^src/app/crash\.c:'
}

rule_files_stay_under_800_lines() {
	sources | while IFS= read -r file; do
		lines=$(wc -l <"$file")
		[ "$lines" -le 800 ] || echo "${file#"$tree"/}: $lines lines"
	done
}

rule_every_header_has_a_guard_of_its_own() {
	find "$tree/include" "$tree/src" -name '*.h' -print | while IFS= read -r file; do
		guard=$(sed -n 's/^#ifndef \([A-Z0-9_]*_H\)$/\1/p' "$file" | sed -n 1p)
		if [ -n "$guard" ] && grep -q "^#define $guard\$" "$file"; then
			echo "$guard"
		else
			echo "no guard in ${file#"$tree"/}"
		fi
	done | sort | uniq -c | awk '$1 > 1 || $2 == "no"'
}

# A file that goes, or is named anew, would be put aside no more, and nobody would notice.
rule_what_the_linker_puts_aside_is_there() {
	sed -n 's/^[[:space:]]*\*lib\([a-z]*\)\.a:\*\{0,1\}\([a-z_]*\)\.o(.*/\1\/\2.c/p' "$tree/src/app/seldom.ld" 2>/dev/null |
		grep -E '^(app|base|emit|klog|knob|model|sample|snapshot|tui)/' | while IFS= read -r file; do
		[ -f "$tree/src/$file" ] || echo "src/app/seldom.ld: no src/$file"
	done
}

# A file in the tree that planting needs: path, then its text.
plant() {
	mkdir -p "$(dirname "$planted/$1")"
	printf '%b' "$2" >"$planted/$1"
}

# check RULE PATH TEXT...: the rule finds TEXT planted in PATH (pairs), and then
# nothing in the real tree.
check() {
	rule=$1
	shift
	rm -rf "$planted/src" "$planted/include" "$planted/tests"
	mkdir -p "$planted/src" "$planted/include" "$planted/tests"
	tree=$planted
	while [ $# -gt 0 ]; do
		plant "$1" "$2"
		found=$("rule_$rule")
		if [ -n "$found" ]; then
			result ok "$rule sees a violation in $1"
		else
			result 'not ok' "$rule sees a violation in $1"
		fi
		rm -f "$planted/$1"
		shift 2
	done
	tree=$srcdir
	found=$("rule_$rule")
	if [ -z "$found" ]; then
		result ok "$rule"
	else
		result 'not ok' "$rule"
		printf '%s\n' "$found" | sed 's/^/# /'
	fi
}

check rooms_include_only_what_they_may \
	src/base/a.c '#include "oomsight/snapshot/task.h"\n' \
	src/sample/a.c '#include "oomsight/model/model.h"\n' \
	src/emit/a.h '#include "oomsight/tui/frame.h"\n' \
	include/oomsight/model/a.h '# include "oomsight/klog/parse.h"\n' \
	src/tui/a.c '#include "../knob/audit.h"\n' \
	src/novel/a.c 'int x;\n'
check curses_is_behind_the_terminal \
	src/tui/screen.c '#include <curses.h>\n' \
	src/app/main.c '#include <ncursesw/ncurses.h>\n'
check libproc2_is_in_one_room \
	src/app/main.c '#include <libproc2/meminfo.h>\n'
check proc_and_sys_are_named_in_one_file \
	src/knob/a.c 'open("/proc/self/oom_score_adj", 0);\n' \
	src/sample/a.c 'open("/sys", 0);\n'
check nothing_is_left_open \
	src/base/a.c '/* TO''DO: later */\n' \
	tests/a.sh '# FIX''ME\n'
check every_source_names_its_license \
	src/base/a.c 'int x;\n'
check no_blanks_at_line_ends \
	src/base/a.c 'int x; \n' \
	include/oomsight/base/a.h 'int x;\t\n'
check indentation_is_by_tabs \
	src/base/a.c '    int x;\n'
check no_mutable_file_scope_state \
	src/base/a.c 'static int calls;\n'
check files_stay_under_800_lines \
	src/base/a.c "$(awk 'BEGIN { for (i = 0; i < 801; i++) printf "\\n" }')"
check every_header_has_a_guard_of_its_own \
	src/base/a.h '#ifndef A_H\n'
check what_the_linker_puts_aside_is_there \
	src/app/seldom.ld '\t*libapp.a:*gone.o(.text .text.*)\n' \
	src/app/seldom.ld '\t*libemit.a:gone.o(.text .text.*)\n'
echo "1..$n"
