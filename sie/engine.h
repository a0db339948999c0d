/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the engine share.
 *
 * Instruction functions (insn-*.c) get the CPU and a decoded operation and
 * return an enum exec. They reach storage only through mem.h, end in a program
 * interruption only through program_interrupt(), and leave for the host only
 * through intercept.h.
 */
#ifndef SIE_ENGINE_H
#define SIE_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sie/sie.h"
#include "uv/ultravisor.h"

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/** enum exec - what became of one instruction */
enum exec {
	EXEC_NEXT = 0,     /* done, go on behind it */
	EXEC_BRANCH,       /* done, go on at cpu->next in the same page */
	EXEC_JUMP,         /* done, go on at cpu->ia; pending work is looked at first */
	EXEC_SYNC,         /* done, go on behind it; code may have changed */
	EXEC_ENABLE,       /* done, go on behind it; something may interrupt now */
	EXEC_PSW,          /* done, a PSW was loaded: cpu->ia; both of the above */
	EXEC_AGAIN,        /* stopped at a unit boundary: execute it again, after pending work */
	EXEC_PGM,          /* program interruption cpu->pgm, nothing else changed */
	EXEC_PGM_DONE,     /* program interruption cpu->pgm, instruction completed */
	EXEC_PGM_THERE,    /* likewise, a PSW was loaded: it is the old one, at cpu->ia */
	EXEC_SVC,          /* supervisor call cpu->svc */
	EXEC_FAULT,        /* a page is missing: cpu->fault; nothing changed */
	EXEC_NO_MEMORY,    /* the host has none left for decoded code; nothing changed */
	EXEC_INTERCEPT,    /* leave; the handler has set up the SIE block; PSW behind it */
	EXEC_INTERCEPT_AT, /* leave, PSW stays at the instruction */
};

/** TRY() - hand an outcome other than EXEC_NEXT to the caller */
#define TRY(expr)                                                                                  \
	do {                                                                                       \
		enum exec outcome_ = (expr);                                                       \
		if (unlikely(outcome_ != EXEC_NEXT))                                               \
			return outcome_;                                                           \
	} while (0)

struct op;
typedef enum exec (*insn_fn)(struct sie_cpu *cpu, const struct op *op);

/**
 * struct op - one decoded instruction; 32 bytes, so that two fill a cache line
 * @fn: executes it
 * @imm: immediate operand, sign-extended; relative operand in halfwords
 * @d: displacement of the (first) storage operand; branches: slot of a target in this page or -1
 * @d2: displacement of the second storage operand
 * @row: index into insn_rows
 * @r1: first register or mask; SS: length code
 * @r2: second register
 * @r3: third register or mask
 * @x: index register
 * @b: base register of the first storage operand
 * @b2: base register of the second
 * @i: 8-bit immediate
 * @halfwords: length
 *
 * A base or index that is not there is register 16, which is always zero.
 */
struct op {
	insn_fn fn;
	int64_t imm;
	int32_t d;
	uint16_t d2;
	uint16_t row;
	uint8_t r1;
	uint8_t r2;
	uint8_t r3;
	uint8_t x;
	uint8_t b;
	uint8_t b2;
	uint8_t i;
	uint8_t halfwords;
};
_Static_assert(sizeof(struct op) == 32, "size");

/**
 * enum space - which address a number is
 *
 * SPACE_AR + n: the space that access register n selects, n = 1 to 15.
 */
enum space {
	SPACE_REAL = 0, /* DAT off */
	SPACE_PRIMARY,
	SPACE_SECONDARY,
	SPACE_HOME,
	SPACE_ABSOLUTE,
	SPACE_AR = 16,
};

/**
 * typedef tag_t - what a translation holds for: a space, and the access key that was checked
 *
 * Tags stand in the low bits of a page address, so a translation made with one key is not found
 * with another, and nothing need be dropped when the PSW key changes.
 */
typedef uint16_t tag_t;

