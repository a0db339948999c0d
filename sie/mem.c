/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guest storage: translation cache and the accesses that miss it. */
#include "sie/mem.h"

#include <string.h>

#define CR0_LOW_ADDRESS_PROTECTION 0x10000000UL

RACY void raw_copy(uint8_t *to, const uint8_t *from, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		((volatile struct unaligned64 *)(to + i))->v =
			((const volatile struct unaligned64 *)(from + i))->v;
	for (; i < n; i++)
		*(volatile uint8_t *)(to + i) = *(const volatile uint8_t *)(from + i);
}

RACY bool raw_equal(const uint8_t *a, const uint8_t *b, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		if (((const volatile struct unaligned64 *)(a + i))->v !=
		    ((const volatile struct unaligned64 *)(b + i))->v)
			return false;
	for (; i < n; i++)
		if (raw_load1(a + i) != raw_load1(b + i))
			return false;
	return true;
}

static void tlb_invalidate(struct tlb_entry *e)
{
	e->fetch = TLB_NONE;
	e->store = TLB_NONE;
	e->code = NULL;
	e->storable = false;
}

void tlb_drop_all(struct sie_cpu *cpu)
{
	for (unsigned int i = 0; i < TLB_ENTRIES; i++)
		tlb_invalidate(&cpu->tlb[i]);
	code_forget_addresses(cpu);
	cpu->drops++;
}

void tlb_code_appeared(struct sie_cpu *cpu, struct code_page *code)
{
	for (unsigned int i = 0; i < TLB_ENTRIES; i++) {
		struct tlb_entry *e = &cpu->tlb[i];

		if (e->fetch != TLB_NONE && e->gpa == code->gpa) {
			e->code = code;
			e->store = TLB_NONE;
		}
	}
}

void tlb_code_gone(struct sie_cpu *cpu)
{
	for (unsigned int i = 0; i < TLB_ENTRIES; i++)
		cpu->tlb[i].code = NULL;
}

/* An access exception of the guest: nothing has been done, the instruction is nullified or
 * suppressed as the code says. */
static enum exec access_exception(struct sie_cpu *cpu, uint16_t code, uint64_t address,
				  enum space space, uint64_t flags)
{
	static const uint8_t space_id[] = {0, 0, 2, 3, 0};

	cpu->pgm = (struct pgm){
		.code = code,
		.nullify = code == PGM_SEGMENT || code == PGM_PAGE ||
			   (code >= PGM_ASCE_TYPE && code <= PGM_REGION_THIRD),
		.teid_valid = code != PGM_ADDRESSING && code != PGM_TRANSLATION,
		.teid = (address & PAGE_MASK) | flags | space_id[space],
	};
	return EXEC_PGM;
}

static bool low_address_protected(const struct sie_cpu *cpu, uint64_t address, enum space space)
{
	/* real 0-1ff and 1000-11ff; the second page differs in one bit only */
	return space != SPACE_ABSOLUTE && (cpu->state->crs[0] & CR0_LOW_ADDRESS_PROTECTION) &&
	       (address & ~0x11ffUL) == 0;
}

static bool low_address_page(const struct sie_cpu *cpu, uint64_t address, enum space space)
{
	return low_address_protected(cpu, address & PAGE_MASK, space);
}

#define ASCE_REAL_SPACE 0x20UL

static enum exec logical_to_absolute(struct sie_cpu *cpu, uint64_t page, enum space space,
				     gpa_t *gpa, bool *writable)
{
	static const uint8_t asce_cr[] = {
		[SPACE_PRIMARY] = 1, [SPACE_SECONDARY] = 7, [SPACE_HOME] = 13};
	uint64_t real = page;

	*writable = true;
	*gpa = page;
	if (space == SPACE_ABSOLUTE)
		return EXEC_NEXT;
	if (space != SPACE_REAL) {
		uint64_t asce = cpu->state->crs[asce_cr[space]];
		enum exec st = EXEC_NEXT;

		if (!(asce & ASCE_REAL_SPACE))
			st = dat_translate(cpu, asce, page, &real, writable);
		if (st == EXEC_PGM)
			return access_exception(cpu, cpu->pgm.code, page, space, 0);
		TRY(st);
	}
	*gpa = real_to_absolute(cpu, real);
	return EXEC_NEXT;
}

/* Asks who owns the mapping and the frame. Counts as outside meanwhile. */
static enum exec find_frame(struct sie_cpu *cpu, gpa_t gpa, enum access access, uint8_t **bytes)
{
	enum uv_access answer = UV_ACCESS_OK;
	abs_t frame;
	int rc;

