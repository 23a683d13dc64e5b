#!/bin/sh
# The JSON that is emitted keeps to the schema that is shipped. Needs Python's
# jsonschema (Debian: python3-jsonschema), for the tests alone.
set -u
: "${srcdir:?} ${builddir:?}"
schema=$srcdir/src/emit/oomsight-1.schema.json
python=${PYTHON3:-/usr/bin/python3}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

if ! "$python" -c 'import jsonschema' 2>/dev/null; then
	echo "1..0 # SKIP no jsonschema for $python"
	exit 0
fi

test=0
# report DESCRIPTION: a test that passes when the last command did.
report() {
	status=$?
	test=$((test + 1))
	if [ "$status" -eq 0 ]; then
		echo "ok $test - $1"
	else
		echo "not ok $test - $1"
	fi
}

# live DESCRIPTION ARGUMENTS...: what the program prints about this host.
live() {
	description=$1
	shift
	"$builddir/oomsight" "$@" >"$work/live" 2>"$work/errors" &&
		"$python" "$srcdir/tests/schema/validate.py" "$schema" <"$work/live"
	report "$description"
	sed 's/^/# /' "$work/errors"
}

"$builddir/tests/schema/emit_scenes" >"$work/scenes" &&
	"$python" "$srcdir/tests/schema/validate.py" "$schema" <"$work/scenes"
report every_scene_keeps_to_the_schema

sed -n '1s/"page_bytes":4096/"page_bytes":null/p' "$work/scenes" >"$work/broken"
"$python" "$srcdir/tests/schema/validate.py" "$schema" <"$work/broken" >/dev/null
[ "$?" -eq 3 ]
report a_value_of_the_wrong_kind_is_found

sed -n '1s/"tasks":\[{/"tasks":[{"news":1,/p' "$work/scenes" >"$work/broken"
"$python" "$srcdir/tests/schema/validate.py" "$schema" <"$work/broken" >/dev/null
[ "$?" -eq 3 ]
report a_field_without_description_is_found

# Under a locale that writes decimals with a comma, made here: few hosts have one.
if localedef -i de_DE -f UTF-8 "$work/de_DE.UTF-8" 2>/dev/null; then
	LOCPATH=$work "$builddir/tests/schema/emit_scenes" de_DE.UTF-8 >"$work/comma" && cmp "$work/scenes" "$work/comma"
	report a_comma_locale_changes_nothing
else
	test=$((test + 1))
	echo "ok $test - a_comma_locale_changes_nothing # SKIP localedef cannot make one here"
fi

live ticks_of_this_host_keep_to_the_schema --batch -n 2 -d 0.1 -o json
live reports_of_all_samples_keep_to_the_schema explain -o json "$srcdir"/tests/fixtures/oomlogs/*.txt
live a_prediction_for_this_host_keeps_to_the_schema predict -o json --kills 3
live a_prediction_for_sysrq_keeps_to_the_schema predict -o json --sysrq
echo "1..$test"
