// SPDX-License-Identifier: GPL-2.0-or-later
/* The owner table: indices, their lives, and who may do what meanwhile. */
#include "uv/owner.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "storage/frame.h"
#include "storage/inject.h"
#include "uv/export_cipher.h"
#include "uv/record.h"

#define NR_INDICES 65536U

/** CONDEMN_END - guest absolute addresses below may be a prefix: what condemning is about */
#define CONDEMN_END (1UL << 31)

/**
 * struct uv_owner_table - all owners
 * @lock: protects allocation of indices
 * @next: where the search for a free index begins: freed ones are used again late
 * @owners: by index; an entry, once made, stays until the table goes, so that an operation that
 *          has just finished may still look at it
 */
struct uv_owner_table {
	struct storage *st;
	pthread_mutex_t lock;
	uint32_t next;
	_Atomic(struct uv_owner *) owners[NR_INDICES];
};

struct uv_owner_table *uv_owner_table_create(struct storage *st)
{
	struct uv_owner_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->st = st;
	t->next = 1;
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

void uv_owner_table_destroy(struct uv_owner_table *t)
{
	if (!t)
		return;
	for (uint32_t i = 1; i < NR_INDICES; i++) {
		struct uv_owner *o = atomic_load(&t->owners[i]);

		if (!o)
			continue;
		export_cipher_free(o->cipher);
		free(o);
	}
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static bool reusable(struct uv_owner_table *t, struct uv_owner *o)
{
	return atomic_load(&o->dead) && !atomic_load(&o->refs) && !atomic_load(&o->users) &&
	       !atomic_load(&o->destroys) && !storage_owner_frames(t->st, o->index);
}

/* A free index's entry, made if it is the first time. t->lock held */
static struct uv_owner *take_index(struct uv_owner_table *t)
{
	for (uint32_t tried = 0; tried < NR_INDICES; tried++) {
		uint32_t i = (t->next + tried) % NR_INDICES;
		struct uv_owner *o = atomic_load(&t->owners[i]);

		if (!i || (o && !reusable(t, o)))
			continue;
		t->next = i + 1;
		if (o)
			return o;
		o = inject(INJECT_ALLOC, ALLOC_OBJECT, sizeof(*o), NULL) ? NULL
									 : calloc(1, sizeof(*o));
		if (!o) {
			errno = ENOMEM;
			return NULL;
		}
		o->index = i;
		return o;
	}
	errno = ENOSPC;
	return NULL;
}

static struct export_cipher *new_cipher(const struct uv_owner_params *params)
{
	uint8_t secret[EXPORT_SECRET_LEN];
	struct export_cipher *c = NULL;

	if (params->random(params->machine, secret, sizeof(secret)))
		errno = EIO;
	else
		c = export_cipher_new(secret);
	OPENSSL_cleanse(secret, sizeof(secret));
	return c;
}

static void begin_life(struct uv_owner *o, const struct uv_owner_params *params)
{
	o->asce = params->asce;
	o->mso = params->mso;
	o->msl = params->msl;
	o->records = params->records;
	o->unshare_cursor = 0;
	o->destroy_cursor = 0;
	memcpy(o->uid, params->uid, sizeof(o->uid));
	atomic_store(&o->cpus, 0);
	atomic_store(&o->shared, 0);
	atomic_store(&o->exports, 0);
	atomic_store(&o->first_used, UINT64_MAX);
	atomic_store(&o->end_used, 0);
	atomic_store(&o->refs, 1);
	atomic_store(&o->dead, false);
}

struct uv_owner *uv_owner_create(struct uv_owner_table *t, const struct uv_owner_params *params)
{
	struct export_cipher *cipher = new_cipher(params);
	struct uv_owner *o;

	if (!cipher)
		return NULL;
	pthread_mutex_lock(&t->lock);
	o = take_index(t);
	if (o) {
		storage_owner_reset(t->st, o->index, params->mso + CONDEMN_END);
		o->cipher = cipher;
		begin_life(o, params);
		atomic_store(&t->owners[o->index], o);
	}
	pthread_mutex_unlock(&t->lock);
	if (!o)
		export_cipher_free(cipher);
	return o;
}

struct uv_owner *uv_owner_find(struct uv_owner_table *t, uint32_t index)
{
	return index < NR_INDICES ? atomic_load(&t->owners[index]) : NULL;
}

struct uv_owner *uv_owner_get(struct uv_owner *o)
{
	atomic_fetch_add(&o->refs, 1);
	return o;
}

void uv_owner_drop(struct uv_owner *o)
{
	uint32_t refs = atomic_fetch_sub(&o->refs, 1);

	assert(refs > 1 || atomic_load(&o->dead));
	(void)refs;
}

uint64_t uv_owner_nr_frames(struct uv_owner_table *t, uint32_t index)
{
	return index && index < NR_INDICES ? storage_owner_frames(t->st, index) : 0;
}

/* ---- counted operations: who waits, waits for 0 ---- */

/** COUNT_WAITED - somebody waits: of the many who leave only the last of those pays a system call
 */
#define COUNT_WAITED (1U << 31)

/* Return: false if the count changed meanwhile; it is in @n */
static bool set_waited(_Atomic uint32_t *count, uint32_t *n)
{
	if (*n & COUNT_WAITED)
		return true;
	if (!atomic_compare_exchange_strong(count, n, *n | COUNT_WAITED))
		return false;
	*n |= COUNT_WAITED;
	return true;
}

static void wait_for_zero(_Atomic uint32_t *count)
{
	uint32_t n = atomic_load(count);

	while (n) {
		if (!set_waited(count, &n))
			continue;
		syscall(SYS_futex, (uint32_t *)(uintptr_t)count, FUTEX_WAIT_PRIVATE, n, NULL, NULL,
			0);
		n = atomic_load(count);
	}
}

/* The flag goes with the last one who leaves; who enters in between leaves it to his own end. */
static void leave(_Atomic uint32_t *count)
{
	uint32_t waited = COUNT_WAITED;

	if (atomic_fetch_sub(count, 1) != (COUNT_WAITED | 1))
		return;
	if (atomic_compare_exchange_strong(count, &waited, 0))
		syscall(SYS_futex, (uint32_t *)(uintptr_t)count, FUTEX_WAKE_PRIVATE, INT_MAX, NULL,
			NULL, 0);
}

/*
 * Raise the count, then look whether entering is allowed; the other side forbids first and looks
 * at the count then. Both sequentially consistent: one of them sees the other.
 */
bool uv_owner_enter(struct uv_owner *o)
{
	atomic_fetch_add(&o->users, 1);
	if (!atomic_load(&o->dead))
		return true;
	leave(&o->users);
	return false;
}

void uv_owner_leave(struct uv_owner *o)
{
	leave(&o->users);
}

bool uv_owner_enter_destroy(struct uv_owner *o)
{
	atomic_fetch_add(&o->destroys, 1);
	if (!atomic_load(&o->cpus))
		return true;
	leave(&o->destroys);
	return false;
}

void uv_owner_leave_destroy(struct uv_owner *o)
{
	leave(&o->destroys);
}

void uv_owner_cpu_get(struct uv_owner *o)
{
	atomic_fetch_add(&o->cpus, 1);
	wait_for_zero(&o->destroys);
}

void uv_owner_cpu_put(struct uv_owner *o)
{
	uint32_t cpus = atomic_fetch_sub(&o->cpus, 1);

	assert(cpus);
	(void)cpus;
}

void uv_owner_condemn(struct uv_owner_table *t, struct uv_owner *o)
{
	assert(!atomic_load(&o->cpus) && !atomic_load(&o->dead));
	storage_owner_condemn(t->st, o->index);
	wait_for_zero(&o->users);
}

void uv_owner_kill(struct uv_owner_table *t, struct uv_owner *o)
{
	assert(!atomic_load(&o->cpus) && !atomic_load(&o->dead));
	atomic_store(&o->dead, true);
	wait_for_zero(&o->users);
	storage_owner_dead(t->st, o->index);
	export_cipher_free(o->cipher);
	o->cipher = NULL;
	o->records = NULL;
}