	/* Only for a protected guest the end of storage is known here; else the host tells */
	if (is_protected(cpu) && !uv_config_has_gpa(cpu->config, gpa))
		return access_exception(cpu, PGM_ADDRESSING, gpa, SPACE_ABSOLUTE, 0);
	engine_leave(cpu);
	rc = cpu->vm->env->translate(cpu->vm->owner, cpu->asce, gpa, &frame);
	if (!rc)
		answer = uv_frame_access(cpu->vm->uv, cpu->config, frame, gpa, bytes);
	engine_enter(cpu);
	if (!rc && answer == UV_ACCESS_OK)
		return EXEC_NEXT;
	cpu->fault = (struct sie_fault){
		.gpa = gpa,
		.code = rc ? 0 : (uint16_t)answer,
		.write = access == ACCESS_STORE,
	};
	return EXEC_FAULT;
}

enum exec tlb_fill(struct sie_cpu *cpu, uint64_t address, enum space space, enum access access,
		   struct tlb_entry **entry)
{
	struct tlb_entry *e = tlb_slot(cpu, address);
	uint64_t page = address & PAGE_MASK;
	uint8_t *host = NULL;
	uint64_t drops;
	bool writable;
	gpa_t gpa;

	/* A purge while outside has made the answer worthless: ask again. */
	do {
		drops = cpu->drops;
		TRY(logical_to_absolute(cpu, page, space, &gpa, &writable));
		TRY(find_frame(cpu, gpa, access, &host));
	} while (drops != cpu->drops);

	e->fetch = page | space;
	e->host = host;
	e->gpa = gpa;
	e->storable = writable;
	e->code = code_find(cpu, gpa);
	e->store = writable && !e->code && !low_address_page(cpu, page, space) ? page | space
									       : TLB_NONE;
	*entry = e;
	return EXEC_NEXT;
}

#define TEID_DAT_PROTECTION 0x4UL

/* The entry that allows @access; protection is decided here. */
static enum exec resolve(struct sie_cpu *cpu, uint64_t address, enum space space,
			 enum access access, struct tlb_entry **entry)
{
	struct tlb_entry *e = tlb_slot(cpu, address);

	if (access == ACCESS_STORE && low_address_protected(cpu, address, space))
		return access_exception(cpu, PGM_PROTECTION, address, space, 0);
	if (e->fetch != ((address & PAGE_MASK) | space))
		TRY(tlb_fill(cpu, address, space, access, &e));
	if (access == ACCESS_STORE && !e->storable)
		return access_exception(cpu, PGM_PROTECTION, address, space, TEID_DAT_PROTECTION);
	*entry = e;
	return EXEC_NEXT;
}

static uint64_t space_mask(const struct sie_cpu *cpu, enum space space)
{
	return space == SPACE_ABSOLUTE ? UINT64_MAX : cpu->amask;
}

/* One operand of at most a page; both its pages become known together. */
static enum exec span_resolve(struct sie_cpu *cpu, enum space space, uint64_t address,
			      unsigned int len, enum access access, struct span *s)
{
	unsigned int room = (unsigned int)(PAGE_SIZE - (address & ~PAGE_MASK));
	struct tlb_entry *e;
	uint64_t drops;

	s->len = len;
	s->first = len < room ? len : room;
	do {
		drops = cpu->drops;
		TRY(resolve(cpu, address, space, access, &e));
		s->part[0] = e->host + (address & ~PAGE_MASK);
		if (access == ACCESS_STORE && e->code)
			code_stored(e->code, (uint32_t)(address & ~PAGE_MASK), s->first);
		if (len <= room)
			return EXEC_NEXT;
		TRY(resolve(cpu, (address + room) & space_mask(cpu, space), space, access, &e));
		s->part[1] = e->host;
		if (access == ACCESS_STORE && e->code)
			code_stored(e->code, 0, len - room);
	} while (drops != cpu->drops);
	return EXEC_NEXT;
}

enum exec span_fetch(struct sie_cpu *cpu, uint64_t address, unsigned int len, struct span *s)
{
	return span_resolve(cpu, cpu->space, address, len, ACCESS_FETCH, s);
}

enum exec span_store(struct sie_cpu *cpu, uint64_t address, unsigned int len, struct span *s)
{
	return span_resolve(cpu, cpu->space, address, len, ACCESS_STORE, s);
}

enum exec span_both(struct sie_cpu *cpu, uint64_t store, unsigned int store_len, struct span *to,
		    uint64_t fetch, unsigned int fetch_len, struct span *from)
{
	uint64_t drops;

	do {
		drops = cpu->drops;
		TRY(span_fetch(cpu, fetch, fetch_len, from));
		TRY(span_store(cpu, store, store_len, to));
	} while (drops != cpu->drops);
	return EXEC_NEXT;
}

