/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One thread and one block of memory that both sides own: wishes go in by a
 * ring, answers come out by another. The block dies with its second owner, so a
 * thread that hangs in a read can be left behind: at the end for good, before by
 * taking its wishes over to another block and thread. Neither ring can overflow:
 * no more wishes are let in than answers have room for.
 */
#include "oomsight/sample/lane.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "oomsight/sample/parse.h"

#define WISHES 64
#define USERS_ASKED 256

/* Name service modules are guests here; what is not touched costs nothing. */
#define STACK_BYTES ((size_t)512 * 1024)

enum wish_kind { WISH_CMDLINE, WISH_USER, WISH_PAGES };

struct wish {
	enum wish_kind kind;
	int32_t pid;
	uint64_t start_ticks;
	union {
		uint32_t uid;        /* WISH_USER */
		uint32_t page_bytes; /* WISH_PAGES */
	};
};

struct answer {
	struct wish wish;
	bool found;
	uint16_t len;
	char bytes[LABEL_CMDLINE_SIZE]; /* of WISH_PAGES see lane_block.pages */
};

struct ring {
	unsigned first;
	unsigned n;
};

/* What both sides share. */
struct lane_block {
	pthread_mutex_t mutex;
	pthread_cond_t wished;
	unsigned owners;
	bool stop;
	int event_fd;
	struct root root;
	bool busy; /* with `working`, since begun_ns */
	struct wish working;
	uint64_t begun_ns;
	struct ring wishes;
	struct ring answers;
	struct pages pages; /* the last that were read: nobody waits for others */
	/* What no ring has come to yet was never touched and takes no memory: an empty
	 * ring begins at its start again. */
	struct wish wish[WISHES];
	struct answer answer[WISHES];
};

struct lane {
	struct lane_block *block;
	struct lane_block *left[LANE_LEFT_MAX]; /* whose threads hang; NULL: none */
	unsigned outstanding; /* wished and not collected */
	uint32_t users_asked[USERS_ASKED];
	unsigned nusers_asked;
};

static unsigned ring_push(struct ring *ring)
{
	return (ring->first + ring->n++) % WISHES;
}

static unsigned ring_pop(struct ring *ring)
{
	unsigned at = ring->first;
	ring->first = --ring->n > 0 ? (ring->first + 1) % WISHES : 0;
	return at;
}

static void block_free(struct lane_block *block)
{
	pthread_cond_destroy(&block->wished);
	pthread_mutex_destroy(&block->mutex);
	if (block->event_fd >= 0)
		close(block->event_fd);
	if (block->root.fd >= 0)
		root_close(&block->root);
	free(block);
}

/* Called with the mutex held; it is released. */
static void block_leave(struct lane_block *block)
{
	bool last = --block->owners == 0;
	pthread_mutex_unlock(&block->mutex);
	if (last)
		block_free(block);
}

/* Does the pid still belong to the process that was asked about? Looked at last, so
 * that one taken over meanwhile shows. */
static bool is_the_same(const struct root *root, const struct wish *wish)
{
	char path[48], bytes[1024];
	struct parsed_stat stat;
	snprintf(path, sizeof path, "proc/%d/stat", wish->pid);
	ssize_t n = root_read(root, path, bytes, sizeof bytes);
	return n >= 0 && parse_task_stat(text_of(bytes, (size_t)n), &stat) == 0 &&
	       stat.start_ticks == wish->start_ticks;
}

static void answer_cmdline(const struct root *root, struct answer *answer)
{
	char path[48];
	snprintf(path, sizeof path, "proc/%d/cmdline", answer->wish.pid);
	int fd = root_open_file(root, path, O_RDONLY);
	if (fd < 0)
		return;
	ssize_t n = root_pread_all(fd, answer->bytes, sizeof answer->bytes);
	close(fd);
	if (n <= 0 || !is_the_same(root, &answer->wish))
		return;
	while (n > 0 && answer->bytes[n - 1] == '\0')
		n--;
	for (ssize_t i = 0; i < n; i++) {
		if (answer->bytes[i] == '\0')
			answer->bytes[i] = ' ';
	}
	answer->len = (uint16_t)n;
	answer->found = n > 0;
}

static void answer_user(const struct root *root, struct answer *answer)
{
	struct passwd entry, *found = NULL;
	char scratch[4096];
	/* The name service is the running host's. */
	if (!root->real || getpwuid_r(answer->wish.uid, &entry, scratch, sizeof scratch, &found) != 0 || !found)
		return;
	text_copy(text_of_str(found->pw_name), answer->bytes, LABEL_USER_SIZE);
	answer->len = (uint16_t)strlen(answer->bytes);
	answer->found = answer->len > 0;
}

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

/* Lines of a file as it comes, up to its end or the end of our patience. Lines longer
 * than the buffer are left out. 0 or -errno. */
