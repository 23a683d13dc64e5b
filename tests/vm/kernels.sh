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
# the network, what is there is used. Exit status 77 when one cannot be had, with
# a line on standard error; the others are printed all the same.
set -eu

suites='bullseye bookworm trixie trixie-backports unstable'
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

miss() {
	echo "$*" >&2
	return 1
}

[ $# -ge 2 ] || { echo "usage: kernels.sh DIRECTORY SERIES..." >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)
shift

# The newest image of a series among those that were fetched.
have() {
	case $1 in
	newest) find "$dir" -maxdepth 1 -name 'vmlinuz-*' ;;
	*) find "$dir" -maxdepth 1 -name "vmlinuz-$1[.-]*" ;;
	esac | sort -V | tail -n 1
}

# Once; what it exports the other functions use.
prepare_apt() {
	[ -z "${packages:-}" ] || return 0
	command -v apt-get >/dev/null || miss "there is no apt-get to fetch kernels with" || return 1
	# shellcheck disable=SC2016 # apt's own variable
	archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' \
		'Label: Debian' 2>/dev/null | head -n 1)
	[ -n "$archive" ] || miss "this machine's apt knows no Debian archive" || return 1
	[ -r "$keyring" ] || miss "$keyring is missing (package debian-archive-keyring)" || return 1
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
	# A suite that the archive has no longer is no reason to do without the others.
	apt-get -q update >"$dir/apt/update.log" 2>&1 || true
	packages=$(apt-cache search --names-only '^linux-(image|binary)-[0-9].*-cloud-amd64$' | cut -d ' ' -f 1)
	[ -n "$packages" ] || miss "no list of kernels can be fetched, see $dir/apt/update.log"
}

fetch() {
	series=$1
	prepare_apt || return 1
	pattern=$(echo "$series" | sed 's/\./\\./g')'[.-]'
	[ "$series" != newest ] || pattern='[0-9]'
	release=$(echo "$packages" | sed 's/^linux-[a-z]*-//' | grep "^$pattern" | sort -V | tail -n 1)
	[ -n "$release" ] || miss "the archive has no kernel of series $series" || return 1
	# In later series the image is in linux-binary-RELEASE, and linux-image-RELEASE
	# only names it.
	package=$(echo "$packages" | grep -F -x -e "linux-binary-$release" -e "linux-image-$release" | sort | head -n 1)
	rm -rf "$dir/unpack"
	mkdir "$dir/unpack"
	(cd "$dir/unpack" && apt-get -q download "$package" >fetch.log 2>&1) ||
		miss "$package cannot be fetched, see $dir/unpack/fetch.log" || return 1
	dpkg --fsys-tarfile "$dir/unpack/$package"_*.deb | tar -x -C "$dir/unpack" --wildcards '*/vmlinuz*' ||
		miss "$package has no kernel image" || return 1
	mv "$(find "$dir/unpack" -type f -name 'vmlinuz*')" "$dir/vmlinuz-$release" || return 1
	rm -rf "$dir/unpack"
	# The newest of those fetched is not the newest there is.
	[ "$series" != newest ] || : >"$dir/newest-known"
}

packages=
status=0
for series; do
	image=$(have "$series")
	if [ -z "$image" ] || { [ "$series" = newest ] && [ ! -e "$dir/newest-known" ]; }; then
		fetch "$series" || { status=77; continue; }
		image=$(have "$series")
	fi
	printf '%s\t%s\t%s\n' "$series" "${image##*/vmlinuz-}" "$image"
done
exit $status
