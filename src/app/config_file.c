/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where config and theme files are, and how they are read and written. As root
 * nothing is taken from a file that somebody else could have written: a config
 * binds keys, and a key can kill.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builtin_themes.h"

#define THEME_SUFFIX ".theme"

void config_places_init(struct config_places *places)
{
	*places = (struct config_places){
		.xdg = getenv("XDG_CONFIG_HOME"),
		.home = getenv("HOME"),
		.sysconf = SYSCONFDIR,
		.pkgdata = PKGDATADIR,
		.trusted_only = geteuid() == 0,
	};
	/* The base directory specification: a path that is not absolute is no path. */
	if (places->xdg && places->xdg[0] != '/')
		places->xdg = NULL;
	if (places->home && places->home[0] != '/')
		places->home = NULL;
}

static bool is_place(const char *place)
{
	return place && place[0] != '\0';
}

/* The operator's own directory into path. False when there is none. */
static bool own_directory(const struct config_places *places, char *path, size_t size)
{
	int n;
	if (is_place(places->xdg))
		n = snprintf(path, size, "%s/oomsight", places->xdg);
	else if (is_place(places->home))
		n = snprintf(path, size, "%s/.config/oomsight", places->home);
	else
		return false;
	return n >= 0 && (size_t)n < size;
}

/* Place number i of where files called `name` are looked for, into path.
 * Returns false after the last. A place there is not gives an empty path. */
static bool nth_place(const struct config_places *places, unsigned i, const char *last, const char *name, char *path)
{
	const char *prefix, *middle;
	switch (i) {
	case 0:
		prefix = places->xdg;
		middle = "/oomsight/";
		break;
	case 1:
		prefix = places->home;
		middle = "/.config/oomsight/";
		break;
	case 2:
		prefix = last;
		middle = "/";
		break;
	default:
		return false;
	}
	path[0] = '\0';
	if (is_place(prefix) && snprintf(path, CONFIG_PATH_SIZE, "%s%s%s", prefix, middle, name) >= CONFIG_PATH_SIZE)
		path[0] = '\0';
	return true;
}

/* Append the file to *out. Returns 0; -errno, with *diag filled unless it is
 * -ENOENT. */
static int read_file(const char *path, bool trusted_only, struct out *out, struct diag *diag)
{
	/* O_NONBLOCK: a FIFO somebody put there must not make us wait. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		int error = errno;
		if (error == ENOENT || error == ENOTDIR)
			return -ENOENT;
		diag_set(diag, path, 0, "cannot be opened: %s", strerror(error));
		return -error;
	}
	struct stat st;
	int r = 0;
	if (fstat(fd, &st) < 0) {
		r = -errno;
		diag_set(diag, path, 0, "cannot be examined: %s", strerror(-r));
	} else if (!S_ISREG(st.st_mode)) {
		r = -EINVAL;
		diag_set(diag, path, 0, "is not a regular file");
	} else if (trusted_only && (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)))) {
		r = -EPERM;
		diag_set(diag, path, 0, "is not read as root: it must belong to root and be writable by nobody else");
	} else if (st.st_size > CONFIG_FILE_MAX) {
		r = -EFBIG;
		diag_set(diag, path, 0, "is longer than %d bytes", CONFIG_FILE_MAX);
	}
	size_t total = 0;
	while (r == 0) {
		char chunk[4096];
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r = -errno;
			diag_set(diag, path, 0, "cannot be read: %s", strerror(-r));
		}
		if (n <= 0)
			break;
		total += (size_t)n;
		if (total > CONFIG_FILE_MAX) {
			r = -EFBIG;
			diag_set(diag, path, 0, "is longer than %d bytes", CONFIG_FILE_MAX);
			break;
		}
		out_text(out, text_of(chunk, (size_t)n));
	}
	close(fd);
	if (r == 0 && out->error) {
		r = out->error;
		diag_set(diag, path, 0, "cannot be read: %s", strerror(-r));
	}
	return r;
}

void config_load(const struct config_places *places, struct config *config, config_warn *warn, void *context)
{
	char path[CONFIG_PATH_SIZE], last[CONFIG_PATH_SIZE] = "";
	if (is_place(places->sysconf) &&
	    snprintf(last, sizeof last, "%s/oomsight", places->sysconf) >= (int)sizeof last)
		last[0] = '\0';
	struct out text;
	out_init(&text);
	for (unsigned i = 0; nth_place(places, i, last, "config", path); i++) {
		struct diag diag = { 0 };
		if (path[0] == '\0')
			continue;
		out_clear(&text);
		int r = read_file(path, places->trusted_only, &text, &diag);
		if (r == 0) {
			config_parse(text_of(text.bytes, text.len), path, config, warn, context);
			break;
		}
		if (r != -ENOENT && warn)
			warn(&diag, context);
	}
	out_done(&text);
}

/* Make a directory and those above it, 0700 as the base directory
 * specification says. Returns 0 or -errno. */
static int make_directories(const char *path)
{
	char part[CONFIG_PATH_SIZE];
	size_t len = strlen(path);
	memcpy(part, path, len + 1);
	for (size_t i = 1; i <= len; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST)
			return -errno;
		part[i] = path[i];
	}
	return 0;
}

static int write_all(int fd, struct text text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.ptr, text.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text = text_of(text.ptr + n, text.len - (size_t)n);
	}
	return 0;
}

