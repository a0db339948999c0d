// SPDX-License-Identifier: GPL-2.0-or-later
/* The counts behind `protvirt status`: exact, because every publication passes here. */
#include "storage/counts.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>

#include "storage/frame.h"
#include "storage/region.h"

#define NR_OWNERS 65536UL

int counts_init(struct counts *c)
{
	c->owners = map_zeros(NR_OWNERS * sizeof(*c->owners));
	if (!c->owners)
		return -ENOMEM;
	pthread_mutex_init(&c->lock, NULL);
	return 0;
}

void counts_fini(struct counts *c)
{
	pthread_mutex_destroy(&c->lock);
	munmap(c->owners, NR_OWNERS * sizeof(*c->owners));
}

static bool is_low(const struct owner_counts *o, uint64_t word)
{
	return frame_word_gpa(word) < o->low_end;
}

static bool is_condemned(const struct owner_counts *o, uint64_t word)
{
	return frame_word_gpa(word) < atomic_load_explicit(&o->floor, memory_order_acquire);
}

static void count_secure(struct counts *c, struct owner_counts *o, uint64_t word, uint64_t by)
{
	o->secure += by;
	if (is_low(o, word))
		o->low_secure += by;
	if (is_condemned(o, word))
		c->stats.frames_residue += by;
	else if (o->dead)
		c->stats.frames_orphan += by;
	else
		c->stats.frames_secure += by;
}

static void count_shared(struct counts *c, struct owner_counts *o, uint64_t word, uint64_t by)
{
	o->shared += by;
	if (is_low(o, word))
		o->low_shared += by;
	if (!o->dead && !is_condemned(o, word))
		c->stats.frames_shared += by;
}

/* @by is 1 or -1 modulo 2^64 */
static void count_word(struct counts *c, uint64_t word, uint64_t by)
{
	struct owner_counts *o = &c->owners[frame_word_owner(word)];

	switch (frame_word_state(word)) {
	case FRAME_SEC:
		count_secure(c, o, word, by);
		break;
	case FRAME_SHR:
	case FRAME_PIN:
		count_shared(c, o, word, by);
		break;
	case FRAME_DON:
		c->stats.bytes_donated += by * PAGE_SIZE;
		break;
	case FRAME_LOST:
		c->stats.frames_lost += by;
		break;
	case FRAME_NS:
		break;
	}
}

void counts_change(struct counts *c, uint64_t old_word, uint64_t new_word)
{
	pthread_mutex_lock(&c->lock);
	count_word(c, old_word, -1UL);
	count_word(c, new_word, 1);
	pthread_mutex_unlock(&c->lock);
}

/**
 * struct leaving - frames of one owner that become ordinary
 * @low_secure: those of @secure with a guest page below the owner's low_end
 * @low_shared: those of @shared
 */
struct leaving {
	uint64_t secure;
	uint64_t shared;
	uint64_t low_secure;
	uint64_t low_shared;
};

/* An owner's low_end stays as long as frames name it: no lock. */
static struct leaving sum_up(const struct owner_counts *o, const uint64_t *words, size_t n)
{
	struct leaving l = {0};

	for (size_t i = 0; i < n; i++) {
		bool secure = frame_word_state(words[i]) == FRAME_SEC, low = is_low(o, words[i]);

		assert(frame_word_owner(words[i]) == frame_word_owner(words[0]));
		l.secure += secure;
		l.shared += !secure;
		l.low_secure += secure && low;
		l.low_shared += !secure && low;
	}
	return l;
}

static void count_leaving(struct counts *c, struct owner_counts *o, const struct leaving *l)
{
	bool condemned = atomic_load_explicit(&o->floor, memory_order_relaxed);
	uint64_t residue = condemned ? l->low_secure : 0;

	o->secure -= l->secure;
	o->shared -= l->shared;
	o->low_secure -= l->low_secure;
	o->low_shared -= l->low_shared;
	c->stats.frames_residue -= residue;
	if (o->dead) {
		c->stats.frames_orphan -= l->secure - residue;
	} else {
		c->stats.frames_secure -= l->secure - residue;
		c->stats.frames_shared -= l->shared - (condemned ? l->low_shared : 0);
	}
}

gpa_t counts_low_end(const struct counts *c, uint32_t owner)
{
	return c->owners[owner].low_end;
}

void counts_leave_secure(struct counts *c, uint32_t owner, uint64_t n, uint64_t low)
{
	const struct leaving l = {.secure = n, .low_secure = low};

	pthread_mutex_lock(&c->lock);
	count_leaving(c, &c->owners[owner], &l);
	pthread_mutex_unlock(&c->lock);
}