enum exec span_two_fetch(struct sie_cpu *cpu, uint64_t a, unsigned int a_len, struct span *sa,
			 uint64_t b, unsigned int b_len, struct span *sb)
{
	uint64_t drops;

	do {
		drops = cpu->drops;
		TRY(span_fetch(cpu, a, a_len, sa));
		TRY(span_fetch(cpu, b, b_len, sb));
	} while (drops != cpu->drops);
	return EXEC_NEXT;
}

enum exec read_space(struct sie_cpu *cpu, enum space space, uint64_t address, void *buf,
		     unsigned int len)
{
	struct span s;

	TRY(span_resolve(cpu, space, address, len, ACCESS_FETCH, &s));
	raw_copy(buf, s.part[0], s.first);
	if (s.first < len)
		raw_copy((uint8_t *)buf + s.first, s.part[1], len - s.first);
	return EXEC_NEXT;
}

enum exec write_space(struct sie_cpu *cpu, enum space space, uint64_t address, const void *buf,
		      unsigned int len)
{
	struct span s;

	TRY(span_resolve(cpu, space, address, len, ACCESS_STORE, &s));
	raw_copy(s.part[0], buf, s.first);
	if (s.first < len)
		raw_copy(s.part[1], (const uint8_t *)buf + s.first, len - s.first);
	return EXEC_NEXT;
}

enum exec read_bytes(struct sie_cpu *cpu, uint64_t address, void *buf, unsigned int len)
{
	return read_space(cpu, cpu->space, address, buf, len);
}

enum exec write_bytes(struct sie_cpu *cpu, uint64_t address, const void *buf, unsigned int len)
{
	return write_space(cpu, cpu->space, address, buf, len);
}

enum exec test_store(struct sie_cpu *cpu, uint64_t address, unsigned int len)
{
	struct span s;

	return span_resolve(cpu, cpu->space, address, len, ACCESS_STORE, &s);
}

enum exec test_fetch(struct sie_cpu *cpu, uint64_t address, unsigned int len)
{
	struct span s;

	return span_resolve(cpu, cpu->space, address, len, ACCESS_FETCH, &s);
}

/* A value in one page is moved by one access even if the fast way was closed. */
#define DEFINE_SLOW(bytes, bits)                                                                   \
	enum exec read##bytes##_slow(struct sie_cpu *cpu, uint64_t address, uint##bits##_t *value) \
	{                                                                                          \
		uint8_t buf[8];                                                                    \
		struct span s;                                                                     \
                                                                                                   \
		TRY(span_fetch(cpu, address, bytes, &s));                                          \
		if (s.first == bytes) {                                                            \
			*value = raw_load##bytes(s.part[0]);                                       \
			return EXEC_NEXT;                                                          \
		}                                                                                  \
		for (unsigned int i = 0; i < bytes; i++)                                           \
			buf[i] = raw_load1(span_at(&s, i));                                        \
		*value = raw_load##bytes(buf);                                                     \
		return EXEC_NEXT;                                                                  \
	}                                                                                          \
	enum exec write##bytes##_slow(struct sie_cpu *cpu, uint64_t address, uint##bits##_t value) \
	{                                                                                          \
		uint8_t buf[8];                                                                    \
		struct span s;                                                                     \
                                                                                                   \
		TRY(span_store(cpu, address, bytes, &s));                                          \
		if (s.first == bytes) {                                                            \
			raw_store##bytes(s.part[0], value);                                        \
			return EXEC_NEXT;                                                          \
		}                                                                                  \
		raw_store##bytes(buf, value);                                                      \
		for (unsigned int i = 0; i < bytes; i++)                                           \
			raw_store1(span_at(&s, i), buf[i]);                                        \
		return EXEC_NEXT;                                                                  \
	}

DEFINE_SLOW(1, 8)
DEFINE_SLOW(2, 16)
DEFINE_SLOW(4, 32)
DEFINE_SLOW(8, 64)

enum exec update_pointer(struct sie_cpu *cpu, uint64_t address, unsigned int len, uint8_t **p)
{
	struct span s;

	*p = store_pointer(cpu, address, len);
	if (likely(*p))
		return EXEC_NEXT;
	TRY(span_store(cpu, address, len, &s));
	*p = s.part[0];
	return EXEC_NEXT;
}

enum exec absolute_store_page(struct sie_cpu *cpu, gpa_t gpa, uint8_t **page)
{
	struct span s;

	TRY(span_resolve(cpu, SPACE_ABSOLUTE, gpa & PAGE_MASK, PAGE_SIZE, ACCESS_STORE, &s));
	*page = s.part[0];
	return EXEC_NEXT;
}