#define TAG_SPACE_MASK 0x1fU
#define TAG_KEY_SHIFT  5

static inline tag_t tag_make(enum space space, unsigned int key)
{
	return (tag_t)(space | key << TAG_KEY_SHIFT);
}

static inline enum space tag_space(tag_t tag)
{
	return (enum space)(tag & TAG_SPACE_MASK);
}

static inline unsigned int tag_key(tag_t tag)
{
	return tag >> TAG_KEY_SHIFT;
}

#define TLB_ENTRIES 1024U
/** TLB_NONE - equals no tag */
#define TLB_NONE    0xfffUL

struct code_page;

/**
 * struct tlb_entry - cached translation of one page
 * @fetch: page address | tag if fetching is allowed, else TLB_NONE
 * @store: the same for the fast way to store: the change bit of the storage key is on
 * @host: the page's bytes
 * @code: decoded code in that page: stores must tell it, so @store is TLB_NONE
 * @key: storage key, or NULL if the machine keeps none
 * @frame: guest absolute address of the page, and below it the bits TLB_...
 */
struct tlb_entry {
	uint64_t fetch;
	uint64_t store;
	uint8_t *host;
	struct code_page *code;
	_Atomic uint8_t *key;
	uint64_t frame;
};
_Static_assert(sizeof(struct tlb_entry) == 48, "size");

/** TLB_NO_EXECUTE - instructions must not be fetched from here; whoever fetches one looks */
#define TLB_NO_EXECUTE     0x200UL
/** TLB_CHANGED - the change bit is on */
#define TLB_CHANGED        0x100UL
/** TLB_HOST_PROTECTED - the host permits no stores: SIE_FRAME_PROTECTED */
#define TLB_HOST_PROTECTED 0x400UL
/** TLB_REFUSAL - why storing is not allowed, as bits of a TEID; 0: it is */
#define TLB_REFUSAL        0xffUL

static inline gpa_t tlb_gpa(const struct tlb_entry *e)
{
	return e->frame & PAGE_MASK;
}

#define CODE_SLOTS     (PAGE_SIZE / 2)
#define CODE_LINE      256U
/** CODE_PAGES_MAX - decoded pages of a CPU; beyond that all are dropped */
#define CODE_PAGES_MAX 256U
#define CODE_HASH      512U

/**
 * struct code_page - decoded instructions of one guest absolute page
 * @next: in the hash chain
 * @gpa: which page
 * @host: its bytes
 * @access_registers: decoded for access-register mode
 * @first_half: fetch-protected, and only an override lets code be fetched: before OVERRIDE_END
 * @epoch: cpu->epoch at the last comparison
 * @lines: bit n: line n has been copied and may have decoded operations
 * @copy: what was decoded
 * @ops: one operation for each halfword; behind the last: three that leave the page
 */
struct code_page {
	struct code_page *next;
	gpa_t gpa;
	uint8_t *host;
	bool access_registers;
	bool first_half;
	uint64_t epoch;
	uint32_t lines;
	uint8_t copy[PAGE_SIZE];
	struct op ops[CODE_SLOTS + 3];
};

#define CODE_TLB 256U

struct code_tlb {
	uint64_t tag; /* page address | tag */
	struct code_page *page;
};

/** Bits of cpu->pending */
#define PENDING_KICK  1U
#define PENDING_PURGE 2U

#define PURGE_RANGES 8U

struct purge_range {
	gpa_t gpa;
	uint64_t len;
};

/**
 * struct purge - the door between sie_purge() and a CPU
 * @lock: protects what follows
 * @answered: signalled when the CPU has dropped what was asked, or is outside
 * @asked: number of requests
 * @done: requests dropped so far
 * @ranges: what has to be dropped; @n of them; more than fit: everything
 */
struct purge {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	uint64_t asked;
	uint64_t done;
	struct purge_range ranges[PURGE_RANGES];
	unsigned int n;
	bool everything;
};

