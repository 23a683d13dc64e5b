# SPDX-License-Identifier: GPL-2.0-or-later
#
# Theme files → a C table of their names and texts.
function name(path) {
	sub(/.*\//, "", path)
	sub(/\.theme$/, "", path)
	return path
}
BEGIN {
	print "/* Made by builtin_themes.awk from the files in themes. */"
	print "static const struct builtin_theme {"
	print "\tconst char *name;"
	print "\tconst char *text;"
	print "} builtin_themes[] = {"
}
FNR == 1 {
	if (NR > 1)
		print "\t},"
	printf "\t{ \"%s\",\n", name(FILENAME)
}
{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	printf "\t  \"%s\\n\"\n", $0
}
END {
	print "\t},"
	print "};"
}
