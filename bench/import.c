// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How fast do pages change sides? The Ultravisor's calls alone, on one thread: import of fresh
 * pages, export, import of what was exported; pages far from each other and in runs of 512; beside
 * the cipher, the tag and the system calls that the same pages need.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/guest.h"
#include "bench/place.h"
#include "bench/report.h"
#include "tests/unit/uv/fixture.h"
#include "uv/export_cipher.h"
#include "uv/page.h"

#define ROUNDS 9U /* they differ by a fifth where the computer is virtual */
#define RUN    512U

static const uint8_t uid[16] = {1};

/** struct path - one of the three ways, by the machine and alone, in pages a second */
struct path {
	const char *what;
	struct samples calls;
	struct samples alone;
};

/**
 * struct bare - what is left when nobody keeps books
 * @mapped: the memfd, as guest memory is: the kernel looks for translations before it makes a hole
 */
struct bare {
	struct export_cipher *cipher;
	uint8_t *secure;
	uint8_t (*tags)[EXPORT_TAG_LEN];
	uint8_t *mapped;
	int memfd;
};

enum way {
	WAY_FRESH,
	WAY_OUT,
	WAY_BACK,
	WAYS
};

static size_t pages(void)
{
	return report_quick() ? 8192 : 65536;
}

/* The @i-th page to be used: odd steps meet each page of a power of two once. */
static size_t page_at(size_t i, bool runs)
{
	if (runs)
		return i / RUN * 5 % (pages() / RUN) * RUN + i % RUN;
	return i * 4099 % pages();
}

static double rate(uint64_t start)
{
	return (double)pages() / seconds_since(start);
}

/* ---- alone ---- */

static void punch(const struct bare *b, size_t page)
{
	if (fallocate(b->memfd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		      (off_t)(page * PAGE_SIZE), PAGE_SIZE))
		err(1, "hole punch");
}

static void write_page(int memfd, size_t page, const void *from)
{
	if (pwrite(memfd, from, PAGE_SIZE, (off_t)(page * PAGE_SIZE)) != PAGE_SIZE)
		err(1, "pwrite");
}

static void bare_out(struct bare *b, size_t page)
{
	const struct export_id id = {.counter = page + 1, .gaddr = page * PAGE_SIZE, .uid = uid};
	uint8_t sealed[PAGE_SIZE];

	if (export_cipher_seal(b->cipher, &id, b->secure + page * PAGE_SIZE, sealed, b->tags[page]))
		errx(1, "cipher");
	write_page(b->memfd, page, sealed);
}

static void bare_back(struct bare *b, size_t page)
{
	const struct export_id id = {.counter = page + 1, .gaddr = page * PAGE_SIZE, .uid = uid};
	uint8_t *to = b->secure + page * PAGE_SIZE;

	if (pread(b->memfd, to, PAGE_SIZE, (off_t)(page * PAGE_SIZE)) != PAGE_SIZE ||
	    export_cipher_open(b->cipher, &id, to, b->tags[page]))
		errx(1, "cipher");
	punch(b, page);
}

static void measure_alone(struct bare *b, bool runs, struct path paths[WAYS])
{
	static const uint8_t loaded[PAGE_SIZE] = {1};
	uint64_t start;

	for (size_t i = 0; i < pages(); i++)
		write_page(b->memfd, i, loaded);
	start = now_ns();
	for (size_t i = 0; i < pages(); i++)
		punch(b, page_at(i, runs));
	samples_add(&paths[WAY_FRESH].alone, rate(start));
	start = now_ns();
	for (size_t i = 0; i < pages(); i++)
		bare_out(b, page_at(i, runs));
	samples_add(&paths[WAY_OUT].alone, rate(start));
	start = now_ns();
	for (size_t i = 0; i < pages(); i++)
		bare_back(b, page_at(i, runs));
	samples_add(&paths[WAY_BACK].alone, rate(start));
}

