/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest storage: the only way in.
 *
 * Addresses are logical and already masked by the addressing mode. A pointer
 * from here is good until the next call that may leave the engine, that is the
 * next access that misses the translation cache; cpu->drops tells.
 *
 * Guests race by right, so storage is touched by single volatile accesses of 1
 * to 8 bytes in functions that the thread sanitizer leaves alone, by host
 * atomics, and by the copy routines of mem.c built from these.
 */
#ifndef SIE_MEM_H
#define SIE_MEM_H

#include <stdint.h>

#include "protvirt/be.h"
#include "sie/art.h"
#include "sie/engine.h"

#define RACY __attribute__((no_sanitize("thread")))

/** enum access - what a translation has to allow */
enum access {
	ACCESS_FETCH,
	ACCESS_STORE,
	ACCESS_EXECUTE,
};

struct unaligned64 {
	uint64_t v;
} __attribute__((packed, may_alias));
struct unaligned32 {
	uint32_t v;
} __attribute__((packed, may_alias));
struct unaligned16 {
	uint16_t v;
} __attribute__((packed, may_alias));

static inline RACY uint64_t raw_load8(const uint8_t *p)
{
	return PROTVIRT_SWAP(64, ((const volatile struct unaligned64 *)p)->v);
}

static inline RACY uint32_t raw_load4(const uint8_t *p)
{
	return PROTVIRT_SWAP(32, ((const volatile struct unaligned32 *)p)->v);
}

static inline RACY uint16_t raw_load2(const uint8_t *p)
{
	return PROTVIRT_SWAP(16, ((const volatile struct unaligned16 *)p)->v);
}

static inline RACY uint8_t raw_load1(const uint8_t *p)
{
	return *(const volatile uint8_t *)p;
}

static inline RACY void raw_store8(uint8_t *p, uint64_t v)
{
	((volatile struct unaligned64 *)p)->v = PROTVIRT_SWAP(64, v);
}

static inline RACY void raw_store4(uint8_t *p, uint32_t v)
{
	((volatile struct unaligned32 *)p)->v = PROTVIRT_SWAP(32, v);
}

static inline RACY void raw_store2(uint8_t *p, uint16_t v)
{
	((volatile struct unaligned16 *)p)->v = PROTVIRT_SWAP(16, v);
}

static inline RACY void raw_store1(uint8_t *p, uint8_t v)
{
	*(volatile uint8_t *)p = v;
}

