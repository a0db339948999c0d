/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A VMM whose memory belongs to a protected guest, with or without traps. */
#ifndef TESTS_UNIT_HOST_TRAPS_WORLD_H
#define TESTS_UNIT_HOST_TRAPS_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "host/mm.h"
#include "tests/unit/uv/fixture.h"

#define TW_MIB  6UL
#define TW_SIZE (TW_MIB << 20)

/**
 * struct traps_world - guest 0 of the fixture has the memory of a VMM
 * @live: heap objects before
 * @mem: guest memory in the VMM; page n is page n of the guest
 * @b: its backing
 */
struct traps_world {
	uint64_t live;
	struct fixture *f;
	struct mm *mm;
	struct task *t;
	uint8_t *mem;
	struct backing *b;
	struct mm_segment *segs;
	size_t n;
};

/** tw_create() - the calling thread is the VMM; no traps yet */
struct traps_world *tw_create(void);

/** tw_destroy() - the guest ends, then the VMM; nothing may be left */
void tw_destroy(struct traps_world *w);

/** tw_trap() - pass a userfaultfd to the machine. Return: false: this kernel refuses one */
bool tw_trap(struct traps_world *w);

/** tw_trap_state() - enum trap_state of piece @n, once no change is under way */
int tw_trap_state(struct traps_world *w, size_t n);

/** tw_share() - make the memory at @mem a slot again, after it was changed */
void tw_share(struct traps_world *w);

/** tw_page() - page @n as the VMM sees it */
static inline uint8_t *tw_page(const struct traps_world *w, size_t n)
{
	return w->mem + n * 4096;
}

/** tw_secret() - what the guest keeps in page @n; no byte of it is zero */
void tw_secret(uint8_t bytes[4096], size_t n);

/** tw_import() - the guest touches page @n. Return: rc of the import */
uint16_t tw_import(struct traps_world *w, size_t n);

/** tw_keep_secret() - page @n becomes secure and the guest stores its secret there */
void tw_keep_secret(struct traps_world *w, size_t n);

/** tw_guest_has_secret() - is it there, in secure storage? */
bool tw_guest_has_secret(struct traps_world *w, size_t n);

/** tw_is_secure() - is page @n secure now? Looks from outside, nothing is touched */
bool tw_is_secure(struct traps_world *w, size_t n);

/** tw_is_zero() - are all @len bytes zero? */
bool tw_is_zero(const uint8_t *bytes, size_t len);

/** tw_assert_ciphertext() - what the VMM sees in page @n is neither secret nor zeros */
void tw_assert_ciphertext(struct traps_world *w, size_t n);

#endif
