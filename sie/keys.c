/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Storage keys: who may access what, and the instructions that read and change
 * them. guest-execution 2.9.
 *
 * A key is looked at when a translation is made, and the translation's tag has
 * the access key. So whoever changes a key has all CPUs drop what they cached.
 */
#include "sie/insn-operands.h"
#include "sie/intercept.h"

#define CR0_STORAGE_PROTECTION_OVERRIDE 0x01000000UL
#define OVERRIDE_ACC                    9U

_Atomic uint8_t *key_of_page(const struct sie_cpu *cpu, gpa_t gpa)
{
	const struct sie_env *env = cpu->vm->env;

	return env->storage_key ? env->storage_key(cpu->vm->owner, cpu->asce, gpa) : NULL;
}

bool key_permits(const struct sie_cpu *cpu, uint8_t storage_key, unsigned int key,
		 enum access access, bool override)
{
	unsigned int acc = storage_key >> 4;

	if (likely(key == 0) || acc == key)
		return true;
	if (acc == OVERRIDE_ACC && (cpu->state->crs[0] & CR0_STORAGE_PROTECTION_OVERRIDE))
		return true;
	if (access == ACCESS_STORE)
		return false;
	return !(storage_key & KEY_FETCH_PROTECT) || override;
}

/* ---- instructions ---- */

/* The host wants to know of the first use of keys: the instruction is repeated then */
static bool keyless(const struct sie_cpu *cpu)
{
	uint32_t flags = __atomic_load_n(&cpu->scb->cpuflags.raw, __ATOMIC_ACQUIRE);

	return !is_protected(cpu) && (be32_get((be32_t){flags}) & CPUSTAT_KSS);
}

static enum exec intercept_keyless(struct sie_cpu *cpu, const struct op *op)
{
	uint8_t length = cpu->in_execute ? cpu->execute_length : (uint8_t)(op->halfwords * 2);

	cpu->ia = (next_address(cpu, op) - length) & cpu->amask;
	intercept_code(cpu, ICPT_KSS);
	return EXEC_INTERCEPT_AT;
}

#define LEAVE_FOR_KEYS(ictl_bit)                                                                   \
	do {                                                                                       \
		if (!is_protected(cpu) && (be32_get(cpu->scb->ictl) & (ictl_bit)))                 \
			return intercept_instruction(cpu, op);                                     \
		if (keyless(cpu))                                                                  \
			return intercept_keyless(cpu, op);                                         \
	} while (0)

/* The key of an absolute page, which has to exist and to be the guest's own; NULL: none kept */
static enum exec absolute_key(struct sie_cpu *cpu, gpa_t gpa, _Atomic uint8_t **key)
{
	TRY(test_space(cpu, SPACE_ABSOLUTE, gpa, 1, ACCESS_FETCH));
	*key = key_of_page(cpu, gpa);
	return EXEC_NEXT;
}

static enum exec real_key(struct sie_cpu *cpu, const struct op *op, _Atomic uint8_t **key)
{
	uint64_t real = cpu->gr[op->r2] & cpu->amask & PAGE_MASK;

	return absolute_key(cpu, real_to_absolute(cpu, real), key);
}

static uint8_t key_value(_Atomic uint8_t *key)
{
	return key ? atomic_load(key) : 0;
}

/* What others cached was checked against the old key, or has bits set that are off now */
static void keys_changed(struct sie_cpu *cpu)
{
	engine_leave(cpu);
	sie_purge(cpu->vm, 0, 0);
	engine_enter(cpu);
}

INSN(iske)
{
	_Atomic uint8_t *key;

	LEAVE_FOR_KEYS(ICTL_ISKE);
	TRY(real_key(cpu, op, &key));
	cpu->gr[op->r1] = (cpu->gr[op->r1] & ~0xffUL) | key_value(key);
	return EXEC_NEXT;
}

/* By virtual address, for problem state with extraction authority too; no R and C bits */
#define CR0_EXTRACTION_AUTHORITY 0x08000000UL

INSN(ivsk)
{
	struct place place;

	if (!(cpu->mask & PSW_MASK_DAT))
		return program_interrupt(cpu, PGM_SPECIAL);
	if (problem_state(cpu) && !(cpu->state->crs[0] & CR0_EXTRACTION_AUTHORITY))
		return program_interrupt(cpu, PGM_PRIVILEGED);
	if (keyless(cpu))
		return intercept_keyless(cpu, op);
	TRY(logical_translate(cpu, cpu->gr[op->r2] & cpu->amask & PAGE_MASK, cpu->space,
			      ACCESS_FETCH, &place));
	cpu->gr[op->r1] = (cpu->gr[op->r1] & ~0xffUL) |
			  (key_value(key_of_page(cpu, place.gpa)) & (KEY_ACC | KEY_FETCH_PROTECT));
	return EXEC_NEXT;
}

