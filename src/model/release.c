/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "release.h"

#include <errno.h>

#include "oomsight/model/rules.h"

/* Far above any number of a release, far below overflow. */
#define NUMBER_MAX 65535U

/* Cut the digits at *text off. False without a digit, or when there are too many. */
static bool next_number(const char **text, unsigned *ret_number)
{
	const char *at = *text;
	unsigned number = 0;
	while (*at >= '0' && *at <= '9') {
		number = number * 10 + (unsigned)(*at++ - '0');
		if (number > NUMBER_MAX)
			return false;
	}
	if (at == *text)
		return false;
	*text = at;
	*ret_number = number;
	return true;
}

int release_numbers(const char *text, struct release *ret_release)
{
	struct release release = { 0, 0, 0 };
	if (!next_number(&text, &release.major) || *text++ != '.' || !next_number(&text, &release.minor))
		return -EINVAL;
	if (*text == '.') {
		text++;
		if (!next_number(&text, &release.patch))
			release.patch = 0; /* "3.10.el7": the third word is no number */
	}
	*ret_release = release;
	return 0;
}

bool release_from(const struct release *release, unsigned major, unsigned minor, unsigned patch)
{
	if (release->major != major)
		return release->major > major;
	if (release->minor != minor)
		return release->minor > minor;
	return release->patch >= patch;
}

int release_parse(const char *release, unsigned *ret_major, unsigned *ret_minor)
{
	struct release numbers;
	int r = release_numbers(release, &numbers);
	if (r < 0)
		return r;
	*ret_major = numbers.major;
	*ret_minor = numbers.minor;
	return 0;
}
