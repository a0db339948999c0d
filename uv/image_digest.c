// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Digests of an image: a ring of pages, one thread that fills it and one that hashes. Where there
 * is no other CPU, or no thread to be had, the one that fills it hashes as well.
 */
#include "uv/image_digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "storage/types.h"
#include "uv/alloc.h"

/** RING_PAGES - how far the thread may be behind; half of it has to last for a wake-up */
#define RING_PAGES 256U

/** BATCH_PAGES - hashed in one go */
#define BATCH_PAGES 16U

/** WAKE_PAGES - a sleeping thread is woken for so many: a wake-up costs as much as some pages */
#define WAKE_PAGES 32U

_Static_assert(RING_PAGES % BATCH_PAGES == 0 && WAKE_PAGES < RING_PAGES / 2, "the ring's parts");

/** LINE - bytes that keep apart what two CPUs write all the time */
#define LINE 64

/**
 * struct image_digest - see image_digest.h
 * @thread: hashes, if @threaded
 * @added: pages so far, the adder's. Those from @taken to it are the thread's, all others the
 *	   adder's
 * @taken: pages hashed, the thread's
 * @lock: for who sleeps, and for who wakes him
 * @work: there are pages, or @stop
 * @room: there are less than @awaited pages
 * @sleeping: the thread waits for @work
 * @awaited: the adder waits for @room; 0: it does not
 * @avoided: the CPU that the thread keeps off, the adder's; -1: none
 * @drain: few pages are work, too
 * @stop: the thread shall end
 * @failed: a digest could not be updated; the thread's, read when all is drained
 * @pages, @gaddrs, @tweaks: the ring
 */
struct image_digest {
	pthread_t thread;
	bool threaded;
	int avoided;
	uint8_t before_added[LINE];
	_Atomic uint64_t added;
	uint8_t before_taken[LINE];
	_Atomic uint64_t taken;
	uint8_t before_lock[LINE];
	pthread_mutex_t lock;
	pthread_cond_t work;
	pthread_cond_t room;
	_Atomic bool sleeping;
	_Atomic uint64_t awaited;
	_Atomic bool drain;
	_Atomic bool stop;
	bool failed;
	EVP_MD_CTX *pld;
	EVP_MD_CTX *ald;
	EVP_MD_CTX *tld;
	uint8_t pages[RING_PAGES][PAGE_SIZE];
	be64_t gaddrs[RING_PAGES];
	be64_t tweaks[RING_PAGES][2];
};

static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_MD *sha512;

static void fetch_digest(void)
{
	sha512 = EVP_MD_fetch(NULL, "SHA2-512", NULL);
}

static EVP_MD_CTX *new_context(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx && sha512 && EVP_DigestInit_ex2(ctx, sha512, NULL))
		return ctx;
	EVP_MD_CTX_free(ctx);
	return NULL;
}

static uint64_t waiting_pages(const struct image_digest *d)
{
	return atomic_load(&d->added) - atomic_load(&d->taken);
}

/* A batch does not go beyond the end of the ring. Return: its pages */
static size_t next_batch(const struct image_digest *d, size_t first)
{
	uint64_t n = waiting_pages(d);

	if (n > BATCH_PAGES)
		n = BATCH_PAGES;
	return n < RING_PAGES - first ? n : RING_PAGES - first;
}

/* Return: false if there is nothing to hash */
static bool hash_batch(struct image_digest *d)
{
	size_t first = atomic_load(&d->taken) % RING_PAGES, n = next_batch(d, first);

	if (!n)
		return false;
	if (!EVP_DigestUpdate(d->pld, d->pages[first], n * PAGE_SIZE) ||
	    !EVP_DigestUpdate(d->ald, &d->gaddrs[first], n * sizeof(d->gaddrs[0])) ||
	    !EVP_DigestUpdate(d->tld, d->tweaks[first], n * sizeof(d->tweaks[0])))
		d->failed = true;
	atomic_fetch_add(&d->taken, n);
	return true;
}

/*
 * Who goes to sleep says so first and looks at the ring then; who changes the ring does that first
 * and looks for sleepers then. Both sequentially consistent: one of them sees the other.
 */

/* ---- the thread ---- */

/* Is there anything to wake up for? */
static bool has_work(const struct image_digest *d)
{
	uint64_t n = waiting_pages(d);

	return n >= WAKE_PAGES || (n && atomic_load(&d->drain)) || atomic_load(&d->stop);
}

static void wait_for_pages(struct image_digest *d)
{
	pthread_mutex_lock(&d->lock);
	for (;;) {
		atomic_store(&d->sleeping, true);
		if (has_work(d))
			break;
		pthread_cond_wait(&d->work, &d->lock);
	}
	atomic_store(&d->sleeping, false);
	pthread_mutex_unlock(&d->lock);
}

static void wake_adder(struct image_digest *d)
{
	pthread_mutex_lock(&d->lock);
	pthread_cond_signal(&d->room);
	pthread_mutex_unlock(&d->lock);
}