/* cc: reference bit, change bit, as they were */
INSN(rrbe)
{
	_Atomic uint8_t *key;
	uint8_t old = 0;

	LEAVE_FOR_KEYS(ICTL_RRBE);
	TRY(real_key(cpu, op, &key));
	if (key)
		old = atomic_fetch_and(key, (uint8_t)~KEY_REFERENCE);
	if (old & KEY_REFERENCE)
		keys_changed(cpu);
	cpu->cc = old >> 1 & 3;
	return EXEC_NEXT;
}

/* ---- setting ---- */

/* m3 of SSKE, and the same for PFMF */
#define SSKE_MR 0x4U
#define SSKE_MC 0x2U
#define SSKE_MB 0x1U

#define FACILITY_EDAT1            8
#define FACILITY_CONDITIONAL_SSKE 10
#define FACILITY_NONQUIESCING     14
#define FACILITY_EDAT2            78

/* Which bits of a key have to be right already, for nothing to be done */
static uint8_t conditional_mask(unsigned int m3)
{
	uint8_t mask = KEY_ACC | KEY_FETCH_PROTECT;

	if (!(m3 & SSKE_MR))
		mask |= KEY_REFERENCE;
	if (!(m3 & SSKE_MC))
		mask |= KEY_CHANGE;
	return mask;
}

/* Returns true if the key was set, not only compared */
static bool set_key(_Atomic uint8_t *key, uint8_t value, unsigned int m3, uint8_t *old)
{
	*old = key_value(key);
	if ((m3 & (SSKE_MR | SSKE_MC)) && !((*old ^ value) & conditional_mask(m3)))
		return false;
	if (key)
		atomic_store(key, value);
	return true;
}

static enum exec set_keys(struct sie_cpu *cpu, gpa_t gpa, gpa_t end, uint8_t value, unsigned int m3,
			  bool *set, uint8_t *old)
{
	_Atomic uint8_t *key;

	*set = false;
	for (; gpa < end; gpa += PAGE_SIZE) {
		TRY(absolute_key(cpu, gpa, &key));
		*set |= set_key(key, value, m3, old);
	}
	if (*set)
		keys_changed(cpu);
	return EXEC_NEXT;
}

static gpa_t frame_end(gpa_t gpa, uint64_t size)
{
	return (gpa + size) & ~(size - 1);
}

#define MEGABYTE      0x100000UL
#define TWO_GIGABYTES 0x80000000UL

static unsigned int sske_control(const struct sie_cpu *cpu, unsigned int m3)
{
	if (!has_facility(cpu, FACILITY_EDAT1))
		m3 &= ~SSKE_MB;
	if (!has_facility(cpu, FACILITY_CONDITIONAL_SSKE))
		m3 &= ~(SSKE_MR | SSKE_MC);
	return m3;
}

INSN(sske)
{
	uint64_t address = cpu->gr[op->r2] & cpu->amask & PAGE_MASK;
	unsigned int m3 = sske_control(cpu, op->r3);
	bool multiple = m3 & SSKE_MB, set;
	gpa_t gpa = multiple ? address : real_to_absolute(cpu, address);
	gpa_t end = multiple ? frame_end(gpa, MEGABYTE) : gpa + PAGE_SIZE;
	uint8_t old;

	LEAVE_FOR_KEYS(ICTL_SSKE);
	TRY(set_keys(cpu, gpa, end, cpu->gr[op->r1] & 0xfe, m3, &set, &old));
	if (multiple)
		set_address(cpu, op->r2, end & cpu->amask);
	if (!(m3 & (SSKE_MR | SSKE_MC)))
		return EXEC_SYNC;
	cpu->cc = multiple ? 3 : set;
	if (!multiple)
		cpu->gr[op->r1] = (cpu->gr[op->r1] & ~0xff00UL) | (uint64_t)old << 8;
	return EXEC_SYNC;
}

/* ---- PERFORM FRAME MANAGEMENT FUNCTION ---- */

#define PFMF_SET_KEY    0x20000UL
#define PFMF_CLEAR      0x10000UL
#define PFMF_FRAME(v)   ((v) >> 12 & 7)
#define PFMF_NQ         0x800UL
#define PFMF_CONTROL(v) ((unsigned int)((v) >> 8 & (SSKE_MR | SSKE_MC)))
#define PFMF_RESERVED   0xfffc0101UL
#define FRAME_4K        0
#define FRAME_1M        1
#define FRAME_2G        2

