#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is written for people, held against the program, as TAP.
# shellcheck disable=SC2013 # what the lists are made of are words
set -u
: "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${builddir:=$srcdir/build}"

# A build in a git checkout makes the page; a release archive ships it.
page=$builddir/src/app/oomsight.1
[ -f "$page" ] || page=$srcdir/src/app/oomsight.1

scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT

n=0
# check NAME COMMAND...: ok when the command succeeds; what it says is shown if not.
check() {
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$scratch/said" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' "$scratch/said"
	fi
}

fails() {
	! "$@"
}

lint_page() {
	mandoc -T lint -W warning "$1"
}

has_sections() {
	status=0
	for section in NAME SYNOPSIS DESCRIPTION OPTIONS 'INTERACTIVE COMMANDS' FIELDS FILES ENVIRONMENT \
		'EXIT STATUS' EXAMPLES 'SEE ALSO' BUGS; do
		grep -qx "\\.SH $section" "$1" || { echo "no section $section"; status=1; }
	done
	return $status
}

# Nothing of the template is left standing.
is_filled_in() {
	fails grep -n '@[A-Z_]*@' "$1"
}

# Every library configure asks for, every package bootstrap installs, is told
# to the reader with its reason.
names_dependencies() {
	status=0
	for module in $(sed -n 's/^PKG_CHECK_MODULES(\[[A-Z0-9_]*\], \[\([a-z0-9_-]*\).*/\1/p' "$srcdir/configure.ac"); do
		grep -qi "$module" "$1" || { echo "$module is not mentioned"; status=1; }
	done
	for package in $(sed -n "s/^[a-z]*:[^|]*|\\([^|]*\\)|.*/\\1/p" "$srcdir/bootstrap"); do
		grep -q "$package" "$1" || { echo "package $package is not mentioned"; status=1; }
	done
	return $status
}

names_both_commands() {
	grep -q '^ *\./bootstrap run' "$1" && grep -q '^ *\./bootstrap test' "$1"
}

# Files that the reader is sent to exist.
links_lead_somewhere() {
	status=0
	for file in $(sed -n 's/.*](\([A-Za-z0-9._/-]*\)).*/\1/p' "$1"); do
		[ -e "$srcdir/$file" ] || { echo "$file does not exist"; status=1; }
	done
	return $status
}

# The manual's figures of the host are those of the JSON schema: memory and vmstat.
names_host_fields() {
	sed -n '/^\.SS Of the host/,/^\.SH/s/^\\fB\([a-z0-9_]*\)\\fR$/\1/p' "$1" | sort >"$scratch/told"
	sed -n '/^\t\t"memory": {/,/^\t\t}/p; /^\t\t"vmstat": {/,/^\t\t}/p' "$srcdir/src/emit/oomsight-1.schema.json" |
		sed -n 's/^\t\t\t\t"\([a-z0-9_]*\)": .*/\1/p' | sort >"$scratch/there"
	# What is computed of several of them.
	printf '%s\n' buff_cache_bytes swap_used_bytes used_bytes | sort -m - "$scratch/told" | diff - "$scratch/there"
}

echo "# Nothing here" >"$scratch/empty"
printf '.TH X 1\n.SH NAME\nx\n.BOGUS\n@OPTIONS@\n' >"$scratch/bad.1"
echo 'See [this](no/such/file).' >"$scratch/bad.md"

check "the manual has all its sections" has_sections "$page"
check "a manual without them is seen" fails has_sections "$scratch/bad.1"
check "the manual's template is filled in" is_filled_in "$page"
check "a template not filled in is seen" fails is_filled_in "$scratch/bad.1"
check "the manual names the figures of the host as the JSON output does" names_host_fields "$page"
check "a manual that names others is seen" fails names_host_fields "$scratch/bad.1"
check "the README names every dependency" names_dependencies "$srcdir/README.md"
check "a README that names none is seen" fails names_dependencies "$scratch/empty"
check "the README gives both commands" names_both_commands "$srcdir/README.md"
check "links in the README lead somewhere" links_lead_somewhere "$srcdir/README.md"
check "links in CONTRIBUTING lead somewhere" links_lead_somewhere "$srcdir/CONTRIBUTING.md"
check "a dead link is seen" fails links_lead_somewhere "$scratch/bad.md"
if command -v mandoc >/dev/null 2>&1; then
	check "mandoc finds no fault in the manual" lint_page "$page"
	check "mandoc sees a fault" fails lint_page "$scratch/bad.1"
else
	n=$((n + 1))
	echo "ok $n - mandoc finds no fault in the manual # SKIP there is no mandoc here"
fi
echo "1..$n"