/** struct pgm - a program interruption to be presented */
struct pgm {
	uint16_t code;
	bool nullify; /* old PSW at the instruction */
	bool teid_valid;
	uint64_t teid;
	bool space_valid;
	uint32_t space; /* address-space number, and of a space switch the control in bit 0 */
	uint8_t access_id;
	uint8_t operand_access_id; /* MOVE PAGE: its registers */
	uint32_t dxc;
	uint16_t monitor_class;
	uint64_t monitor_code;
};

/** struct external - parameters of an external interruption */
struct external {
	uint16_t code;
	uint16_t cpu_address;
	uint32_t parameter;
};

struct io_interruption {
	uint16_t id;
	uint16_t nr;
	uint32_t parameter;
	uint32_t word;
};

struct machine_check {
	uint64_t code;
	uint32_t external_damage;
	uint64_t failing_storage;
};

/**
 * struct pv_injection - the one interruption that the host asked for
 * @kind: IICTL_CODE_*
 */
struct pv_injection {
	uint8_t kind;
	struct external ext;
	struct io_interruption io;
	struct machine_check mchk;
};

struct pv_exit;

/**
 * struct pv_state - what a protected CPU keeps from exit to entry
 * @handle: CPU handle it is about; another one's is worth nothing
 * @answer: the interception 68 that the host still has to answer, or NULL
 * @answer_psw: PSW of that exit; a CPU that was reset meanwhile has another
 * @r1: registers the guest used
 * @r2: likewise
 * @r3: likewise
 * @length: bytes of the result in the SIDA
 * @address: where the guest wants them
 * @ilc: length of the intercepted instruction
 * @order: of a SIGP
 * @captured: the host's answer has been read
 * @cc: condition code it gave
 * @grs: registers 0 to 2 it gave
 * @held: accepted injection that could not be delivered yet
 */
struct pv_state {
	uint64_t handle;
	const struct pv_exit *answer;
	struct psw answer_psw;
	uint8_t r1;
	uint8_t r2;
	uint8_t r3;
	uint32_t length;
	uint64_t address;
	uint8_t ilc;
	uint8_t order;
	bool captured;
	uint8_t cc;
	uint64_t grs[3];
	struct pv_injection held;
};

struct sie_vm {
	struct uv *uv;
	const struct sie_env *env;
	void *owner;
	uint64_t facilities[4];
	_Atomic(struct sie_trace *) trace;
	uint32_t number;                  /* in lines of the trace */
	_Atomic uint64_t last_tod;        /* STCK: every value once */
	_Atomic bool reported_unknown;    /* the first unknown instruction is reported, */
	_Atomic bool reported_absent;     /* and the first that is known but not there */
	struct sie_vm *parent;            /* nested: whose guests' guests run here */
	_Atomic(struct sie_vm *) nested;  /* who has to forget what is purged here */
	pthread_mutex_t lock;             /* protects cpus; taken before struct purge.lock */
	pthread_mutex_t locked_operation; /* of PERFORM LOCKED OPERATION; innermost */
	struct sie_cpu *cpus;
};

struct sie_cpu {
	uint64_t gr[17]; /* 16: always zero */
	uint64_t amask;  /* addresses are ANDed with it */
	_Atomic uint32_t pending;
	int32_t budget; /* taken branches until clock and cpuflags are looked at */
	uint8_t cc;
	tag_t space;     /* of data; access-register mode: of the first operand */
	tag_t space2;    /* of the second operand */
	tag_t ispace;    /* of instructions */
	bool in_execute; /* the target of EX or EXRL runs */
	bool ar_cached;  /* translations of access registers may be cached */

	const struct op *next;
	uint64_t ia;            /* valid between instructions that are not EXEC_NEXT/BRANCH */
	uint64_t mask;          /* PSW bits 0-63; its condition code is stale */
	struct code_page *page; /* where the current operation lies */
	uint64_t page_address;  /* its logical address */
	uint64_t epoch;         /* counts what may have changed code behind our back */
	uint64_t drops;         /* counts dropped translations: pointers from before are stale */
	uint64_t gbea;