static void *hash_pages(void *arg)
{
	struct image_digest *d = arg;

	while (!atomic_load(&d->stop)) {
		if (!hash_batch(d))
			wait_for_pages(d);
		else if (waiting_pages(d) < atomic_load(&d->awaited))
			wake_adder(d);
	}
	return NULL;
}

static bool has_other_cpu(void)
{
	cpu_set_t cpus;

	return sched_getaffinity(0, sizeof(cpus), &cpus) || CPU_COUNT(&cpus) > 1;
}

/* Signals of the process are not for it. */
static void start_thread(struct image_digest *d)
{
	sigset_t all, before;

	d->avoided = -1;
	if (!has_other_cpu())
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	d->threaded = !pthread_create(&d->thread, NULL, hash_pages, d);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- the adder ---- */

static void free_digest(struct image_digest *d)
{
	EVP_MD_CTX_free(d->pld);
	EVP_MD_CTX_free(d->ald);
	EVP_MD_CTX_free(d->tld);
	pthread_cond_destroy(&d->room);
	pthread_cond_destroy(&d->work);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

struct image_digest *image_digest_new(void)
{
	struct image_digest *d = uv_zalloc(sizeof(*d));

	if (!d)
		return NULL;
	pthread_once(&fetched, fetch_digest);
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->work, NULL);
	pthread_cond_init(&d->room, NULL);
	d->pld = new_context();
	d->ald = new_context();
	d->tld = new_context();
	if (!d->pld || !d->ald || !d->tld) {
		free_digest(d);
		return NULL;
	}
	start_thread(d);
	return d;
}

/*
 * The two wake each other up, and a scheduler takes that for a reason to have both on one CPU, even
 * with another one idle: there they take twice as long. So the thread runs on all CPUs that its
 * adder may use, but for the one where the adder was when one of them had to wait last. Without
 * another CPU it stays as it is.
 */
static void keep_apart(struct image_digest *d)
{
	int cpu = sched_getcpu();
	cpu_set_t cpus;

	if (cpu < 0 || cpu == d->avoided || sched_getaffinity(0, sizeof(cpus), &cpus))
		return;
	CPU_CLR((size_t)cpu, &cpus);
	if (CPU_COUNT(&cpus) && !pthread_setaffinity_np(d->thread, sizeof(cpus), &cpus))
		d->avoided = cpu;
}

static void wake_thread(struct image_digest *d)
{
	keep_apart(d);
	pthread_mutex_lock(&d->lock);
	/* Before it runs and says so itself more pages come: they need not wake it again. */
	atomic_store(&d->sleeping, false);
	pthread_cond_signal(&d->work);
	pthread_mutex_unlock(&d->lock);
}

void image_digest_free(struct image_digest *d)
{
	if (!d)
		return;
	if (d->threaded) {
		atomic_store(&d->stop, true);
		wake_thread(d);
		pthread_join(d->thread, NULL);
	}
	free_digest(d);
}

/* Context: the adder */
static void wait_until_below(struct image_digest *d, uint64_t pages)
{
	pthread_mutex_lock(&d->lock);
	atomic_store(&d->awaited, pages);
	while (waiting_pages(d) >= pages)
		pthread_cond_wait(&d->room, &d->lock);
	atomic_store(&d->awaited, 0);
	pthread_mutex_unlock(&d->lock);
}

uint8_t *image_digest_page(struct image_digest *d)
{
	if (waiting_pages(d) == RING_PAGES) {
		keep_apart(d);
		wait_until_below(d, RING_PAGES / 2);
	}
	return d->pages[atomic_load(&d->added) % RING_PAGES];
}

void image_digest_add(struct image_digest *d, be64_t gaddr, const be64_t tweak[2])
{
	size_t i = atomic_load(&d->added) % RING_PAGES;

	d->gaddrs[i] = gaddr;
	d->tweaks[i][0] = tweak[0];
	d->tweaks[i][1] = tweak[1];
	atomic_fetch_add(&d->added, 1);
	if (!d->threaded && waiting_pages(d) >= BATCH_PAGES)
		hash_batch(d);
	else if (atomic_load(&d->sleeping) && has_work(d))
		wake_thread(d);
}

/* The running digest goes on: after VERIFY_IMG refused more pages may come. */
static bool copy_digest(const EVP_MD_CTX *running, uint8_t digest[IMAGE_DIGEST_LEN])
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	bool ok =
		copy && EVP_MD_CTX_copy_ex(copy, running) && EVP_DigestFinal_ex(copy, digest, NULL);

	EVP_MD_CTX_free(copy);
	return ok;
}

static void drain(struct image_digest *d)
{
	if (!d->threaded) {
		while (hash_batch(d))
			;
		return;
	}
	atomic_store(&d->drain, true);
	wake_thread(d);
	wait_until_below(d, 1);
	atomic_store(&d->drain, false);
}

int image_digest_get(struct image_digest *d, struct image_digests *result)
{
	drain(d);
	if (d->failed || !copy_digest(d->pld, result->pld) || !copy_digest(d->ald, result->ald) ||
	    !copy_digest(d->tld, result->tld))
		return -ENOMEM;
	return 0;
}
