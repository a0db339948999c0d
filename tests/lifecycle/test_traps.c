// SPDX-License-Identifier: GPL-2.0-or-later
/* A VMM in its own process touches the memory of its protected guest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/dump_format.h"
#include "crypto/seal.h"
#include "protvirt/kvm.h"
#include "protvirt/protvirt.h"
#include "tests/lifecycle/life_machine.h"

#define MEMORY (16UL << 20)
#define PAGE   4096UL
#define PAGES  16UL

/* Page @n of those that the guest stores to: eight bytes, its address, and zeros */
static uint8_t *stored_page(const struct life *l, size_t n)
{
	return l->memory + (1UL << 20) + n * PAGE;
}

static size_t count_zeros(const uint8_t *bytes)
{
	size_t zeros = 0;

	for (size_t i = 0; i < PAGE; i++)
		zeros += bytes[i] == 0;
	return zeros;
}

static void start_guest(struct life *l)
{
	assert_int_equal(life_create(l, MEMORY, 1), 0);
	assert_int_equal(life_load(l, &life_machine_image), 0);
	assert_int_equal(life_run(l, PAGES), 0);
}

static uint64_t secure_frames(void)
{
	struct transport_counts c;

	transport_counts(&c);
	return c.secure_frames;
}

/* With traps by the touch, else by the call */
static void vmm_gets_ciphertext(void **state)
{
	struct life l;
	uint64_t before;

	start_guest(&l);
	before = secure_frames();
	if (!protvirt_traps_active()) {
		assert_int_equal(count_zeros(stored_page(&l, 3)), PAGE);
		assert_int_equal(secure_frames(), before);
		assert_int_equal(protvirt_make_accessible(stored_page(&l, 3), PAGE), 0);
	}
	assert_in_range(count_zeros(stored_page(&l, 3)), 0, 80);
	assert_int_equal(secure_frames(), before - 1);
	life_close(&l);
}

static void guest_goes_on_with_what_the_vmm_saw(void **state)
{
	struct life l;

	start_guest(&l);
	for (int round = 0; round < 3; round++) {
		for (size_t n = 0; n < PAGES; n++) {
			if (!protvirt_traps_active())
				protvirt_make_accessible(stored_page(&l, n), PAGE);
			assert_in_range(count_zeros(stored_page(&l, n)), 0, 80);
		}
		assert_int_equal(life_run(&l, PAGES), 0);
	}
	life_close(&l);
}

static void untouched_memory_of_the_piece_is_usable(void **state)
{
	struct life l;

	start_guest(&l);
	assert_int_equal(count_zeros(stored_page(&l, PAGES + 1)), PAGE);
	stored_page(&l, PAGES + 2)[0] = 7;
	assert_int_equal(stored_page(&l, PAGES + 2)[0], 7);
	life_close(&l);
}

static void memory_is_ordinary_after_the_guest(void **state)
{
	struct life l;

	start_guest(&l);
	assert_int_equal(life_pv(&l, KVM_PV_ASYNC_CLEANUP_PREPARE, NULL), 0);
	for (size_t n = 0; n < PAGES; n++)
		assert_int_equal(count_zeros(stored_page(&l, n)), PAGE);
	/* The next guest's loader: what it writes is no business of PERFORM. */
	memset(stored_page(&l, 1), 0x5a, PAGE);
	assert_int_equal(life_pv(&l, KVM_PV_ASYNC_CLEANUP_PERFORM, NULL), 0);
	assert_int_equal(stored_page(&l, 1)[0], 0x5a);
	assert_int_equal(memcmp(stored_page(&l, 1), stored_page(&l, 1) + 1, PAGE - 1), 0);
	assert_int_equal(count_zeros(stored_page(&l, 2)), PAGE);
	assert_int_equal(life_load(&l, &life_machine_image), 0);
	assert_int_equal(life_run(&l, PAGES), 0);
	life_close(&l);
}

/* ---- a dump ---- */

#define DUMP_MIB (MEMORY >> 20)

/**
 * struct dump - what a VMM has of its guest
 * @memory: as it reads it
 */
