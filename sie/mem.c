/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guest storage: translation cache and the accesses that miss it. */
#include "sie/mem.h"

#include <errno.h>
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

/* Two doublewords: a vector where the host has them */
typedef uint64_t pair __attribute__((vector_size(16)));
struct unaligned_pair {
	pair v;
} __attribute__((packed, may_alias));

RACY void raw_copy_forward(uint8_t *to, const uint8_t *from, size_t n)
{
	size_t i = 0;

	for (; i + 32 <= n; i += 32) {
		pair low = ((const volatile struct unaligned_pair *)(from + i))->v;
		pair high = ((const volatile struct unaligned_pair *)(from + i + 16))->v;

		((volatile struct unaligned_pair *)(to + i))->v = low;
		((volatile struct unaligned_pair *)(to + i + 16))->v = high;
	}
	raw_copy(to + i, from + i, n - i);
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
}

void tlb_drop_all(struct sie_cpu *cpu)
{
	for (unsigned int i = 0; i < TLB_ENTRIES; i++)
		tlb_invalidate(&cpu->tlb[i]);
	code_forget_addresses(cpu);
	cpu->ar_cached = false;
	cpu->drops++;
}

void tlb_code_appeared(struct sie_cpu *cpu, struct code_page *code)
{
	for (unsigned int i = 0; i < TLB_ENTRIES; i++) {
		struct tlb_entry *e = &cpu->tlb[i];

		if (e->fetch != TLB_NONE && tlb_gpa(e) == code->gpa) {
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

/* ---- access exceptions ---- */

/* Parts of the translation-exception identification */
#define TEID_FETCH       0x800UL
#define TEID_STORE       0x400UL
#define TEID_LOW_ADDRESS 0x80UL
#define TEID_KEY         0x8UL
#define TEID_DAT         0x4UL
#define TEID_ACCESS_LIST 0xcUL
#define TEID_ADDRESS     0x4UL /* secure-storage access: the address is that of the access */
#define TEID_EXECUTION   0x84UL
#define TEID_SPACE_AR    1U

static unsigned int teid_space(enum space space)
{
	static const uint8_t id[] = {0, 0, 2, 3, 0};

	return space > SPACE_AR ? TEID_SPACE_AR : id[space];
}

/* An access exception of the guest: nothing has been done, the instruction is nullified or
 * suppressed as the code says. */
static enum exec access_exception(struct sie_cpu *cpu, uint16_t code, uint64_t address,
				  enum space space, enum access access, uint64_t flags)
{
	uint64_t direction = access == ACCESS_STORE ? TEID_STORE : TEID_FETCH;

	cpu->pgm = (struct pgm){
		.code = code,
		.nullify = code == PGM_SEGMENT || code == PGM_PAGE ||
			   (code >= PGM_ASCE_TYPE && code <= PGM_REGION_THIRD) ||
			   (code >= UV_ACCESS_SECURE && code <= UV_ACCESS_VIOLATION),
		.teid_valid = code != PGM_ADDRESSING && code != PGM_TRANSLATION,
		.teid = (address & PAGE_MASK) | direction | flags | teid_space(space),
		.access_id = space > SPACE_AR ? (uint8_t)(space - SPACE_AR) : 0,
	};
	return EXEC_PGM;
}

int read_real(void *arg, uint64_t real, void *buf, unsigned int len)
{
	struct sie_cpu *cpu = arg;

	return (int)read_space(cpu, SPACE_ABSOLUTE, real_to_absolute(cpu, real), buf, len);
}

static enum exec ar_translate(struct sie_cpu *cpu, unsigned int ar, uint64_t *asce,
			      bool *fetch_only)
{
	const uint64_t *crs = cpu->state->crs;
	struct art a = {
		.cr = {[1] = crs[1], [2] = crs[2], [5] = crs[5], [7] = crs[7], [8] = crs[8]},
		.storage = {.read = read_real, .arg = cpu},
	};
	int rc = art_walk(&a, cpu->state->acrs[ar]);

	*asce = a.asce;
	*fetch_only = a.fetch_only;
	if (rc <= 0)
		return rc ? (enum exec)a.storage.failure : EXEC_NEXT;
	cpu->pgm = (struct pgm){
		.code = (uint16_t)rc,
		.nullify = rc != PGM_ALET,
		.access_id = (uint8_t)ar,
	};
	return EXEC_PGM;
}

enum exec space_asce(struct sie_cpu *cpu, enum space space, uint64_t *asce, bool *fetch_only)
{
	static const uint8_t cr[] = {[SPACE_PRIMARY] = 1, [SPACE_SECONDARY] = 7, [SPACE_HOME] = 13};

	*fetch_only = false;
	if (space > SPACE_AR)
		return ar_translate(cpu, space - SPACE_AR, asce, fetch_only);
	*asce = cpu->state->crs[cr[space]];
	return EXEC_NEXT;
}

static bool has_asce(enum space space)
{
	return space != SPACE_REAL && space != SPACE_ABSOLUTE;
}

/* Is @address in a private space? Then neither protection of low addresses nor its override. */
static enum exec private_space(struct sie_cpu *cpu, enum space space, bool *private)
{
	bool fetch_only;
	uint64_t asce;

	*private = false;
	if (!has_asce(space))
		return EXEC_NEXT;
	TRY(space_asce(cpu, space, &asce, &fetch_only));
	*private = asce & ASCE_PRIVATE;
	return EXEC_NEXT;
}

/* real 0-1ff and 1000-11ff; the second page differs in one bit only */
enum exec check_low_address(struct sie_cpu *cpu, uint64_t address, enum space space)
{
	bool private;

	if (likely(address & ~0x11ffUL) || space == SPACE_ABSOLUTE ||
	    !(cpu->state->crs[0] & CR0_LOW_ADDRESS_PROTECTION))
		return EXEC_NEXT;
	TRY(private_space(cpu, space, &private));
	if (private)
		return EXEC_NEXT;
	return access_exception(cpu, PGM_PROTECTION, address, space, ACCESS_STORE,
				TEID_LOW_ADDRESS);
}

/* Its pages are never open for the fast way to store: the offset counts, too. */
static bool low_address_page(const struct sie_cpu *cpu, uint64_t page, enum space space)
{
	return space != SPACE_ABSOLUTE && (cpu->state->crs[0] & CR0_LOW_ADDRESS_PROTECTION) &&
	       !(page & ~PAGE_SIZE);
}

enum exec fetch_protected(struct sie_cpu *cpu, uint64_t address)
{
	return access_exception(cpu, PGM_PROTECTION, address, tag_space(cpu->ispace),
				ACCESS_EXECUTE, TEID_KEY);
}

enum exec execution_refused(struct sie_cpu *cpu, uint64_t address)
{
	return access_exception(cpu, PGM_PROTECTION, address, tag_space(cpu->ispace),
				ACCESS_EXECUTE, TEID_EXECUTION);
}

/* ---- translation ---- */

enum exec logical_to_absolute(struct sie_cpu *cpu, uint64_t page, enum space space,
			      enum access access, struct place *place)
{
	struct translation t = {.real = page, .writable = true};
	bool fetch_only = false;

	*place = (struct place){.gpa = page, .acc = -1};
	if (space == SPACE_ABSOLUTE)
		return EXEC_NEXT;
	if (space != SPACE_REAL) {
		enum exec st = EXEC_NEXT;
		uint64_t asce;

		TRY(space_asce(cpu, space, &asce, &fetch_only));
		if (!(asce & ASCE_REAL_SPACE))
			st = dat_translate(cpu, asce, page, &t);
		if (st == EXEC_PGM)
			return access_exception(cpu, cpu->pgm.code, page, space, access, 0);
		TRY(st);
	}
	if (fetch_only)
		place->refusal = TEID_ACCESS_LIST;
	else if (!t.writable)
		place->refusal = TEID_DAT;
	if (t.has_acc)
		place->acc = t.acc;
	place->no_execute = t.no_execute;
	place->gpa = real_to_absolute(cpu, t.real);
	return EXEC_NEXT;
}

/* What the host knows of a page: its bytes, and TLB_HOST_PROTECTED or 0 */
struct host_page {
	uint8_t *bytes;
	uint64_t protection;
};

/* Asks who owns the mapping and the frame. Counts as outside meanwhile. */
static enum exec find_frame(struct sie_cpu *cpu, gpa_t gpa, enum access access,
			    struct host_page *page)
{
	enum uv_access answer = UV_ACCESS_OK;
	abs_t frame = 0;
	bool refused;
	int rc;

	/* Only for a protected guest the end of storage is known here; else the host tells */
	if (is_protected(cpu) && !uv_config_has_gpa(cpu->config, gpa))
		return access_exception(cpu, PGM_ADDRESSING, gpa, SPACE_ABSOLUTE, access, 0);
	engine_leave(cpu);
	rc = cpu->vm->env->translate(cpu->vm->owner, cpu->asce, gpa, &frame);
	if (!rc)
		answer = uv_frame_access(cpu->vm->uv, cpu->config, frame & PAGE_MASK, gpa,
					 &page->bytes);
	engine_enter(cpu);
	if (rc == -EFAULT)
		return access_exception(cpu, PGM_ADDRESSING, gpa, SPACE_ABSOLUTE, access, 0);
	page->protection = frame & SIE_FRAME_PROTECTED ? TLB_HOST_PROTECTED : 0;
	refused = page->protection && access == ACCESS_STORE;
	if (!rc && answer == UV_ACCESS_OK && !refused)
		return EXEC_NEXT;
	cpu->fault = (struct sie_fault){
		.gpa = gpa,
		.code = rc                       ? 0
			: answer != UV_ACCESS_OK ? (uint16_t)answer
						 : SIE_FAULT_PROTECTED,
		.write = access == ACCESS_STORE,
	};
	return EXEC_FAULT;
}

/*
 * What an Ultravisor of the guest's own has against it is an interruption of the guest. Accesses
 * of the machine, to tables and to the prefix area, are told like a page that is missing.
 */
static enum exec find_operand(struct sie_cpu *cpu, gpa_t gpa, uint64_t address, enum space space,
			      enum access access, struct host_page *page)
{
	enum exec st = find_frame(cpu, gpa, access, page);

	if (likely(st == EXEC_NEXT) || !cpu->vm->env->own_ultravisor || st != EXEC_FAULT ||
	    !cpu->fault.code || space == SPACE_ABSOLUTE || is_protected(cpu))
		return st;
	return access_exception(cpu, cpu->fault.code, address, space, access, TEID_ADDRESS);
}

#define CR0_FETCH_PROTECTION_OVERRIDE 0x02000000UL

/* Effective 0 to 7ff are open for fetching whatever the key, if CR0 says so */
enum exec fetch_override(struct sie_cpu *cpu, uint64_t address, unsigned int len, enum space space,
			 bool *override)
{
	bool private;

	*override = false;
	if (likely(address >= OVERRIDE_END) || address + len > OVERRIDE_END ||
	    !(cpu->state->crs[0] & CR0_FETCH_PROTECTION_OVERRIDE))
		return EXEC_NEXT;
	TRY(private_space(cpu, space, &private));
	*override = !private;
	return EXEC_NEXT;
}

/*
 * The storage key decides last; @acc of a large frame's table entry counts instead if it is not
 * -1. An access that an override lets pass leaves no translation. No keys kept: as if zero.
 */
static enum exec check_key(struct sie_cpu *cpu, uint64_t address, unsigned int len, tag_t tag,
			   enum access access, int acc, struct tlb_entry *e)
{
	uint8_t stored = e->key ? atomic_load_explicit(e->key, memory_order_relaxed)
				: KEY_REFERENCE | KEY_CHANGE;
	uint8_t key = acc < 0 ? stored : (uint8_t)acc;
	enum space space = tag_space(tag);
	bool override = false;

	if (!key_permits(cpu, key, tag_key(tag), ACCESS_FETCH, false)) {
		e->fetch = TLB_NONE;
		TRY(fetch_override(cpu, address, len, space, &override));
	}
	if (!key_permits(cpu, key, tag_key(tag), ACCESS_STORE, false) && !(e->frame & TLB_REFUSAL))
		e->frame |= TEID_KEY;
	if (!key_permits(cpu, key, tag_key(tag), access, override))
		return access_exception(cpu, PGM_PROTECTION, address, space, access, TEID_KEY);
	/* Table walks and key instructions are no references */
	if (!(stored & KEY_REFERENCE) && space != SPACE_ABSOLUTE)
		atomic_fetch_or(e->key, KEY_REFERENCE);
	if (stored & KEY_CHANGE)
		e->frame |= TLB_CHANGED;
	return EXEC_NEXT;
}

enum exec logical_translate(struct sie_cpu *cpu, uint64_t address, tag_t tag, enum access access,
			    struct place *place)
{
	struct host_page host;
	uint64_t drops;

	do {
		drops = cpu->drops;
		TRY(logical_to_absolute(cpu, address & PAGE_MASK, tag_space(tag), access, place));
		TRY(find_operand(cpu, place->gpa, address, tag_space(tag), ACCESS_FETCH, &host));
	} while (drops != cpu->drops);
	return EXEC_NEXT;
}

static enum exec fill(struct sie_cpu *cpu, uint64_t address, unsigned int len, tag_t tag,
		      enum access access, struct tlb_entry **entry)
{
	struct tlb_entry *e = tlb_slot(cpu, address);
	uint64_t page = address & PAGE_MASK;
	enum space space = tag_space(tag);
	struct host_page host = {0};
	struct place place;
	uint64_t drops;

	/* A purge while outside has made the answer worthless: ask again. */
	do {
		drops = cpu->drops;
		TRY(logical_to_absolute(cpu, page, space, access, &place));
		if (access == ACCESS_STORE && place.refusal)
			return access_exception(cpu, PGM_PROTECTION, address, space, access,
						place.refusal);
		if (access == ACCESS_EXECUTE && place.no_execute)
			return execution_refused(cpu, address);
		TRY(find_operand(cpu, place.gpa, address, space, access, &host));
	} while (drops != cpu->drops);

	*entry = e;
	e->fetch = page | tag;
	e->store = TLB_NONE;
	e->host = host.bytes;
	e->frame = place.gpa | place.refusal | host.protection |
		   (place.no_execute ? TLB_NO_EXECUTE : 0);
	e->code = code_find(cpu, place.gpa);
	e->key = key_of_page(cpu, place.gpa);
	if (space > SPACE_AR)
		cpu->ar_cached = true;
	return check_key(cpu, address, len, tag, access, place.acc, e);
}

enum exec tlb_fill(struct sie_cpu *cpu, uint64_t address, tag_t tag, enum access access,
		   struct tlb_entry **entry)
{
	return fill(cpu, address, 2, tag, access, entry);
}

/* The first store through a translation sets the change bit; the others take the fast way */
static void store_allowed(struct sie_cpu *cpu, struct tlb_entry *e, uint64_t address, tag_t tag)
{
	uint64_t page = address & PAGE_MASK;

	if (!(e->frame & TLB_CHANGED)) {
		atomic_fetch_or(e->key, KEY_REFERENCE | KEY_CHANGE);
		e->frame |= TLB_CHANGED;
	}
	if (!e->code && e->fetch != TLB_NONE && !low_address_page(cpu, page, tag_space(tag)))
		e->store = page | tag;
}

static enum exec store_refused(struct sie_cpu *cpu, const struct tlb_entry *e, uint64_t address,
			       tag_t tag)
{
	if (e->frame & TLB_REFUSAL)
		return access_exception(cpu, PGM_PROTECTION, address, tag_space(tag), ACCESS_STORE,
					e->frame & TLB_REFUSAL);
	cpu->fault = (struct sie_fault){
		.gpa = tlb_gpa(e),
		.code = SIE_FAULT_PROTECTED,
		.write = true,
	};
	return EXEC_FAULT;
}

/* The entry that allows @access; protection is decided here. */
static enum exec resolve(struct sie_cpu *cpu, uint64_t address, unsigned int len, tag_t tag,
			 enum access access, struct tlb_entry **entry)
{
	struct tlb_entry *e = tlb_slot(cpu, address);

	if (access == ACCESS_STORE)
		TRY(check_low_address(cpu, address, tag_space(tag)));
	if (e->fetch != ((address & PAGE_MASK) | tag))
		TRY(fill(cpu, address, len, tag, access, &e));
	if (access == ACCESS_STORE) {
		if (e->frame & (TLB_REFUSAL | TLB_HOST_PROTECTED))
			return store_refused(cpu, e, address, tag);
		store_allowed(cpu, e, address, tag);
	}
	if (access == ACCESS_EXECUTE && (e->frame & TLB_NO_EXECUTE))
		return execution_refused(cpu, address);
	*entry = e;
	return EXEC_NEXT;
}

static uint64_t space_mask(const struct sie_cpu *cpu, tag_t tag)
{
	return tag_space(tag) == SPACE_ABSOLUTE ? UINT64_MAX : cpu->amask;
}

/* One operand of at most a page; both its pages become known together. */
static enum exec span_resolve(struct sie_cpu *cpu, tag_t space, uint64_t address, unsigned int len,
			      enum access access, struct span *s)
{
	unsigned int room = (unsigned int)(PAGE_SIZE - (address & ~PAGE_MASK));
	struct tlb_entry *e;
	uint64_t drops;

	s->len = len;
	s->first = len < room ? len : room;
	do {
		drops = cpu->drops;
		TRY(resolve(cpu, address, s->first, space, access, &e));
		s->part[0] = e->host + (address & ~PAGE_MASK);
		if (access == ACCESS_STORE && e->code)
			code_stored(e->code, (uint32_t)(address & ~PAGE_MASK), s->first);
		if (len <= room)
			return EXEC_NEXT;
		TRY(resolve(cpu, (address + room) & space_mask(cpu, space), len - room, space,
			    access, &e));
		s->part[1] = e->host;
		if (access == ACCESS_STORE && e->code)
			code_stored(e->code, 0, len - room);
	} while (drops != cpu->drops);
	return EXEC_NEXT;
}

enum exec span_space(struct sie_cpu *cpu, tag_t space, uint64_t address, unsigned int len,
		     enum access access, struct span *s)
{
	return span_resolve(cpu, space, address, len, access, s);
}

enum exec span_fetch(struct sie_cpu *cpu, uint64_t address, unsigned int len, struct span *s)
{
	return span_resolve(cpu, cpu->space, address, len, ACCESS_FETCH, s);
}

enum exec span_fetch_second(struct sie_cpu *cpu, uint64_t address, unsigned int len, struct span *s)
{
	return span_resolve(cpu, cpu->space2, address, len, ACCESS_FETCH, s);
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
		TRY(span_fetch_second(cpu, fetch, fetch_len, from));
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
		TRY(span_fetch_second(cpu, b, b_len, sb));
	} while (drops != cpu->drops);
	return EXEC_NEXT;
}

static void copy_from_span(void *buf, const struct span *s)
{
	raw_copy(buf, s->part[0], s->first);
	if (s->first < s->len)
		raw_copy((uint8_t *)buf + s->first, s->part[1], s->len - s->first);
}

enum exec read_space(struct sie_cpu *cpu, tag_t space, uint64_t address, void *buf,
		     unsigned int len)
{
	struct span s;

	TRY(span_resolve(cpu, space, address, len, ACCESS_FETCH, &s));
	copy_from_span(buf, &s);
	return EXEC_NEXT;
}

enum exec read_code(struct sie_cpu *cpu, uint64_t address, void *buf, unsigned int len)
{
	struct span s;

	TRY(span_resolve(cpu, cpu->ispace, address, len, ACCESS_EXECUTE, &s));
	copy_from_span(buf, &s);
	return EXEC_NEXT;
}

enum exec write_space(struct sie_cpu *cpu, tag_t space, uint64_t address, const void *buf,
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

enum exec test_space(struct sie_cpu *cpu, tag_t space, uint64_t address, unsigned int len,
		     enum access access)
{
	struct span s;

	return span_resolve(cpu, space, address, len, access, &s);
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

enum exec space_pointer(struct sie_cpu *cpu, tag_t space, uint64_t address, unsigned int len,
			enum access access, uint8_t **p)
{
	struct span s;

	TRY(span_resolve(cpu, space, address, len, access, &s));
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