/** raw_swap4(), raw_swap8() - interlocked: store @new if @old is still there; aligned */
static inline bool raw_swap8(uint8_t *p, uint64_t old, uint64_t new)
{
	old = PROTVIRT_SWAP(64, old);
	return __atomic_compare_exchange_n((uint64_t *)(void *)p, &old, PROTVIRT_SWAP(64, new),
					   false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static inline bool raw_swap4(uint8_t *p, uint32_t old, uint32_t new)
{
	old = PROTVIRT_SWAP(32, old);
	return __atomic_compare_exchange_n((uint32_t *)(void *)p, &old, PROTVIRT_SWAP(32, new),
					   false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static inline bool raw_swap16(uint8_t *p, uint64_t old_high, uint64_t old_low, uint64_t high,
			      uint64_t low)
{
	unsigned __int128 old, new;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	old = (unsigned __int128)__builtin_bswap64(old_low) << 64 | __builtin_bswap64(old_high);
	new = (unsigned __int128)__builtin_bswap64(low) << 64 | __builtin_bswap64(high);
#else
	old = (unsigned __int128)old_high << 64 | old_low;
	new = (unsigned __int128)high << 64 | low;
#endif
	return __sync_bool_compare_and_swap((unsigned __int128 *)(void *)p, old, new);
}

/** raw_load16() - 16 bytes at once: a compare-and-swap that changes nothing; aligned */
static inline void raw_load16(uint8_t *p, uint64_t *high, uint64_t *low)
{
	do {
		*high = raw_load8(p);
		*low = raw_load8(p + 8);
	} while (!raw_swap16(p, *high, *low, *high, *low));
}

static inline bool raw_swap1(uint8_t *p, uint8_t old, uint8_t new)
{
	return __atomic_compare_exchange_n(p, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/** raw_copy() - copy between guest storage and anything; no overlap */
void raw_copy(uint8_t *to, const uint8_t *from, size_t n);

/**
 * raw_copy_forward() - the same from low to high addresses, 32 bytes at a time
 *
 * @to may overlap @from if it is not less than 32 bytes behind it. Each aligned doubleword is moved
 * by one access of the host.
 */
void raw_copy_forward(uint8_t *to, const uint8_t *from, size_t n);

/** raw_equal() - compare guest storage */
bool raw_equal(const uint8_t *a, const uint8_t *b, size_t n);

static inline struct tlb_entry *tlb_slot(struct sie_cpu *cpu, uint64_t address)
{
	uint64_t page = address >> PAGE_SHIFT;

	return &cpu->tlb[(page ^ page >> 10) % TLB_ENTRIES];
}

/** tlb_fill() - translate for fetching; EXEC_PGM, EXEC_FAULT if that is not possible */
enum exec tlb_fill(struct sie_cpu *cpu, uint64_t address, tag_t tag, enum access access,
		   struct tlb_entry **entry);

/** OVERRIDE_END - the fetch-protection override is for effective addresses below */
#define OVERRIDE_END 0x800UL

/** fetch_protected() - the storage key forbids the instruction fetch at @address */
enum exec fetch_protected(struct sie_cpu *cpu, uint64_t address);

/** execution_refused() - instruction-execution protection forbids the fetch at @address */
enum exec execution_refused(struct sie_cpu *cpu, uint64_t address);

/** tlb_drop_all() - forget every translation; pointers become stale */
void tlb_drop_all(struct sie_cpu *cpu);

/** access_registers_loaded() - what was cached by their numbers is another space now */
static inline void access_registers_loaded(struct sie_cpu *cpu)
{
	if (unlikely(cpu->ar_cached))
		tlb_drop_all(cpu);
}

/** tlb_code_appeared() - stores to this page must tell the decoded code from now on */
void tlb_code_appeared(struct sie_cpu *cpu, struct code_page *code);
void tlb_code_gone(struct sie_cpu *cpu);

/** fetch_pointer() - host address of @len bytes that lie in one cached page, or NULL */
static inline const uint8_t *fetch_pointer(struct sie_cpu *cpu, uint64_t address, unsigned int len)
{
	struct tlb_entry *e = tlb_slot(cpu, address);

	if (unlikely(e->fetch != (((address + len - 1) & PAGE_MASK) | cpu->space)))
		return NULL;
	return e->host + (address & ~PAGE_MASK);
}

/** second_fetch_pointer() - the same for a second operand */
static inline const uint8_t *second_fetch_pointer(struct sie_cpu *cpu, uint64_t address,
						  unsigned int len)
{
	struct tlb_entry *e = tlb_slot(cpu, address);

	if (unlikely(e->fetch != (((address + len - 1) & PAGE_MASK) | cpu->space2)))
		return NULL;
	return e->host + (address & ~PAGE_MASK);
}

static inline uint8_t *store_pointer(struct sie_cpu *cpu, uint64_t address, unsigned int len)
{
	struct tlb_entry *e = tlb_slot(cpu, address);

	if (unlikely(e->store != (((address + len - 1) & PAGE_MASK) | cpu->space)))
		return NULL;
	return e->host + (address & ~PAGE_MASK);
}

/** read_bytes() - fetch up to 4096 bytes, pages tested first */
enum exec read_bytes(struct sie_cpu *cpu, uint64_t address, void *buf, unsigned int len);

/** write_bytes() - store up to 4096 bytes; nothing is stored unless all can be */
enum exec write_bytes(struct sie_cpu *cpu, uint64_t address, const void *buf, unsigned int len);

/** read_space(), write_space() - the same in a given space with a given key */
enum exec read_space(struct sie_cpu *cpu, tag_t space, uint64_t address, void *buf,
		     unsigned int len);
enum exec write_space(struct sie_cpu *cpu, tag_t space, uint64_t address, const void *buf,
		      unsigned int len);

/** read_code() - instruction text, at most 6 bytes, that is executed and not read as data */
enum exec read_code(struct sie_cpu *cpu, uint64_t address, void *buf, unsigned int len);

/** read_second() - what the second operand's base register points at */
static inline enum exec read_second(struct sie_cpu *cpu, uint64_t address, void *buf,
				    unsigned int len)
{
	return read_space(cpu, cpu->space2, address, buf, len);
}

/** register_space() - what a general register points at that is no base register */
static inline tag_t register_space(const struct sie_cpu *cpu, unsigned int r)
{
	return access_register_mode(cpu) ? ar_space(cpu, r, psw_key(cpu)) : cpu->space;
}

/** test_space() - could @len bytes (at most 4096) be accessed? Sets reference and change bits */
enum exec test_space(struct sie_cpu *cpu, tag_t space, uint64_t address, unsigned int len,
		     enum access access);

/** test_store() - could @len bytes (at most 4096) be stored? */
enum exec test_store(struct sie_cpu *cpu, uint64_t address, unsigned int len);
enum exec test_fetch(struct sie_cpu *cpu, uint64_t address, unsigned int len);

#define DEFINE_READ(bytes, bits)                                                                   \
	enum exec read##bytes##_slow(struct sie_cpu *cpu, uint64_t address,                        \
				     uint##bits##_t *value);                                       \
	enum exec write##bytes##_slow(struct sie_cpu *cpu, uint64_t address,                       \
				      uint##bits##_t value);                                       \
	static inline enum exec read##bytes(struct sie_cpu *cpu, uint64_t address,                 \
					    uint##bits##_t *value)                                 \
	{                                                                                          \
		const uint8_t *p = fetch_pointer(cpu, address, bytes);                             \
                                                                                                   \
		if (unlikely(!p))                                                                  \
			return read##bytes##_slow(cpu, address, value);                            \
		*value = raw_load##bytes(p);                                                       \
		return EXEC_NEXT;                                                                  \
	}                                                                                          \
	static inline enum exec write##bytes(struct sie_cpu *cpu, uint64_t address,                \
					     uint##bits##_t value)                                 \
	{                                                                                          \
		uint8_t *p = store_pointer(cpu, address, bytes);                                   \
                                                                                                   \
		if (unlikely(!p))                                                                  \
			return write##bytes##_slow(cpu, address, value);                           \
		raw_store##bytes(p, value);                                                        \
		return EXEC_NEXT;                                                                  \
	}

DEFINE_READ(1, 8)
DEFINE_READ(2, 16)
DEFINE_READ(4, 32)
DEFINE_READ(8, 64)

/**
 * struct span - host addresses of up to 4096 bytes that lie in one or two pages
 * @first: bytes in the first page
 */
struct span {
	uint8_t *part[2];
	unsigned int first;
	unsigned int len;
};

static inline uint8_t *span_at(const struct span *s, unsigned int i)
{
	return i < s->first ? s->part[0] + i : s->part[1] + (i - s->first);
}

/** span_fetch(), span_store() - resolve; span_store() also tells decoded code */
enum exec span_fetch(struct sie_cpu *cpu, uint64_t address, unsigned int len, struct span *s);
enum exec span_store(struct sie_cpu *cpu, uint64_t address, unsigned int len, struct span *s);

/** span_space() - the same in a given space */
enum exec span_space(struct sie_cpu *cpu, tag_t space, uint64_t address, unsigned int len,
		     enum access access, struct span *s);

/** span_fetch_second() - what the second operand's base register points at */
enum exec span_fetch_second(struct sie_cpu *cpu, uint64_t address, unsigned int len,
			    struct span *s);

/** span_both() - a first operand to store, a second to fetch, both good at the same time */
enum exec span_both(struct sie_cpu *cpu, uint64_t store, unsigned int store_len, struct span *to,
		    uint64_t fetch, unsigned int fetch_len, struct span *from);

/** span_two_fetch() - a first and a second operand to fetch */
enum exec span_two_fetch(struct sie_cpu *cpu, uint64_t a, unsigned int a_len, struct span *sa,
			 uint64_t b, unsigned int b_len, struct span *sb);

/** update_pointer() - host address for an interlocked update of aligned @len bytes */
enum exec update_pointer(struct sie_cpu *cpu, uint64_t address, unsigned int len, uint8_t **p);

/** space_pointer() - host address of aligned @len bytes, at most 16, in a given space */
enum exec space_pointer(struct sie_cpu *cpu, tag_t space, uint64_t address, unsigned int len,
			enum access access, uint8_t **p);

/** absolute_store_page() - host address of a guest absolute page for storing */
enum exec absolute_store_page(struct sie_cpu *cpu, gpa_t gpa, uint8_t **page);

/** read_real() - real storage without keys, for tables: the reader of struct asn_storage */
int read_real(void *arg, uint64_t real, void *buf, unsigned int len);

/** real_to_absolute() - prefixing */
static inline gpa_t real_to_absolute(const struct sie_cpu *cpu, uint64_t real)
{
	uint64_t block = real & ~0x1fffUL;

	if (block == 0)
		return real + cpu->state->prefix;
	if (block == cpu->state->prefix)
		return real - cpu->state->prefix;
	return real;
}

/** absolute_to_real() - the way back: the two blocks change places again */
static inline uint64_t absolute_to_real(const struct sie_cpu *cpu, gpa_t absolute)
{
	return real_to_absolute(cpu, absolute);
}

/* ---- dat.c ---- */

/**
 * struct translation - what the tables say
 * @real: real address
 * @writable: no protection bit is on
 * @no_execute: instruction-execution protection is on, and counts
 * @entry: where the entry is, or would be, that ended the translation with an exception
 * @beyond: that entry is behind the end of its table, or before its beginning
 * @has_acc: a large frame's entry brings access-control bits and fetch protection along,
 * @acc: which count instead of the storage key's
 */
struct translation {
	uint64_t real;
	uint64_t entry;
	bool beyond;
	bool writable;
	bool no_execute;
	bool has_acc;
	uint8_t acc;
};

/**
 * dat_translate() - guest virtual to guest real address
 * @asce: address-space-control element of the space
 * @t: filled in
 *
 * Return: EXEC_NEXT, EXEC_PGM with code only (the caller adds the TEID), EXEC_FAULT.
 */
enum exec dat_translate(struct sie_cpu *cpu, uint64_t asce, uint64_t address,
			struct translation *t);

/**
 * space_asce() - the address-space-control element of any space with translation
 * @fetch_only: set if an access list forbids stores
 *
 * Return: EXEC_NEXT, EXEC_PGM with everything filled in, EXEC_FAULT.
 */
enum exec space_asce(struct sie_cpu *cpu, enum space space, uint64_t *asce, bool *fetch_only);

#define ASCE_PRIVATE      0x100UL
#define ASCE_REAL_SPACE   0x20UL
#define ASCE_SPACE_SWITCH 0x40UL

/**
 * struct place - where a logical address leads
 * @gpa: guest absolute address of the page
 * @refusal: why stores are not permitted, as bits of a TEID; keys do not count
 * @no_execute: instructions must not be fetched from there
 * @acc: a large frame's bits that count instead of the storage key, or -1
 */
struct place {
	gpa_t gpa;
	uint8_t refusal;
	bool no_execute;
	int acc;
};

/** logical_to_absolute() - the place of a logical page; nobody looks whether it is there */
enum exec logical_to_absolute(struct sie_cpu *cpu, uint64_t page, enum space space,
			      enum access access, struct place *place);

/**
 * logical_translate() - where a logical address leads, without an access
 *
 * The frame is there and the guest's own. Neither reference nor change bit is set.
 */
enum exec logical_translate(struct sie_cpu *cpu, uint64_t address, tag_t tag, enum access access,
			    struct place *place);

/** fetch_override() - are @len bytes at @address open for fetching whatever the key? */
enum exec fetch_override(struct sie_cpu *cpu, uint64_t address, unsigned int len, enum space space,
			 bool *override);

/** check_low_address() - a store at this address: low-address protection alone */
enum exec check_low_address(struct sie_cpu *cpu, uint64_t address, enum space space);

/* ---- keys.c ---- */

/* A storage key, as SET STORAGE KEY EXTENDED has it */
#define KEY_ACC           0xf0U
#define KEY_FETCH_PROTECT 0x08U
#define KEY_REFERENCE     0x04U
#define KEY_CHANGE        0x02U

/** translation_failed() - an exception of address translation, which some answer with cc 3 */
bool translation_failed(const struct pgm *pgm);

/** key_of_page() - the storage key of a guest absolute page, or NULL */
_Atomic uint8_t *key_of_page(const struct sie_cpu *cpu, gpa_t gpa);

/** key_permits() - may @key access a page with this storage key? @override: page 0's first half */
bool key_permits(const struct sie_cpu *cpu, uint8_t storage_key, unsigned int key,
		 enum access access, bool override);

#endif