static int add_areas(int fd, uint32_t page_bytes, struct pages *pages)
{
	char bytes[16384];
	size_t len = 0;
	bool skipping = false; /* in a line longer than the buffer */
	uint64_t deadline = now() + PAGES_PATIENCE_NS;
	pages->is_whole = false;
	while (now() < deadline) {
		ssize_t n = read(fd, bytes + len, sizeof bytes - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0) {
			if (!skipping)
				pages_add_line(pages, text_of(bytes, len), page_bytes);
			pages->is_whole = true;
			return 0;
		}
		len += (size_t)n;
		struct text rest = text_of(bytes, len), line;
		while (memchr(rest.ptr, '\n', rest.len)) {
			text_next_line(&rest, &line);
			if (!skipping)
				pages_add_line(pages, line, page_bytes);
			skipping = false;
		}
		if (rest.len == sizeof bytes) {
			skipping = true;
			rest.len = 0;
		}
		memmove(bytes, rest.ptr, rest.len);
		len = rest.len;
	}
	return 0;
}

static void read_pages(const struct root *root, const struct wish *wish, struct pages *pages)
{
	char path[48];
	*pages = (struct pages){ .pid = wish->pid, .start_ticks = wish->start_ticks, .state = PAGES_FAILED };
	snprintf(path, sizeof path, "proc/%d/numa_maps", wish->pid);
	int fd = root_open_file(root, path, O_RDONLY);
	pages->error = fd < 0 ? fd : add_areas(fd, wish->page_bytes, pages);
	if (fd >= 0)
		close(fd);
	if (pages->error == 0 && !is_the_same(root, wish))
		pages->error = -ESRCH;
	if (pages->error == 0)
		pages->state = PAGES_KNOWN;
}

static void *lane_main(void *argument)
{
	struct lane_block *block = argument;
	pthread_mutex_lock(&block->mutex);
	while (!block->stop) {
		if (block->wishes.n == 0) {
			pthread_cond_wait(&block->wished, &block->mutex);
			continue;
		}
		struct answer answer = { .wish = block->wish[ring_pop(&block->wishes)] };
		struct pages pages;
		block->busy = true;
		block->working = answer.wish;
		block->begun_ns = now();
		pthread_mutex_unlock(&block->mutex);
		switch (answer.wish.kind) {
		case WISH_CMDLINE:
			answer_cmdline(&block->root, &answer);
			break;
		case WISH_USER:
			answer_user(&block->root, &answer);
			break;
		case WISH_PAGES:
			read_pages(&block->root, &answer.wish, &pages);
			break;
		}
		pthread_mutex_lock(&block->mutex);
		block->busy = false;
		if (answer.wish.kind == WISH_PAGES)
			block->pages = pages;
		block->answer[ring_push(&block->answers)] = answer;
		uint64_t one = 1;
		/* A full counter is readable all the same. */
		ssize_t ignored = write(block->event_fd, &one, sizeof one);
		(void)ignored;
	}
	block_leave(block);
	return NULL;
}

static int start_thread(struct lane_block *block)
{
	pthread_attr_t attr;
	pthread_t thread;
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	sigset_t others, before;
	int error = pthread_attr_init(&attr);
	if (error)
		return -error;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	/* Signals are the main thread's, but for the thread's own crash: were that
	 * blocked, the kernel would end us without asking any handler. */
	sigfillset(&others);
	for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
		sigdelset(&others, crashes[i]);
	pthread_sigmask(SIG_SETMASK, &others, &before);
	error = pthread_create(&thread, &attr, lane_main, block);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return -error;
}

