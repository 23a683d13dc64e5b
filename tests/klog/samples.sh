#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What `oomsight explain -o json` makes of each sample, against the answer that was
# read and approved. samples.sh --accept takes the present answers (make
# accept-oomlogs); read the difference before it is committed.
set -u
: "${srcdir:?} ${builddir:?}"
samples=$srcdir/tests/fixtures/oomlogs
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# One line for each row and each main field, for a difference that can be read.
answer() {
	"$builddir/oomsight" explain -o json "$1" | sed \
		-e 's/\],"/],\n"/g' -e 's/},{/},\n{/g' -e 's/},"/},\n"/g' \
		-e 's/,"\(kernel\|constraint\|memcg\|killed\|oom_group\|page_bytes\|tasks\|because\|summary\)":/,\n"\1":/g'
}

if [ "${1:-}" = --accept ]; then
	for sample in "$samples"/*.txt; do
		answer "$sample" >"${sample%.txt}.json"
	done
	# the words of some, for explain.sh
	for words in "$samples"/*.text; do
		"$builddir/oomsight" explain "${words%.text}.txt" >"$words"
	done
	exit 0
fi

n=0
for sample in "$samples"/*.txt; do
	n=$((n + 1))
	name=$(basename "$sample" .txt)
	if answer "$sample" >"$work/answer" && cmp -s "$work/answer" "$samples/$name.json"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		diff -u "$samples/$name.json" "$work/answer" | head -40 | sed 's/^/# /'
	fi
done
echo "1..$n"