/* What somebody else owns or may write into is no place for root's files. */
static bool is_roots_own(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

/* The text as a new file that takes the place of dir_fd's `name` in one step. */
static int replace_file(int dir_fd, const char *name, struct text text)
{
	char temporary[64];
	snprintf(temporary, sizeof temporary, ".%s.%ld", name, (long)getpid());
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir_fd, temporary, flags, 0600);
	if (fd < 0 && errno == EEXIST) {
		/* Left by one of our pid that died half way. */
		unlinkat(dir_fd, temporary, 0);
		fd = openat(dir_fd, temporary, flags, 0600);
	}
	if (fd < 0)
		return -errno;
	int r = write_all(fd, text);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && renameat(dir_fd, temporary, dir_fd, name) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(dir_fd, temporary, 0);
	return r;
}

int config_save(const struct config_places *places, const struct config *config, char *path, struct diag *diag)
{
	char directory[CONFIG_PATH_SIZE - sizeof "/config"];
	if (!own_directory(places, directory, sizeof directory)) {
		diag_set(diag, NULL, 0, "there is no place for a config file: set HOME or XDG_CONFIG_HOME");
		return -ENOENT;
	}
	snprintf(path, CONFIG_PATH_SIZE, "%s/config", directory);
	struct out text;
	out_init(&text);
	config_write(config, &text);
	int r = text.error;
	int fd = -1;
	bool is_link = false, is_untrusted = false;
	if (r == 0)
		r = make_directories(directory);
	if (r == 0) {
		fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		r = fd < 0 ? -errno : 0;
		is_link = r == -ELOOP || r == -ENOTDIR; /* it exists: what else could it be */
	}
	if (r == 0 && places->trusted_only && !is_roots_own(fd)) {
		is_untrusted = true;
		r = -EPERM;
		diag_set(diag, directory, 0, "is not written to as root: it must belong to root and be writable by nobody else");
	} else if (r == 0) {
		r = replace_file(fd, "config", text_of(text.bytes, text.len));
	}
	if (fd >= 0)
		close(fd);
	out_done(&text);
	if (is_link)
		diag_set(diag, directory, 0, "is a link, which is not followed: nothing was written");
	else if (r < 0 && !is_untrusted)
		diag_set(diag, path, 0, "cannot be written: %s", strerror(-r));
	return r;
}

int config_read_theme(const struct config_places *places, const char *name, char *path, struct out *out,
		      struct diag *diag)
{
	char file[sizeof "themes/" + CONFIG_THEME_SIZE + sizeof THEME_SUFFIX];
	if (name[0] == '.' || strchr(name, '/') || strlen(name) >= CONFIG_THEME_SIZE) {
		diag_set(diag, NULL, 0, "'%.40s' is not a theme's name", name);
		return -EINVAL;
	}
	snprintf(file, sizeof file, "themes/%s" THEME_SUFFIX, name);
	for (unsigned i = 0; nth_place(places, i, places->pkgdata, file, path); i++) {
		int r = path[0] ? read_file(path, places->trusted_only, out, diag) : -ENOENT;
		if (r != -ENOENT)
			return r;
	}
	for (size_t i = 0; i < sizeof builtin_themes / sizeof builtin_themes[0]; i++) {
		if (strcmp(builtin_themes[i].name, name) == 0) {
			snprintf(path, CONFIG_PATH_SIZE, "built-in theme %s", name);
			out_str(out, builtin_themes[i].text);
			return out->error;
		}
	}
	path[0] = '\0';
	return -ENOENT;
}

/* Put the name into the sorted list, once. Returns the new length. */
static size_t add_name(char names[][CONFIG_THEME_SIZE], size_t n, size_t max, const char *name, size_t len)
{
	char new[CONFIG_THEME_SIZE];
	text_copy(text_of(name, len), new, sizeof new);
	size_t at = 0;
	while (at < n && strcmp(names[at], new) < 0)
		at++;
	if ((at < n && strcmp(names[at], new) == 0) || n == max)
		return n;
	memmove(names[at + 1], names[at], (n - at) * sizeof names[0]);
	memcpy(names[at], new, sizeof new);
	return n + 1;
}

size_t config_themes(const struct config_places *places, char names[][CONFIG_THEME_SIZE], size_t max)
{
	static const size_t suffix = sizeof THEME_SUFFIX - 1;
	char path[CONFIG_PATH_SIZE];
	size_t n = 0;
	for (size_t i = 0; i < sizeof builtin_themes / sizeof builtin_themes[0]; i++)
		n = add_name(names, n, max, builtin_themes[i].name, strlen(builtin_themes[i].name));
	for (unsigned i = 0; nth_place(places, i, places->pkgdata, "themes", path); i++) {
		DIR *dir = path[0] ? opendir(path) : NULL;
		if (!dir)
			continue;
		for (struct dirent *entry; (entry = readdir(dir));) {
			size_t len = strlen(entry->d_name);
			if (entry->d_name[0] != '.' && len > suffix && len - suffix < CONFIG_THEME_SIZE &&
			    strcmp(entry->d_name + len - suffix, THEME_SUFFIX) == 0)
				n = add_name(names, n, max, entry->d_name, len - suffix);
		}
		closedir(dir);
	}
	return n;
}