/* The root for a thread that may outlive its owner. */
static int copy_root(const struct root *root, struct root *ret_copy)
{
	int fd = fcntl(root->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int proc_fd = fcntl(root->proc_fd, F_DUPFD_CLOEXEC, 0);
	if (proc_fd < 0) {
		int error = errno;
		close(fd);
		return -error;
	}
	*ret_copy = (struct root){ .fd = fd, .proc_fd = proc_fd, .real = root->real };
	return 0;
}

/* A block with a thread of its own. 0 or -errno. */
static int block_start(const struct root *root, struct lane_block **ret_block)
{
	struct lane_block *block = malloc(sizeof *block);
	if (!block)
		return -ENOMEM;
	memset(block, 0, offsetof(struct lane_block, wish));
	block->root.fd = -1;
	pthread_mutex_init(&block->mutex, NULL);
	pthread_cond_init(&block->wished, NULL);
	block->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	block->owners = 2;
	int r = block->event_fd < 0 ? -errno : copy_root(root, &block->root);
	if (r == 0)
		r = start_thread(block);
	if (r < 0)
		block_free(block);
	else
		*ret_block = block;
	return r;
}

struct lane *lane_new(const struct root *root, struct diag *diag)
{
	struct lane *lane = calloc(1, sizeof *lane);
	int r = lane ? block_start(root, &lane->block) : -ENOMEM;
	if (r == 0)
		return lane;
	free(lane);
	diag_set(diag, NULL, 0, "the thread for names and command lines cannot be made: %s", strerror(-r));
	return NULL;
}

static void block_stop(struct lane_block *block)
{
	pthread_mutex_lock(&block->mutex);
	block->stop = true;
	pthread_cond_signal(&block->wished);
	block_leave(block);
}

void lane_free(struct lane *lane)
{
	if (!lane)
		return;
	block_stop(lane->block);
	for (unsigned i = 0; i < LANE_LEFT_MAX; i++) {
		if (lane->left[i])
			block_stop(lane->left[i]);
	}
	free(lane);
}

static bool push_wish(struct lane *lane, struct wish wish)
{
	if (lane->outstanding == WISHES)
		return false;
	lane->outstanding++;
	pthread_mutex_lock(&lane->block->mutex);
	lane->block->wish[ring_push(&lane->block->wishes)] = wish;
	pthread_cond_signal(&lane->block->wished);
	pthread_mutex_unlock(&lane->block->mutex);
	return true;
}

/* Does a thread left behind still hang in the read of this process? */
static bool hangs_in(const struct lane *lane, int32_t pid, uint64_t start_ticks)
{
	for (unsigned i = 0; i < LANE_LEFT_MAX; i++) {
		/* What it works at does not change any more. */
		const struct wish *wish = lane->left[i] ? &lane->left[i]->working : NULL;
		if (wish && wish->kind != WISH_USER && wish->pid == pid && wish->start_ticks == start_ticks)
			return true;
	}
	return false;
}

void lane_want_cmdline(struct lane *lane, struct labels *labels, const struct label_look *look)
{
	struct label_cmdline *slot = labels_cmdline_slot(labels, look->pid, look->start_ticks);
	if (!slot || !label_cmdline_is_due(slot, look) || hangs_in(lane, look->pid, look->start_ticks))
		return;
	if (push_wish(lane, (struct wish){ .kind = WISH_CMDLINE, .pid = look->pid, .start_ticks = look->start_ticks }))
		label_cmdline_ask(slot, look);
}

void lane_want_pages(struct lane *lane, struct labels *labels, int32_t pid, uint64_t start_ticks, uint32_t page_bytes)
{
	struct pages *pages = &labels->pages;
	if (pages->state == PAGES_PENDING && pages->pid == pid && pages->start_ticks == start_ticks)
		return;
	*pages = (struct pages){ .pid = pid, .start_ticks = start_ticks, .state = PAGES_FAILED };
	if (hangs_in(lane, pid, start_ticks))
		pages->error = -ETIMEDOUT;
	else if (push_wish(lane, (struct wish){ .kind = WISH_PAGES, .pid = pid, .start_ticks = start_ticks,
						.page_bytes = page_bytes }))
		pages->state = PAGES_PENDING;
	else
		pages->error = -EBUSY;
}

void lane_want_user(struct lane *lane, struct labels *labels, uint32_t uid)
{
	if (labels_user(labels, uid) || lane->nusers_asked == USERS_ASKED)
		return;
	for (unsigned i = 0; i < lane->nusers_asked; i++) {
		if (lane->users_asked[i] == uid)
			return;
	}
	if (push_wish(lane, (struct wish){ .kind = WISH_USER, .uid = uid }))
		lane->users_asked[lane->nusers_asked++] = uid;
}

/* Those of a process that is asked for no longer are dropped. */
static void take_pages(struct labels *labels, const struct pages *pages)
{
	if (pages->pid == labels->pages.pid && pages->start_ticks == labels->pages.start_ticks)
		labels->pages = *pages;
}

static void take_answer(struct labels *labels, const struct answer *answer)
{
	if (answer->wish.kind == WISH_USER) {
		if (answer->found)
			labels_add_user(labels, answer->wish.uid, text_of(answer->bytes, answer->len));
		return;
	}
	/* Given away meanwhile, its process is off the screen. */
	struct label_cmdline *slot = labels_cmdline_find(labels, answer->wish.pid, answer->wish.start_ticks);
	if (!slot)
		return;
	slot->asking = false;
	slot->state = answer->found ? LABEL_KNOWN : LABEL_DENIED;
	slot->len = answer->len;
	memcpy(slot->bytes, answer->bytes, answer->len);
}

/* Called with the mutex held. */
static unsigned take_answers(struct lane *lane, struct labels *labels)
{
	struct lane_block *block = lane->block;
	unsigned n = 0;
	for (; block->answers.n > 0; n++) {
		const struct answer *answer = &block->answer[ring_pop(&block->answers)];
		if (answer->wish.kind == WISH_PAGES)
			take_pages(labels, &block->pages);
		else
			take_answer(labels, answer);
	}
	lane->outstanding -= n;
	return n;
}

unsigned lane_collect(struct lane *lane, struct labels *labels)
{
	struct lane_block *block = lane->block;
	uint64_t drained;
	/* First the event, then the answers: one that comes in between is both
	 * taken now and announced again, never lost. */
	ssize_t ignored = read(block->event_fd, &drained, sizeof drained);
	(void)ignored;
	pthread_mutex_lock(&block->mutex);
	unsigned n = take_answers(lane, labels);
	pthread_mutex_unlock(&block->mutex);
	return n;
}

/* Forget the blocks whose threads have come back. A free place, or LANE_LEFT_MAX. */
static unsigned free_place(struct lane *lane)
{
	unsigned place = LANE_LEFT_MAX;
	for (unsigned i = 0; i < LANE_LEFT_MAX; i++) {
		struct lane_block *block = lane->left[i];
		if (block) {
			pthread_mutex_lock(&block->mutex);
			bool is_back = block->owners == 1;
			pthread_mutex_unlock(&block->mutex);
			if (!is_back)
				continue;
			block_free(block);
			lane->left[i] = NULL;
		}
		place = i;
	}
	return place;
}

/* Leave the hanging thread behind with its wish, and go on with the others.
 * Called with the mutex of lane->block held, which is released. */
static void leave_behind(struct lane *lane, struct labels *labels, struct lane_block *fresh, unsigned place)
{
	struct lane_block *hung = lane->block;
	const struct answer refused = { .wish = hung->working };
	const struct pages none = { .pid = hung->working.pid, .start_ticks = hung->working.start_ticks,
				    .state = PAGES_FAILED, .error = -ETIMEDOUT };
	take_answers(lane, labels);
	if (refused.wish.kind == WISH_PAGES)
		take_pages(labels, &none);
	else
		take_answer(labels, &refused);
	lane->outstanding--;
	pthread_mutex_lock(&fresh->mutex);
	while (hung->wishes.n > 0)
		fresh->wish[ring_push(&fresh->wishes)] = hung->wish[ring_pop(&hung->wishes)];
	pthread_cond_signal(&fresh->wished);
	pthread_mutex_unlock(&fresh->mutex);
	hung->stop = true;
	lane->left[place] = hung;
	lane->block = fresh;
	pthread_mutex_unlock(&hung->mutex);
}

bool lane_tend(struct lane *lane, struct labels *labels, uint64_t now_ns)
{
	struct lane_block *block = lane->block, *fresh;
	unsigned place = free_place(lane);
	pthread_mutex_lock(&block->mutex);
	bool hangs = block->busy && now_ns > block->begun_ns && now_ns - block->begun_ns > LANE_PATIENCE_NS;
	if (hangs && place < LANE_LEFT_MAX && block_start(&block->root, &fresh) == 0) {
		leave_behind(lane, labels, fresh, place);
		return true;
	}
	pthread_mutex_unlock(&block->mutex);
	return false;
}

int lane_fd(const struct lane *lane)
{
	return lane->block->event_fd;
}

/* "name:password:uid:…" */
static void take_passwd_line(struct text line, struct labels *labels)
{
	struct text name, password, id;
	uint64_t uid;
	if (!text_next_until(&line, ':', &name) || name.len == 0 || !text_next_until(&line, ':', &password) ||
	    !text_next_until(&line, ':', &id) || text_to_u64(id, 10, &uid) < 0 || uid > UINT32_MAX)
		return;
	labels_add_user(labels, (uint32_t)uid, name);
}

int lane_read_passwd(const struct root *root, struct labels *labels)
{
	char bytes[4096];
	size_t len = 0;
	int fd = root_open_file(root, "etc/passwd", O_RDONLY);
	if (fd < 0)
		return fd;
	int r = 0;
	bool skipping = false; /* in a line longer than the buffer */
	for (;;) {
		ssize_t n = read(fd, bytes + len, sizeof bytes - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = -errno;
		if (n <= 0)
			break;
		len += (size_t)n;
		struct text rest = text_of(bytes, len);
		while (memchr(rest.ptr, '\n', rest.len)) {
			struct text line;
			text_next_line(&rest, &line);
			if (!skipping)
				take_passwd_line(line, labels);
			skipping = false;
		}
		if (rest.len == sizeof bytes) {
			skipping = true;
			rest.len = 0;
		}
		memmove(bytes, rest.ptr, rest.len);
		len = rest.len;
	}
	if (r == 0 && len > 0 && !skipping)
		take_passwd_line(text_of(bytes, len), labels);
	close(fd);
	return r;
}