static void bare_create(struct bare *b)
{
	uint8_t secret[EXPORT_SECRET_LEN];

	for (size_t i = 0; i < sizeof(secret); i++)
		secret[i] = (uint8_t)i;
	b->cipher = export_cipher_new(secret);
	b->tags = calloc(pages(), sizeof(*b->tags));
	b->memfd = memfd_create("bench", MFD_CLOEXEC);
	b->secure = mmap(NULL, pages() * PAGE_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!b->cipher || !b->tags || b->memfd < 0 || b->secure == MAP_FAILED ||
	    ftruncate(b->memfd, (off_t)(pages() * PAGE_SIZE)))
		errx(1, "no memory");
	b->mapped =
		mmap(NULL, pages() * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, b->memfd, 0);
	if (b->mapped == MAP_FAILED)
		errx(1, "no memory");
	memset(b->secure, 1, pages() * PAGE_SIZE);
}

/* ---- by calls ---- */

static double calls_in(struct fixture *f, struct fx_guest *g, bool runs)
{
	uint64_t start = now_ns();

	for (size_t i = 0; i < pages(); i++)
		if (fx_import(f, g, page_at(i, runs) * PAGE_SIZE) != UVC_RC_EXECUTED)
			errx(1, "import");
	return rate(start);
}

static double calls_on_frames(struct fixture *f, struct fx_guest *g, uint16_t cmd, bool runs)
{
	uint64_t start = now_ns();

	for (size_t i = 0; i < pages(); i++)
		if (fx_frame_call(f, cmd, fx_frame(g, page_at(i, runs) * PAGE_SIZE)) !=
		    UVC_RC_EXECUTED)
			errx(1, "call 0x%x", cmd);
	return rate(start);
}

static void measure_calls(struct fixture *f, struct fx_guest *g, bool runs, struct path paths[WAYS])
{
	static const uint8_t loaded[PAGE_SIZE] = {1};

	for (size_t i = 0; i < pages(); i++)
		write_page(backing_memfd(g->b), i, loaded);
	samples_add(&paths[WAY_FRESH].calls, calls_in(f, g, runs));
	samples_add(&paths[WAY_OUT].calls, calls_on_frames(f, g, UVC_CMD_CONV_FROM_SEC_STOR, runs));
	samples_add(&paths[WAY_BACK].calls, calls_in(f, g, runs));
	calls_on_frames(f, g, UVC_CMD_DESTR_SEC_STOR, runs);
}

/* ---- both ---- */

static void measure(struct fixture *f, struct fx_guest *g, struct bare *b, bool runs)
{
	struct path *paths = calloc(WAYS, sizeof(*paths));

	if (!paths)
		errx(1, "no memory");
	paths[WAY_FRESH].what = runs ? "import, fresh, runs of 512" : "import, fresh, single";
	paths[WAY_OUT].what = runs ? "export, runs of 512" : "export, single";
	paths[WAY_BACK].what = runs ? "import, exported, runs of 512" : "import, exported, single";
	for (unsigned int i = 0; i < ROUNDS; i++) {
		report_progress("%s: %u of %u", runs ? "runs" : "single", i + 1, ROUNDS);
		measure_alone(b, runs, paths);
		measure_calls(f, g, runs, paths);
	}
	for (unsigned int i = 0; i < WAYS; i++)
		report_row(&(struct result){
			.model = "z17",
			.what = paths[i].what,
			.figure = &paths[i].calls,
			.unit = "pages/s",
			.limit = &paths[i].alone,
			.limit_name = i == WAY_FRESH ? "punch alone" : "cipher, tag and calls",
			.aim = AIM_AT_LEAST,
			.target = 0.85,
			.place = "same CPU",
		});
	free(paths);
}

int main(int argc, char **argv)
{
	struct fixture *f;
	struct fx_guest *g;
	struct bare b;

	report_open("import", "how fast do pages change sides?", argc, argv);
	place_thread(0, 0);
	bare_create(&b);
	f = fx_create("z17");
	g = fx_guest_create(f, 0, pages() * PAGE_SIZE / MIB);
	calls_in(f, g, true); /* the secure storage is there from now on */
	calls_on_frames(f, g, UVC_CMD_DESTR_SEC_STOR, true);
	measure(f, g, &b, false);
	measure(f, g, &b, true);
	fx_destroy(f);
	return report_close();
}