	struct op scratch; /* target of EX, or an instruction that crosses pages */
	uint64_t scratch_address;
	uint64_t scratch_next;
	uint8_t scratch_text[6];
	uint8_t execute_length;

	struct pgm pgm;
	uint16_t svc;
	bool psw_invalid;           /* the PSW just loaded fails the early checks, */
	uint8_t psw_invalid_length; /* the work of an instruction of that length */
	bool after_program;         /* the last interruption was a program interruption, */
	uint64_t program_at;        /* when so many instructions had been executed */
	struct sie_fault fault;

	struct sie_vm *vm;
	struct sie_cpu *next_cpu;
	_Atomic uint64_t asce;
	struct kvm_s390_sie_block *scb;
	struct cpu_state *state;
	bool was_protected;    /* the last run was of a protected CPU */
	struct uv_cpu *secure; /* protected CPU while in sie_run() */
	const struct uv_config *config;
	uint64_t timer_base; /* TOD at which state->cpu_timer was right */
	uint64_t tod_offset; /* what the state description adds to the VM's clock */

	struct sie_cpu *nested; /* kicked together with this one */
	struct sie_cpu *outer;  /* nested: the CPU that executes SIE, in the same thread */
	uint64_t outer_drops;   /* its drops at the last run */
	uint64_t deadline;      /* nested: TOD of the VM at which to come back */
	const uint64_t *fac;    /* nested: what STFLE stores; NULL: it leaves */
	uint64_t host_asce;     /* nested: what the host calls @asce, for the Ultravisor */

	struct pv_state pv;

	struct sie_stats stats;
	struct code_page *hash[CODE_HASH];
	unsigned int code_pages;
	struct code_tlb code_tlb[CODE_TLB];
	struct tlb_entry tlb[TLB_ENTRIES];

	_Atomic bool inside;
	struct purge purge;
};

/* ---- run.c ---- */

/** engine_enter(), engine_leave() - "inside": purges have to wait for this CPU, or need not */
void engine_enter(struct sie_cpu *cpu);
void engine_leave(struct sie_cpu *cpu);

/** purge_handle() - do what sie_purge() asked for; the CPU is inside */
void purge_handle(struct sie_cpu *cpu);

/** psw_update_modes() - addressing mode and spaces follow the PSW mask */
void psw_update_modes(struct sie_cpu *cpu);

static inline bool problem_state(const struct sie_cpu *cpu)
{
	return cpu->mask & PSW_MASK_PSTATE;
}

static inline bool is_protected(const struct sie_cpu *cpu)
{
	return cpu->secure != NULL;
}

/** is_nested() - the guest of a guest: its state description is another guest's */
static inline bool is_nested(const struct sie_cpu *cpu)
{
	return cpu->vm->parent != NULL;
}

/** is_nested_ordinary() - and of format 2: what a protected CPU does is not for that guest to say */
static inline bool is_nested_ordinary(const struct sie_cpu *cpu)
{
	return is_nested(cpu) && !is_protected(cpu);
}

#define PSW_ASC_AR (1UL << 46)

/** access_register_mode() - each base register has a space of its own */
static inline bool access_register_mode(const struct sie_cpu *cpu)
{
	return (cpu->mask & (PSW_MASK_DAT | PSW_MASK_ASC)) == (PSW_MASK_DAT | PSW_ASC_AR);
}

static inline unsigned int psw_key(const struct sie_cpu *cpu)
{
	return (unsigned int)(cpu->mask >> 52) & 0xf;
}

/** ar_space() - tag of the space that access register @n selects; 0 and above 15: primary */
static inline tag_t ar_space(const struct sie_cpu *cpu, unsigned int n, unsigned int key)
{
	return tag_make(n - 1 < 15 ? (enum space)(SPACE_AR + n) : SPACE_PRIMARY, key);
}