static enum exec clear_frames(struct sie_cpu *cpu, gpa_t gpa, gpa_t end)
{
	static const uint8_t zeros[PAGE_SIZE];

	for (; gpa < end; gpa += PAGE_SIZE)
		TRY(write_space(cpu, SPACE_ABSOLUTE, gpa, zeros, PAGE_SIZE));
	return EXEC_NEXT;
}

/* There are frames of 2 GiB with the second part of enhanced DAT, where addresses reach so far */
static bool frame_refused(const struct sie_cpu *cpu, uint64_t control)
{
	if (PFMF_FRAME(control) == FRAME_2G)
		return !has_facility(cpu, FACILITY_EDAT2) || cpu->amask == 0xffffff;
	return PFMF_FRAME(control) > FRAME_2G;
}

/* A frame of 2 GiB takes a MiB at a time, with a look at what else there is to do in between */
INSN(pfmf)
{
	uint64_t control = cpu->gr[op->r1];
	uint64_t address = cpu->gr[op->r2] & cpu->amask & PAGE_MASK;
	bool large = PFMF_FRAME(control) != FRAME_4K, set;
	gpa_t gpa = large ? address : real_to_absolute(cpu, address);
	gpa_t end = large ? frame_end(gpa, MEGABYTE) : gpa + PAGE_SIZE;
	uint8_t old;

	if (is_nested_ordinary(cpu)) /* that facility is not offered to its host */
		return intercept_instruction(cpu, op);
	if ((control & PFMF_RESERVED) || frame_refused(cpu, control) ||
	    ((control & PFMF_NQ) && !has_facility(cpu, FACILITY_NONQUIESCING)))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if ((control & PFMF_SET_KEY) && keyless(cpu))
		return intercept_keyless(cpu, op);
	if (control & PFMF_CLEAR) {
		/* low-address protection counts, key-controlled protection does not */
		TRY(check_low_address(cpu, address, SPACE_REAL));
		TRY(clear_frames(cpu, gpa, end));
	}
	if (control & PFMF_SET_KEY)
		TRY(set_keys(cpu, gpa, end, control & 0xfe,
			     sske_control(cpu, PFMF_CONTROL(control)), &set, &old));
	if (large)
		set_address(cpu, op->r2, end & cpu->amask);
	return PFMF_FRAME(control) == FRAME_2G && end % TWO_GIGABYTES ? EXEC_AGAIN : EXEC_SYNC;
}

/* ---- TEST PROTECTION ---- */

/* The exceptions that TEST PROTECTION and LOAD REAL ADDRESS answer with cc 3 */
bool translation_failed(const struct pgm *pgm)
{
	return pgm->nullify;
}

/* May @access be done with this key? Sets neither reference nor change bit. */
static enum exec probe(struct sie_cpu *cpu, uint64_t address, tag_t tag, enum access access,
		       bool *permitted)
{
	enum exec st = access == ACCESS_STORE ? check_low_address(cpu, address, tag_space(tag))
					      : EXEC_NEXT;
	bool override = false;
	struct place place;
	uint8_t key;

	*permitted = false;
	if (st == EXEC_NEXT)
		st = logical_translate(cpu, address, tag, access, &place);
	if (st == EXEC_PGM && cpu->pgm.code == PGM_PROTECTION)
		return EXEC_NEXT;
	TRY(st);
	if (access == ACCESS_STORE && place.refusal)
		return EXEC_NEXT;
	key = place.acc < 0 ? key_value(key_of_page(cpu, place.gpa)) : (uint8_t)place.acc;
	if (access == ACCESS_FETCH)
		TRY(fetch_override(cpu, address, 1, tag_space(tag), &override));
	*permitted = key_permits(cpu, key, tag_key(tag), access, override);
	return EXEC_NEXT;
}

/* cc 0: fetching and storing permitted; 1 fetching; 2 neither; 3 no translation */
INSN(tprot)
{
	uint64_t address = operand_address(cpu, op);
	tag_t tag = tag_make(tag_space(cpu->space), second_address(cpu, op) >> 4 & 0xf);
	bool fetch, store = false;
	enum exec st;

	if (!is_protected(cpu) && (be32_get(cpu->scb->ictl) & ICTL_TPROT))
		return intercept_instruction(cpu, op);
	st = probe(cpu, address, tag, ACCESS_FETCH, &fetch);
	if (st == EXEC_PGM && translation_failed(&cpu->pgm)) {
		cpu->cc = 3;
		return EXEC_NEXT;
	}
	TRY(st);
	if (fetch)
		TRY(probe(cpu, address, tag, ACCESS_STORE, &store));
	cpu->cc = (uint8_t)(store ? 0 : fetch ? 1 : 2);
	return EXEC_NEXT;
}
