/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The libraries are loaded when a file asks for one: the monitor is the same
 * program and is to stay small on a host without memory.
 */
#include "input.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_LZMA
#include <lzma.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#define RAW (64U << 10)

enum packing { PLAIN, GZIP, XZ, ZSTD };

/* What is called in the libraries, by the types their headers give. */
struct calls {
	void *library;
#ifdef HAVE_ZLIB
	__typeof__(inflateInit2_) *inflate_init;
	__typeof__(inflate) *inflate;
	__typeof__(inflateReset) *inflate_reset;
	__typeof__(inflateEnd) *inflate_end;
#endif
#ifdef HAVE_LZMA
	__typeof__(lzma_stream_decoder) *lzma_decoder;
	__typeof__(lzma_code) *lzma_code;
	__typeof__(lzma_end) *lzma_end;
#endif
#ifdef HAVE_ZSTD
	__typeof__(ZSTD_createDStream) *zstd_create;
	__typeof__(ZSTD_decompressStream) *zstd_decompress;
	__typeof__(ZSTD_freeDStream) *zstd_free;
	__typeof__(ZSTD_isError) *zstd_is_error;
#endif
};

struct input {
	int fd;
	const char *name;
	enum packing packing;
	uint8_t raw[RAW]; /* as read, not yet used from `at` on */
	size_t at, len;
	bool file_ended;
	bool stream_ended; /* the compressed stream is whole so far */
	struct calls calls;
#ifdef HAVE_ZLIB
	z_stream gzip;
#endif
#ifdef HAVE_LZMA
	lzma_stream xz;
#endif
#ifdef HAVE_ZSTD
	ZSTD_DStream *zstd;
#endif
};

/* Refill the raw bytes when they are used up. */
static int fill(struct input *input, struct diag *diag)
{
	if (input->at < input->len || input->file_ended)
		return 0;
	ssize_t n;
	do
		n = read(input->fd, input->raw, sizeof input->raw);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		int error = errno;
		diag_set(diag, NULL, 0, "%s cannot be read: %s", input->name, strerror(error));
		return -error;
	}
	input->at = 0;
	input->len = (size_t)n;
	input->file_ended = n == 0;
	return 0;
}

static int broken(const struct input *input, struct diag *diag)
{
	diag_set(diag, NULL, 0, "%s is damaged: its compressed stream cannot be followed to the end", input->name);
	return -EBADMSG;
}

#if defined(HAVE_ZLIB) || defined(HAVE_LZMA) || defined(HAVE_ZSTD)
static bool load(struct calls *calls, const char *name)
{
	calls->library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	return calls->library != NULL;
}

/* A pointer to data may not be turned into one to a function; its bytes may. */
static bool find(const struct calls *calls, const char *name, void *ret_function)
{
	void *symbol = dlsym(calls->library, name);
	memcpy(ret_function, &symbol, sizeof symbol);
	return symbol != NULL;
}
#endif

static bool start_gzip(struct input *input)
{
#ifdef HAVE_ZLIB
	struct calls *c = &input->calls;
	/* 15 bits of window, +16: gzip's header */
	return load(c, "libz.so.1") && find(c, "inflateInit2_", &c->inflate_init) && find(c, "inflate", &c->inflate) &&
	       find(c, "inflateReset", &c->inflate_reset) && find(c, "inflateEnd", &c->inflate_end) &&
	       c->inflate_init(&input->gzip, 15 + 16, ZLIB_VERSION, (int)sizeof input->gzip) == Z_OK;
#else
	(void)input;
	return false;
#endif
}

static bool start_xz(struct input *input)
{
#ifdef HAVE_LZMA
	struct calls *c = &input->calls;
	return load(c, "liblzma.so.5") && find(c, "lzma_stream_decoder", &c->lzma_decoder) &&
	       find(c, "lzma_code", &c->lzma_code) && find(c, "lzma_end", &c->lzma_end) &&
	       c->lzma_decoder(&input->xz, UINT64_C(256) << 20, LZMA_CONCATENATED) == LZMA_OK;
#else
	(void)input;
	return false;
#endif
}

static bool start_zstd(struct input *input)
{
#ifdef HAVE_ZSTD
	struct calls *c = &input->calls;
	return load(c, "libzstd.so.1") && find(c, "ZSTD_createDStream", &c->zstd_create) &&
	       find(c, "ZSTD_decompressStream", &c->zstd_decompress) && find(c, "ZSTD_freeDStream", &c->zstd_free) &&
	       find(c, "ZSTD_isError", &c->zstd_is_error) && (input->zstd = c->zstd_create()) != NULL;
#else
	(void)input;
	return false;
#endif
}

static int start(struct input *input, struct diag *diag)
{
	static const struct {
		const char *magic;
		size_t len;
		enum packing packing;
		bool (*start)(struct input *input);
		const char *library;
	} kinds[] = {
		{ "\x1f\x8b", 2, GZIP, start_gzip, "zlib" },
		{ "\xfd" "7zXZ", 6, XZ, start_xz, "liblzma" },
		{ "\x28\xb5\x2f\xfd", 4, ZSTD, start_zstd, "libzstd" },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (input->len < kinds[i].len || memcmp(input->raw, kinds[i].magic, kinds[i].len) != 0)
			continue;
		if (kinds[i].start(input)) {
			input->packing = kinds[i].packing;
			return 0;
		}
		diag_set(diag, NULL, 0, "%s is compressed, and %s is not there, now or when oomsight was built; decompress it into standard input",
			 input->name, kinds[i].library);
		return -ENOTSUP;
	}
	/* the first block's magic, or that of the end, follows the level */
	if (input->len >= 6 && memcmp(input->raw, "BZh", 3) == 0 && input->raw[3] >= '1' && input->raw[3] <= '9' &&
	    (memcmp(input->raw + 4, "1A", 2) == 0 || memcmp(input->raw + 4, "\x17r", 2) == 0)) {
		diag_set(diag, NULL, 0, "%s is compressed by bzip2, which is not supported; use: bzcat FILE | oomsight explain", input->name);
		return -ENOTSUP;
	}
	return 0;
}

