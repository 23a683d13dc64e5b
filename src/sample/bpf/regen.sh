#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Compile a BPF program and print it as C that needs neither clang nor libbpf
# to build with: bpftool's light skeleton, of which only the two byte strings
# are kept (bpf_image.h says what they are). For `make regen-bpf` and the lint
# that holds source and image together.
#
# A program for kernels that cannot run such a loader is printed as it is, with
# what is to be moved, by plain_image.py (bpf_plain.h says what becomes of it).
#
# usage: regen.sh NAME    NAME.bpf.c, beside this script, to standard output
set -eu
name=$1
cd "$(dirname "$0")"
: "${CLANG:=clang}" "${LLVM_STRIP:=llvm-strip}" "${BPFTOOL:=bpftool}"
PATH=$PATH:/usr/sbin:/sbin

object=$(mktemp) skeleton=$(mktemp)
trap 'rm -f "$object" "$skeleton"' EXIT
# The line information names the directory too: the same bytes from any place.
"$CLANG" -fdebug-compilation-dir=. -O2 -g -mcpu=v3 --target=bpfel -Wall -Wextra -Werror -c "$name.bpf.c" -o "$object"
"$LLVM_STRIP" -g "$object"
case $name in
task_each) tools= ;;
*) tools="; $("$BPFTOOL" version | sed -n 1p)" ;;
esac

echo "/* SPDX-License-Identifier: GPL-2.0-or-later"
echo " *"
echo " * Generated from $name.bpf.c by make regen-bpf: not to be edited."
echo " * tools: $("$CLANG" --version | sed -n 1p)$tools"
echo " * sources: $(cat "$name.bpf.c" ./*.h | cksum | tr ' ' '/')"
echo " */"
if [ -z "$tools" ]; then
	python3 -B plain_image.py "$object" iter/task "$name"
	exit
fi
"$BPFTOOL" gen skeleton -L "$object" name "$name" >"$skeleton"
# The maps in the order the loader fills them in, which is not the source's.
echo "enum {"
sed -n "s/^[[:space:]]*struct bpf_map_desc \([a-z_]*\);\$/\t${name}_\1,/p" "$skeleton"
printf '\t%s_maps\n};\n' "$name"
awk -v name="$name" '
	# Older and newer bpftool differ in how they begin the strings.
	/data.*= .*"\\$/ && !/insns/ { part = "data" }
	/insns.*= .*"\\$/ { part = "insns" }
	/"\\$/ { printf "static const char %s_%s[] __attribute__((aligned(8))) = \"\\\n", name, part; inside = 1; next }
	inside && /";$/ { print; inside = 0; next }
	inside { print }
' "$skeleton"