/* Summed up before: whoever publishes one frame meanwhile would wait for hundreds. */
void counts_leave(struct counts *c, const uint64_t *words, size_t n)
{
	struct owner_counts *o = &c->owners[frame_word_owner(words[0])];
	struct leaving l = sum_up(o, words, n);

	pthread_mutex_lock(&c->lock);
	count_leaving(c, o, &l);
	pthread_mutex_unlock(&c->lock);
}

void counts_donated(struct counts *c, int64_t pages)
{
	pthread_mutex_lock(&c->lock);
	c->stats.bytes_donated += (uint64_t)pages * PAGE_SIZE;
	pthread_mutex_unlock(&c->lock);
}

void counts_kernel(struct counts *c, enum alloc_kind kind, int64_t bytes)
{
	pthread_mutex_lock(&c->lock);
	c->stats.bytes_kernel[kind] += (uint64_t)bytes;
	pthread_mutex_unlock(&c->lock);
}

void counts_leak(struct counts *c, enum alloc_kind kind, size_t bytes)
{
	pthread_mutex_lock(&c->lock);
	c->stats.bytes_kernel[kind] -= bytes;
	c->stats.bytes_leaked += bytes;
	pthread_mutex_unlock(&c->lock);
}

void counts_backing(struct counts *c, int64_t bytes)
{
	pthread_mutex_lock(&c->lock);
	c->stats.bytes_backing += (uint64_t)bytes;
	c->stats.backings += bytes > 0 ? 1 : -1UL;
	pthread_mutex_unlock(&c->lock);
}

uint64_t counts_lost(struct counts *c)
{
	uint64_t lost;

	pthread_mutex_lock(&c->lock);
	lost = c->stats.frames_lost;
	pthread_mutex_unlock(&c->lock);
	return lost;
}

void storage_get_stats(struct storage *st, struct storage_stats *stats)
{
	pthread_mutex_lock(&st->counts.lock);
	*stats = st->counts.stats;
	pthread_mutex_unlock(&st->counts.lock);
}

void storage_owner_reset(struct storage *st, uint32_t owner, gpa_t low_end)
{
	struct owner_counts *o = &st->counts.owners[owner];

	pthread_mutex_lock(&st->counts.lock);
	assert(!o->secure && !o->shared);
	o->dead = false;
	o->low_end = low_end;
	atomic_store(&o->floor, 0);
	pthread_mutex_unlock(&st->counts.lock);
}

void storage_owner_condemn(struct storage *st, uint32_t owner)
{
	struct counts *c = &st->counts;
	struct owner_counts *o = &c->owners[owner];

	pthread_mutex_lock(&c->lock);
	assert(!o->dead);
	if (!atomic_load(&o->floor)) {
		atomic_store(&o->floor, o->low_end);
		c->stats.frames_secure -= o->low_secure;
		c->stats.frames_residue += o->low_secure;
		c->stats.frames_shared -= o->low_shared;
	}
	pthread_mutex_unlock(&c->lock);
}

bool frame_word_condemned(struct storage *st, uint64_t word)
{
	return is_condemned(&st->counts.owners[frame_word_owner(word)], word);
}

void storage_owner_dead(struct storage *st, uint32_t owner)
{
	struct counts *c = &st->counts;
	struct owner_counts *o = &c->owners[owner];
	uint64_t secure, shared;

	pthread_mutex_lock(&c->lock);
	assert(!o->dead);
	o->dead = true;
	secure = o->secure - (atomic_load(&o->floor) ? o->low_secure : 0);
	shared = o->shared - (atomic_load(&o->floor) ? o->low_shared : 0);
	c->stats.frames_secure -= secure;
	c->stats.frames_orphan += secure;
	c->stats.frames_shared -= shared;
	pthread_mutex_unlock(&c->lock);
}

bool storage_owner_is_dead(struct storage *st, uint32_t owner)
{
	bool dead;

	pthread_mutex_lock(&st->counts.lock);
	dead = st->counts.owners[owner].dead;
	pthread_mutex_unlock(&st->counts.lock);
	return dead;
}

uint64_t storage_owner_frames(struct storage *st, uint32_t owner)
{
	struct owner_counts *o = &st->counts.owners[owner];
	uint64_t n;

	pthread_mutex_lock(&st->counts.lock);
	n = o->secure + o->shared;
	pthread_mutex_unlock(&st->counts.lock);
	return n;
}
