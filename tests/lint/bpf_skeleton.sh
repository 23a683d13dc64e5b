#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The compiled BPF programs against their source, as TAP: an image names the sum
# of the sources it was made of, and the same tools make the same bytes again.
set -u
: "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
PATH=$PATH:/usr/sbin:/sbin
where=$srcdir/src/sample/bpf

made=$(mktemp) || exit 99
trap 'rm -f "$made"' EXIT
count=0

tell() { # ok|"not ok" SENTENCE
	count=$((count + 1))
	echo "$1 $count - $2"
}

said() {
	sed -n "s/^ \\* $1: //p" "$image"
}

check() {
	name=$1
	image=$where/$name.image.inc
	sum=$(cat "$where/$name.bpf.c" "$where"/*.h | cksum | tr ' ' '/')
	if [ "$(said sources)" = "$sum" ]; then
		tell ok "the image of $name is of these sources"
	else
		tell "not ok" "the image of $name is of these sources"
		echo "# it is of $(said sources), they are $sum: make regen-bpf"
	fi
	if [ "$(wc -c <"$image")" -lt 163840 ]; then
		tell ok "the image of $name is small"
	else
		tell "not ok" "the image of $name is small"
	fi
	for tool in clang llvm-strip bpftool python3; do
		if ! command -v "$tool" >/dev/null; then
			tell ok "the same tools make the same image of $name # SKIP $tool is missing"
			return
		fi
	done
	if ! sh "$where/regen.sh" "$name" >"$made" 2>&1; then
		tell "not ok" "the same tools make the same image of $name"
		sed 's/^/# /' "$made"
	elif [ "$(sed -n 's/^ \* tools: //p' "$made")" != "$(said tools)" ]; then
		tell ok "the same tools make the same image of $name # SKIP it was made by $(said tools)"
	elif cmp -s "$made" "$image"; then
		tell ok "the same tools make the same image of $name"
	else
		tell "not ok" "the same tools make the same image of $name"
		echo "# make regen-bpf makes another one"
	fi
}

echo "1..6"
check task_walk
check task_each