/** FACILITY_UV_CALL - the Ultravisor call exists */
#define FACILITY_UV_CALL 158

static inline bool has_facility(const struct sie_cpu *cpu, unsigned int nr)
{
	return nr < 256 && (cpu->vm->facilities[nr / 64] >> (63 - nr % 64) & 1);
}

/** insn_address() - where the instruction itself stands; relative operands count from here */
static inline uint64_t insn_address(const struct sie_cpu *cpu, const struct op *op)
{
	if (unlikely(op == &cpu->scratch))
		return cpu->scratch_address;
	return cpu->page_address + (uint64_t)(op - cpu->page->ops) * 2;
}

/** next_address() - where execution goes on behind it; for an EX target: behind EX */
static inline uint64_t next_address(const struct sie_cpu *cpu, const struct op *op)
{
	if (unlikely(op == &cpu->scratch))
		return cpu->scratch_next;
	return (insn_address(cpu, op) + op->halfwords * 2U) & cpu->amask;
}

/** first_operand_address() etc. - operand addresses as the addressing mode has it */
static inline uint64_t operand_address(const struct sie_cpu *cpu, const struct op *op)
{
	return (cpu->gr[op->b] + (uint64_t)(int64_t)op->d) & cpu->amask;
}

static inline uint64_t indexed_address(const struct sie_cpu *cpu, const struct op *op)
{
	return (cpu->gr[op->b] + cpu->gr[op->x] + (uint64_t)(int64_t)op->d) & cpu->amask;
}

static inline uint64_t second_address(const struct sie_cpu *cpu, const struct op *op)
{
	return (cpu->gr[op->b2] + op->d2) & cpu->amask;
}

static inline uint64_t relative_address(const struct sie_cpu *cpu, const struct op *op)
{
	return (insn_address(cpu, op) + (uint64_t)op->imm * 2) & cpu->amask;
}

static inline uint32_t gr32(const struct sie_cpu *cpu, unsigned int r)
{
	return (uint32_t)cpu->gr[r];
}

static inline void set_gr32(struct sie_cpu *cpu, unsigned int r, uint32_t value)
{
	cpu->gr[r] = (cpu->gr[r] & 0xffffffff00000000UL) | value;
}

/** set_address() - a register gets an address: bits 0-31 stay outside 64-bit mode */
static inline void set_address(struct sie_cpu *cpu, unsigned int r, uint64_t address)
{
	if (cpu->mask & PSW_MASK_EA)
		cpu->gr[r] = address;
	else
		set_gr32(cpu, r, (uint32_t)address);
}

/** serialise() - the CPU's own storage accesses become visible in order */
static inline void serialise(void)
{
	static _Atomic uint32_t any;

	atomic_fetch_or(&any, 0);
}

/* ---- interrupt.c ---- */

/** program_interrupt() - this instruction ends in a program interruption, old PSW behind it */
enum exec program_interrupt(struct sie_cpu *cpu, uint16_t code);

/** data_exception() - program interruption 7 with a data-exception code */
enum exec data_exception(struct sie_cpu *cpu, uint8_t dxc);

#define PGM_OPERATION      0x01
#define PGM_PRIVILEGED     0x02
#define PGM_EXECUTE        0x03
#define PGM_PROTECTION     0x04
#define PGM_ADDRESSING     0x05
#define PGM_SPECIFICATION  0x06
#define PGM_DATA           0x07
#define PGM_FIXED_OVERFLOW 0x08
#define PGM_FIXED_DIVIDE   0x09
#define PGM_SEGMENT        0x10
#define PGM_PAGE           0x11
#define PGM_TRANSLATION    0x12
#define PGM_SPECIAL        0x13
#define PGM_OPERAND        0x15
#define PGM_ASCE_TYPE      0x38
#define PGM_REGION_FIRST   0x39
#define PGM_REGION_SECOND  0x3a
#define PGM_REGION_THIRD   0x3b
#define PGM_SPACE_SWITCH   0x1c
#define PGM_MONITOR        0x40

