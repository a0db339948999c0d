// SPDX-License-Identifier: GPL-2.0-or-later
/* Digests of an image: a ring of pages, one thread that fills it and one that hashes. */
#include "uv/image_digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "storage/types.h"
#include "uv/alloc.h"

/** RING_PAGES - how far the thread may be behind */
#define RING_PAGES 64U

/** WAKE_PAGES - a sleeping thread is woken for so many: a wake-up costs as much as some pages */
#define WAKE_PAGES 16U

struct entry {
	uint8_t page[PAGE_SIZE];
	be64_t gaddr;
	be64_t tweak[2];
};

/**
 * struct image_digest - see image_digest.h
 * @thread: hashes
 * @lock: protects the next five; the entries from @taken to @added are the thread's, the others
 *        the adder's
 * @changed: one of the five has changed, for whoever sleeps
 * @added: pages so far
 * @taken: pages hashed
 * @drain: somebody waits for all of them
 * @stop: the thread shall end
 * @sleeping: the thread waits for pages
 * @failed: a digest could not be updated; the thread's, read when all is drained
 */
struct image_digest {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t added;
	uint64_t taken;
	bool drain;
	bool stop;
	bool sleeping;
	bool failed;
	EVP_MD_CTX *pld;
	EVP_MD_CTX *ald;
	EVP_MD_CTX *tld;
	struct entry ring[RING_PAGES];
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

/* ---- the thread ---- */

static void hash(struct image_digest *d, const struct entry *e)
{
	if (!EVP_DigestUpdate(d->pld, e->page, PAGE_SIZE) ||
	    !EVP_DigestUpdate(d->ald, &e->gaddr, sizeof(e->gaddr)) ||
	    !EVP_DigestUpdate(d->tld, e->tweak, sizeof(e->tweak)))
		d->failed = true;
}

/* Is there anything to wake up for? d->lock held */
static bool has_work(const struct image_digest *d)
{
	uint64_t n = d->added - d->taken;

	return n >= WAKE_PAGES || (n && d->drain);
}

/* d->lock held */
static void wait_for_pages(struct image_digest *d)
{
	d->sleeping = true;
	while (!d->stop && !has_work(d))
		pthread_cond_wait(&d->changed, &d->lock);
	d->sleeping = false;
}

static void *hash_pages(void *arg)
{
	struct image_digest *d = arg;

	pthread_mutex_lock(&d->lock);
	while (!d->stop) {
		const struct entry *e = &d->ring[d->taken % RING_PAGES];

		if (d->added == d->taken) {
			wait_for_pages(d);
			continue;
		}
		pthread_mutex_unlock(&d->lock);
		hash(d, e);
		pthread_mutex_lock(&d->lock);
		d->taken++;
		/* The adder waits with a full ring, or for the last page. */
		if (d->added - d->taken == RING_PAGES / 2 || d->added == d->taken)
			pthread_cond_broadcast(&d->changed);
	}
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

/* Signals of the process are not for it. */
static int start_thread(struct image_digest *d)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&d->thread, NULL, hash_pages, d);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

/* ---- the adder ---- */

static void free_contexts(struct image_digest *d)
{
	EVP_MD_CTX_free(d->pld);
	EVP_MD_CTX_free(d->ald);
	EVP_MD_CTX_free(d->tld);
	pthread_cond_destroy(&d->changed);
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
	pthread_cond_init(&d->changed, NULL);
	d->pld = new_context();
	d->ald = new_context();
	d->tld = new_context();
	if (d->pld && d->ald && d->tld && !start_thread(d))
		return d;
	free_contexts(d);
	return NULL;
}

void image_digest_free(struct image_digest *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	d->stop = true;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
	pthread_join(d->thread, NULL);
	free_contexts(d);
}

void image_digest_add(struct image_digest *d, const uint8_t *page, be64_t gaddr,
		      const be64_t tweak[2])
{
	struct entry *e = &d->ring[d->added % RING_PAGES];

	pthread_mutex_lock(&d->lock);
	while (d->added - d->taken == RING_PAGES)
		pthread_cond_wait(&d->changed, &d->lock);
	pthread_mutex_unlock(&d->lock);
	memcpy(e->page, page, PAGE_SIZE);
	e->gaddr = gaddr;
	e->tweak[0] = tweak[0];
	e->tweak[1] = tweak[1];
	pthread_mutex_lock(&d->lock);
	d->added++;
	if (d->sleeping && has_work(d))
		pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
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

int image_digest_get(struct image_digest *d, struct image_digests *result)
{
	pthread_mutex_lock(&d->lock);
	d->drain = true;
	pthread_cond_broadcast(&d->changed);
	while (d->added != d->taken)
		pthread_cond_wait(&d->changed, &d->lock);
	d->drain = false;
	pthread_mutex_unlock(&d->lock);
	if (d->failed || !copy_digest(d->pld, result->pld) || !copy_digest(d->ald, result->ald) ||
	    !copy_digest(d->tld, result->tld))
		return -ENOMEM;
	return 0;
}
