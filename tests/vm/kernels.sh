#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kernels.sh DIRECTORY SERIES...: fetch Debian's cloud kernels, which need no
# modules to boot in QEMU, into DIRECTORY; for each series (6.1, or "newest"
# for the newest there is) print "SERIES<TAB>RELEASE<TAB>IMAGE".
#
# By a private apt directory: the archive is the one this machine's own apt
# uses for Debian, the suites are ours, and nothing of the machine's own lists
# or packages is touched. What is there already is not fetched again; without
# the network, what is there is used. Exit status 77 when a kernel cannot be had.
set -eu

suites='bullseye bookworm trixie trixie-backports unstable'
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

skip() {
	echo "kernels.sh: $*" >&2
	exit 77
}

[ $# -ge 2 ] || { echo "usage: kernels.sh DIRECTORY SERIES..." >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)
shift

# The newest image of a series among those that were fetched.
have() {
	case $1 in
	newest) ls -d "$dir"/vmlinuz-* ;;
	*) ls -d "$dir"/vmlinuz-"$1"[.-]* ;;
	esac 2>/dev/null | sort -V | tail -n 1
}

prepare_apt() {
	[ -z "${APT_CONFIG:-}" ] || return 0
	command -v apt-get >/dev/null || skip "there is no apt-get to fetch kernels with"
	# shellcheck disable=SC2016 # apt's own variable
	archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' \
		'Label: Debian' 2>/dev/null | head -n 1)
	[ -n "$archive" ] || skip "this machine's apt knows no Debian archive"
	[ -r "$keyring" ] || skip "$keyring is missing (package debian-archive-keyring)"
	mkdir -p "$dir/apt/lists/partial" "$dir/apt/archives/partial"
	: >"$dir/apt/status"
	for suite in $suites; do
		echo "deb [signed-by=$keyring arch=amd64] $archive $suite main"
	done >"$dir/apt/sources.list"
	cat >"$dir/apt/apt.conf" <<-END
		APT::Architecture "amd64";
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Acquire::Check-Valid-Until "false";
		Dir::State "$dir/apt";
		Dir::State::lists "$dir/apt/lists";
		Dir::State::status "$dir/apt/status";
		Dir::Cache "$dir/apt";
		Dir::Cache::archives "$dir/apt/archives";
		Dir::Etc::sourcelist "$dir/apt/sources.list";
		Dir::Etc::sourceparts "-";
	END
	APT_CONFIG=$dir/apt/apt.conf
	export APT_CONFIG
	apt-get -q update >"$dir/apt/update.log" 2>&1 || skip "the package lists cannot be fetched: see $dir/apt/update.log"
}

# Up to 6.18 the image is in linux-image-RELEASE, later in linux-binary-RELEASE.
packages() {
	apt-cache search --names-only '^linux-(image|binary)-[0-9].*-cloud-amd64$' | cut -d ' ' -f 1
}

fetch() {
	series=$1
	prepare_apt
	pattern=$(echo "$series" | sed 's/\./\\./g')'[.-]'
	[ "$series" != newest ] || pattern='[0-9]'
	release=$(packages | sed 's/^linux-[a-z]*-//' | grep "^$pattern" | sort -V | tail -n 1)
	[ -n "$release" ] || skip "the archive has no kernel of series $series"
	package=$(packages | grep -E -x "linux-(image|binary)-$(echo "$release" | sed 's/[.+]/[&]/g')" | sort | head -n 1)
	rm -rf "$dir/unpack"
	mkdir "$dir/unpack"
	(cd "$dir/unpack" && apt-get -q download "$package" >fetch.log 2>&1) ||
		skip "$package cannot be fetched: see $dir/unpack/fetch.log"
	dpkg --fsys-tarfile "$dir/unpack/$package"_*.deb | tar -x -C "$dir/unpack" --wildcards '*/vmlinuz*'
	mv "$(find "$dir/unpack" -type f -name 'vmlinuz*')" "$dir/vmlinuz-$release"
	rm -rf "$dir/unpack"
}

for series; do
	image=$(have "$series")
	# The newest changes; what was the newest once may no longer be.
	if [ -z "$image" ] || { [ "$series" = newest ] && [ ! -e "$dir/newest-known" ]; }; then
		fetch "$series" >&2
		image=$(have "$series")
		[ "$series" != newest ] || : >"$dir/newest-known"
	fi
	printf '%s\t%s\t%s\n' "$series" "${image##*/vmlinuz-}" "$image"
done