/**
 * interruption_ready() - the prefix page can be written
 *
 * Called before the results of an instruction that completes *and* interrupts; afterwards the
 * presentation cannot fail any more.
 */
enum exec interruption_ready(struct sie_cpu *cpu);

/** present_program() - present cpu->pgm; @address of the instruction, @length, 0 if none */
enum exec present_program(struct sie_cpu *cpu, uint64_t address, unsigned int length,
			  uint64_t old_address);

/** present_svc() - present cpu->svc */
enum exec present_svc(struct sie_cpu *cpu, uint64_t old_address, unsigned int length);

enum exec present_external(struct sie_cpu *cpu, const struct external *ext);

enum exec present_io(struct sie_cpu *cpu, const struct io_interruption *io);

enum exec present_machine_check(struct sie_cpu *cpu, const struct machine_check *mchk);
enum exec present_restart(struct sie_cpu *cpu);

/** intercept_program() - interception 08 with cpu->pgm; cpu->ia is what it should be */
enum exec intercept_program(struct sie_cpu *cpu, unsigned int length);

/** present_timers() - clock comparator and CPU timer, if due and enabled */
enum exec present_timers(struct sie_cpu *cpu);

/** current_psw() - the PSW with condition code and @address */
struct psw current_psw(const struct sie_cpu *cpu, uint64_t address);

/** load_psw() - make a PSW current; it may be invalid: psw_valid() */
void load_psw(struct sie_cpu *cpu, const struct psw *psw);

/** psw_valid() - the checks that come early, guest-execution 2.2 */
bool psw_valid(const struct psw *psw);

/* ---- nested.c ---- */

/** nested_program_intercepted() - does cpu->pgm leave for the guest that executes SIE? */
bool nested_program_intercepted(const struct sie_cpu *cpu);

/** nested_request() - the host of a nested CPU asked for it: interception @code */
enum exec nested_request(struct sie_cpu *cpu, uint8_t code);

/** nested_enter() - before a run: the clock, and what the CPU one level up has dropped */
void nested_enter(struct sie_cpu *cpu);

/** nested_deadline() - is it time to come back? */
bool nested_deadline(const struct sie_cpu *cpu);

/* ---- time.c ---- */

uint64_t tod_now(const struct sie_cpu *cpu);

/** tod_epoch() - how far that is ahead of the machine's clock */
uint64_t tod_epoch(const struct sie_cpu *cpu);

/** cpu_timer_sync() - bring state->cpu_timer up to date */
void cpu_timer_sync(struct sie_cpu *cpu);

/* ---- code.c ---- */

/** code_lookup() - the operation at cpu->ia; decodes on demand */
enum exec code_lookup(struct sie_cpu *cpu, const struct op **op);

/** code_stored() - @len bytes at @offset of a page with code are about to be overwritten */
void code_stored(struct code_page *page, uint32_t offset, uint32_t len);

/** code_find() - decoded code of a guest absolute page, or NULL */
struct code_page *code_find(struct sie_cpu *cpu, gpa_t gpa);

void code_drop(struct sie_cpu *cpu, gpa_t gpa, uint64_t len);
void code_drop_all(struct sie_cpu *cpu);

/** code_forget_addresses() - logical addresses mean something else from now on */
void code_forget_addresses(struct sie_cpu *cpu);

/* ---- trace.c ---- */

void trace_insn(struct sie_cpu *cpu, const struct op *op);
void trace_interruption(struct sie_cpu *cpu, const char *what, uint32_t code);
void trace_interception(struct sie_cpu *cpu);

static inline bool tracing(const struct sie_cpu *cpu)
{
	return atomic_load_explicit(&cpu->vm->trace, memory_order_relaxed) != NULL;
}

#endif