int input_open(struct input **ret_input, int fd, const char *name, struct diag *diag)
{
	struct input *input = calloc(1, sizeof *input);
	if (!input) {
		close(fd);
		diag_set(diag, NULL, 0, "out of memory");
		return -ENOMEM;
	}
	input->fd = fd;
	input->name = name;
	int r = fill(input, diag);
	/* A pipe may give the first bytes one by one. */
	while (r == 0 && input->len > 0 && input->len < 6 && !input->file_ended) {
		ssize_t n = read(fd, input->raw + input->len, sizeof input->raw - input->len);
		if (n <= 0)
			break;
		input->len += (size_t)n;
	}
	if (r == 0)
		r = start(input, diag);
	if (r < 0) {
		input_close(input);
		return r;
	}
	*ret_input = input;
	return 0;
}

void input_close(struct input *input)
{
	if (!input)
		return;
	switch (input->packing) {
	case PLAIN:
		break;
	case GZIP:
#ifdef HAVE_ZLIB
		input->calls.inflate_end(&input->gzip);
#endif
		break;
	case XZ:
#ifdef HAVE_LZMA
		input->calls.lzma_end(&input->xz);
#endif
		break;
	case ZSTD:
#ifdef HAVE_ZSTD
		input->calls.zstd_free(input->zstd);
#endif
		break;
	}
	if (input->calls.library)
		dlclose(input->calls.library);
	close(input->fd);
	free(input);
}

static ssize_t read_plain(struct input *input, char *dst, size_t size)
{
	size_t n = input->len - input->at < size ? input->len - input->at : size;
	memcpy(dst, input->raw + input->at, n);
	input->at += n;
	return (ssize_t)n;
}

#ifdef HAVE_ZLIB
/* One step; how many bytes came out, 0 for none yet. Members follow each other. */
static ssize_t step_gzip(struct input *input, char *dst, size_t size, struct diag *diag)
{
	z_stream *z = &input->gzip;
	if (input->stream_ended) {
		if (input->at == input->len)
			return 0;
		/* rotated logs are padded with zeros by some tools */
		if (input->raw[input->at] != 0x1f) {
			input->at = input->len;
			return 0;
		}
		input->calls.inflate_reset(z);
		input->stream_ended = false;
	}
	z->next_in = input->raw + input->at;
	z->avail_in = (uInt)(input->len - input->at);
	z->next_out = (Bytef *)dst;
	z->avail_out = (uInt)size;
	int r = input->calls.inflate(z, Z_NO_FLUSH);
	input->at = input->len - z->avail_in;
	if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
		return broken(input, diag);
	input->stream_ended = r == Z_STREAM_END;
	return (ssize_t)(size - z->avail_out);
}
#endif

#ifdef HAVE_LZMA
static ssize_t step_xz(struct input *input, char *dst, size_t size, struct diag *diag)
{
	lzma_stream *xz = &input->xz;
	if (input->stream_ended)
		return 0;
	xz->next_in = input->raw + input->at;
	xz->avail_in = input->len - input->at;
	xz->next_out = (uint8_t *)dst;
	xz->avail_out = size;
	lzma_ret r = input->calls.lzma_code(xz, input->file_ended ? LZMA_FINISH : LZMA_RUN);
	input->at = input->len - xz->avail_in;
	if (r != LZMA_OK && r != LZMA_STREAM_END && r != LZMA_BUF_ERROR)
		return broken(input, diag);
	input->stream_ended = r == LZMA_STREAM_END;
	return (ssize_t)(size - xz->avail_out);
}
#endif

#ifdef HAVE_ZSTD
static ssize_t step_zstd(struct input *input, char *dst, size_t size, struct diag *diag)
{
	ZSTD_inBuffer in = { input->raw, input->len, input->at };
	ZSTD_outBuffer out = { dst, size, 0 };
	if (input->at == input->len && input->stream_ended)
		return 0;
	size_t r = input->calls.zstd_decompress(input->zstd, &out, &in);
	input->at = in.pos;
	if (input->calls.zstd_is_error(r))
		return broken(input, diag);
	input->stream_ended = r == 0;
	return (ssize_t)out.pos;
}
#endif

ssize_t input_read(struct input *input, char *dst, size_t size, struct diag *diag)
{
	for (;;) {
		ssize_t n = 0;
		int r = fill(input, diag);
		if (r < 0)
			return r;
		switch (input->packing) {
		case PLAIN:
			return read_plain(input, dst, size);
		case GZIP:
#ifdef HAVE_ZLIB
			n = step_gzip(input, dst, size, diag);
#endif
			break;
		case XZ:
#ifdef HAVE_LZMA
			n = step_xz(input, dst, size, diag);
#endif
			break;
		case ZSTD:
#ifdef HAVE_ZSTD
			n = step_zstd(input, dst, size, diag);
#endif
			break;
		}
		if (n != 0)
			return n;
		if (input->file_ended && input->at == input->len)
			return input->stream_ended ? 0 : broken(input, diag);
	}
}
