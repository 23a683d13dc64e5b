#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The compiled BPF program against its source, as TAP: the image names the sum
# of the sources it was made of, and the same tools make the same bytes again.
set -u
: "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
PATH=$PATH:/usr/sbin:/sbin
where=$srcdir/src/sample/bpf
image=$where/task_walk.image.inc

made=$(mktemp) || exit 99
trap 'rm -f "$made"' EXIT

said() {
	sed -n "s/^ \\* $1: //p" "$image"
}

echo "1..3"
sum=$(cat "$where/task_walk.bpf.c" "$where"/*.h | cksum | tr ' ' '/')
if [ "$(said sources)" = "$sum" ]; then
	echo "ok 1 - the image is of these sources"
else
	echo "not ok 1 - the image is of these sources"
	echo "# it is of $(said sources), they are $sum: make regen-bpf"
fi

if [ "$(wc -c <"$image")" -lt 131072 ]; then
	echo "ok 2 - the image is small"
else
	echo "not ok 2 - the image is small"
fi

for tool in clang llvm-strip bpftool; do
	if ! command -v "$tool" >/dev/null; then
		echo "ok 3 - the same tools make the same image # SKIP $tool is missing"
		exit 0
	fi
done
if ! sh "$where/regen.sh" task_walk >"$made" 2>&1; then
	echo "not ok 3 - the same tools make the same image"
	sed 's/^/# /' "$made"
elif [ "$(sed -n 's/^ \* tools: //p' "$made")" != "$(said tools)" ]; then
	echo "ok 3 - the same tools make the same image # SKIP it was made by $(said tools)"
elif cmp -s "$made" "$image"; then
	echo "ok 3 - the same tools make the same image"
else
	echo "not ok 3 - the same tools make the same image"
	echo "# make regen-bpf makes another one"
fi
