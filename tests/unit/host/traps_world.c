// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/host/traps_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "client/userfault.h"
#include "host/alloc.h"
#include "host/direct.h"
#include "host/mm_state.h"
#include "host/uffd.h"
#include "host/uffd_state.h"
#include "storage/frame.h"

void tw_share(struct traps_world *w)
{
	mm_put_segments(w->segs, w->n);
	assert_int_equal(mm_share_range(w->mm, (uintptr_t)w->mem, TW_SIZE, &w->segs, &w->n), 0);
}

struct traps_world *tw_create(void)
{
	struct traps_world *w = calloc(1, sizeof(*w));
	struct fx_guest *g;

	assert_non_null(w);
	w->live = host_alloc_live();
	w->f = fx_create(NULL);
	w->mm = direct_mm_create(w->f->st, w->f->uv);
	w->t = direct_task_start(w->mm);
	w->mem = mmap(NULL, TW_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(w->mem, MAP_FAILED);
	tw_share(w);
	assert_int_equal(w->n, 1);
	w->b = w->segs[0].b;
	g = fx_guest_create(w->f, 0, TW_MIB);
	backing_put(g->b);
	g->b = backing_get(w->b);
	return w;
}

void tw_destroy(struct traps_world *w)
{
	uint64_t live = w->live;

	for (size_t i = 0; i < FX_GUESTS; i++)
		fx_guest_destroy(w->f, &w->f->guest[i]);
	mm_put_segments(w->segs, w->n);
	direct_task_end(w->t);
	direct_mm_exit(w->mm);
	mmdrop(w->mm);
	munmap(w->mem, TW_SIZE);
	fx_destroy(w->f);
	free(w);
	assert_int_equal(host_alloc_live(), live);
}

bool tw_trap(struct traps_world *w)
{
	int fd = userfault_create();

	if (fd < 0)
		return false;
	assert_int_equal(mm_set_userfaultfd(w->mm, fd), 0);
	assert_true(mm_traps_active(w->mm));
	return true;
}

int tw_trap_state(struct traps_world *w, size_t n)
{
	struct mm_backing *entry = mm_backing_entry(w->mm, w->b);
	struct traps *t = atomic_load(&w->mm->traps);
	int state;

	pthread_mutex_lock(&t->lock);
	state = entry->trap[n];
	pthread_mutex_unlock(&t->lock);
	return state;
}

void tw_secret(uint8_t bytes[4096], size_t n)
{
	for (size_t i = 0; i < 4096; i++)
		bytes[i] = (uint8_t)((i * 7 + n) % 255 + 1);
}

uint16_t tw_import(struct traps_world *w, size_t n)
{
	return fx_import(w->f, &w->f->guest[0], n * PAGE_SIZE);
}

static uint8_t *secure_bytes(struct traps_world *w, size_t n)
{
	struct frame f;
	uint8_t *bytes;

	frame_of_backing(w->b, n, &f);
	bytes = frame_secure(&f);
	frame_put(&f);
	return bytes;
}

void tw_keep_secret(struct traps_world *w, size_t n)
{
	assert_int_equal(tw_import(w, n), UVC_RC_EXECUTED);
	tw_secret(secure_bytes(w, n), n);
}

bool tw_guest_has_secret(struct traps_world *w, size_t n)
{
	uint8_t secret[PAGE_SIZE];

	tw_secret(secret, n);
	return tw_is_secure(w, n) && memcmp(secure_bytes(w, n), secret, PAGE_SIZE) == 0;
}

bool tw_is_secure(struct traps_world *w, size_t n)
{
	return backing_frame_info(w->b, n).state == FRAME_SEC;
}

bool tw_is_zero(const uint8_t *bytes, size_t len)
{
	size_t zeros = 0;

	while (zeros < len && !bytes[zeros])
		zeros++;
	return zeros == len;
}

void tw_assert_ciphertext(struct traps_world *w, size_t n)
{
	uint8_t seen[PAGE_SIZE], secret[PAGE_SIZE];
	size_t equal = 0, zeros = 0;

	memcpy(seen, tw_page(w, n), PAGE_SIZE);
	tw_secret(secret, n);
	for (size_t i = 0; i < PAGE_SIZE; i++) {
		equal += seen[i] == secret[i];
		zeros += seen[i] == 0;
	}
	/* by chance 16 of 4096 bytes are */
	assert_in_range(equal, 0, 80);
	assert_in_range(zeros, 0, 80);
}