struct dump {
	uint8_t memory[MEMORY];
	struct pv_dump_page states[MEMORY / PAGE];
	union {
		struct pv_dump_cpu cpu;
		uint8_t cpu_bytes[LIFE_DUMP_UNIT];
	};
	union {
		struct pv_dump_completion completion;
		uint8_t completion_bytes[LIFE_DUMP_UNIT];
	};
};

static struct dump *take_dump(struct life *l)
{
	struct dump *d = malloc(sizeof(*d));

	assert_non_null(d);
	assert_int_equal(life_dump_init(l), 0);
	assert_int_equal(life_dump_cpu(l, 0, d->cpu_bytes), 0);
	if (!protvirt_traps_active())
		assert_int_equal(protvirt_make_accessible(l->memory, MEMORY), 0);
	memcpy(d->memory, l->memory, MEMORY);
	assert_int_equal(life_dump_states(l, (uint8_t *)d->states, DUMP_MIB), 0);
	assert_int_equal(life_dump_complete(l, d->completion_bytes), 0);
	return d;
}

/* With nothing but the communication key. Return: cipher for pages; the nonce is in @d then */
static struct seal_page *open_dump(struct dump *d)
{
	struct pv_dump_completion *c = &d->completion;
	struct pv_dump_cpu *cpu = &d->cpu;
	struct seal_page *pages;
	uint8_t key[SE_KEY_LEN];

	assert_int_equal(seal_dump_key(life_machine_image.cck, c->seed, key), 0);
	assert_int_equal(seal_gcm_decrypt(key, c->iv, c, offsetof(struct pv_dump_completion, nonce),
					  c->nonce, 176, c->nonce, c->tag),
			 0);
	assert_int_equal(seal_gcm_decrypt(key, cpu->iv, cpu, offsetof(struct pv_dump_cpu, gprs),
					  cpu->gprs, 1520, cpu->gprs, cpu->tag),
			 0);
	pages = seal_page_new(c->xts);
	assert_non_null(pages);
	return pages;
}

/* As the guest had it. Return: whether it was encrypted */
static bool open_page(struct dump *d, struct seal_page *pages, size_t n)
{
	uint8_t *page = d->memory + n * PAGE, tweak[SE_TWEAK_LEN];

	if (be32_get(d->states[n].special) == PV_DUMP_SPECIAL) {
		assert_int_equal(d->states[n].flags, PV_DUMP_ZERO);
		memset(page, 0, PAGE);
		return false;
	}
	assert_in_range(count_zeros(page), 0, 80);
	memcpy(tweak, &d->states[n], sizeof(tweak));
	for (size_t i = 0; i < sizeof(tweak); i++)
		tweak[i] |= d->completion.nonce[i];
	seal_page_decrypt(pages, tweak, page, page);
	return true;
}

static void dump_yields_the_guest(void **state)
{
	struct seal_page *pages;
	struct dump *d;
	struct life l;

	start_guest(&l);
	d = take_dump(&l);
	pages = open_dump(d);
	for (size_t n = 0; n < MEMORY / PAGE; n++) {
		size_t first = (1UL << 20) / PAGE;
		bool stored = n >= first && n < first + PAGES;
		bool encrypted = open_page(d, pages, n);
		be64_t word;

		if (!stored)
			continue;
		assert_true(encrypted);
		memcpy(&word, d->memory + n * PAGE, sizeof(word));
		assert_int_equal(be64_get(word), n * PAGE);
		assert_in_range(count_zeros(d->memory + n * PAGE), PAGE - 8, PAGE);
	}
	assert_int_equal(be64_get(d->cpu.gprs[1]), 0x11);
	assert_int_equal(be64_get(d->cpu.gprs[4]), (1UL << 20) + PAGES * PAGE);
	/* and it goes on */
	assert_int_equal(life_run(&l, PAGES), 0);
	seal_page_free(pages);
	free(d);
	life_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vmm_gets_ciphertext),
		cmocka_unit_test(guest_goes_on_with_what_the_vmm_saw),
		cmocka_unit_test(untouched_memory_of_the_piece_is_usable),
		cmocka_unit_test(memory_is_ordinary_after_the_guest),
		cmocka_unit_test(dump_yields_the_guest),
	};

	return cmocka_run_group_tests(tests, life_machine_setup, life_machine_teardown);
}
