/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real addresses and moves between spaces. */
#include "sie/insn-operands.h"
#include "sie/intercept.h"

/* ---- load and store using real address ---- */

static enum exec load_real(struct sie_cpu *cpu, const struct op *op, unsigned int bytes,
			   uint8_t text[8])
{
	uint64_t real = cpu->gr[op->r2] & cpu->amask;

	if (real & (bytes - 1))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	return read_space(cpu, tag_make(SPACE_REAL, psw_key(cpu)), real, text, bytes);
}

INSN(lura)
{
	uint8_t text[8];

	TRY(load_real(cpu, op, 4, text));
	set_gr32(cpu, op->r1, raw_load4(text));
	return EXEC_NEXT;
}

INSN(lurag)
{
	uint8_t text[8];

	TRY(load_real(cpu, op, 8, text));
	cpu->gr[op->r1] = raw_load8(text);
	return EXEC_NEXT;
}

static enum exec store_real(struct sie_cpu *cpu, const struct op *op, unsigned int bytes)
{
	uint64_t real = cpu->gr[op->r2] & cpu->amask;
	uint8_t text[8];

	if (real & (bytes - 1))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if (bytes == 8)
		raw_store8(text, cpu->gr[op->r1]);
	else
		raw_store4(text, gr32(cpu, op->r1));
	return write_space(cpu, tag_make(SPACE_REAL, psw_key(cpu)), real, text, bytes);
}

INSN(stura)
{
	return store_real(cpu, op, 4);
}

INSN(sturg)
{
	return store_real(cpu, op, 8);
}

/* The doubleword of the second operand goes to the real address of the first */
INSN(strag)
{
	uint64_t real = operand_address(cpu, op);
	uint8_t text[8];

	if (!(cpu->mask & PSW_MASK_DAT))
		return program_interrupt(cpu, PGM_SPECIAL);
	if (real & 7)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(read_space(cpu, cpu->space2, second_address(cpu, op), text, sizeof(text)));
	return write_space(cpu, tag_make(SPACE_REAL, psw_key(cpu)), real, text, sizeof(text));
}

/* ---- LOAD REAL ADDRESS ---- */

/* The PSW's space bits count, whether DAT is on or not */
static enum space space_for_lra(const struct sie_cpu *cpu, const struct op *op)
{
	static const enum space spaces[] = {SPACE_PRIMARY, SPACE_AR, SPACE_SECONDARY, SPACE_HOME};
	enum space space = spaces[cpu->mask >> 46 & 3];

	return space == SPACE_AR ? tag_space(ar_space(cpu, op->b, 0)) : space;
}

#define CR0_SECONDARY_SPACE 0x04000000UL

/**
 * struct real_address - what the translation came to
 * @cc: 0 @address is the real one; 1 segment, 2 page invalid: it is the table entry's;
 *      3 likewise with an entry that is not in its segment table, and all else
 * @code: why, if not cc 0
 * @has_address: what @address is for
 */
struct real_address {
	uint64_t address;
	uint16_t code;
	uint8_t cc;
	bool has_address;
};

static enum exec translate_for_lra(struct sie_cpu *cpu, const struct op *op, uint64_t address,
				   struct translation *t)
{
	bool fetch_only;
	uint64_t asce;

	*t = (struct translation){.real = address};
	cpu->pgm = (struct pgm){.code = 0};
	TRY(space_asce(cpu, space_for_lra(cpu, op), &asce, &fetch_only));
	return asce & ASCE_REAL_SPACE ? EXEC_NEXT : dat_translate(cpu, asce, address, t);
}

static enum exec find_real_address(struct sie_cpu *cpu, const struct op *op, struct real_address *r)
{
	struct translation t;
	enum exec st = translate_for_lra(cpu, op, indexed_address(cpu, op), &t);
	uint16_t code = cpu->pgm.code;

	if (st != EXEC_PGM) {
		*r = (struct real_address){.address = t.real, .has_address = true};
		return st;
	}
	if (code == PGM_TRANSLATION || code == PGM_ADDRESSING || code == PGM_ALET)
		return st;
	*r = (struct real_address){
		.address = t.entry,
		.code = code,
		.cc = code == PGM_SEGMENT && !t.beyond ? 1
		      : code == PGM_PAGE               ? 2
						       : 3,
		.has_address = code == PGM_SEGMENT || code == PGM_PAGE,
	};
	return EXEC_NEXT;
}

static void set_exception_code(struct sie_cpu *cpu, const struct op *op, uint16_t code)
{
	set_gr32(cpu, op->r1, 0x80000000U | code);
	cpu->cc = 3;
}

/* 31 bits of an address, unless it is longer and the mode lets all of it be told */
INSN(lra)
{
	struct real_address r;

	TRY(find_real_address(cpu, op, &r));
	if (r.cc == 0 && r.address >> 31 && !(cpu->mask & PSW_MASK_EA))
		return program_interrupt(cpu, PGM_SPECIAL);
	cpu->cc = r.cc;
	if (r.cc != 3 && (cpu->mask & PSW_MASK_EA))
		cpu->gr[op->r1] = r.address;
	else if (!r.has_address || r.address >> 31)
		set_exception_code(cpu, op, r.code);
	else
		set_gr32(cpu, op->r1, (uint32_t)r.address);
	return EXEC_NEXT;
}

INSN(lrag)
{
	struct real_address r;

	TRY(find_real_address(cpu, op, &r));
	cpu->cc = r.cc;
	if (r.has_address)
		cpu->gr[op->r1] = r.address;
	else
		set_exception_code(cpu, op, r.code);
	return EXEC_NEXT;
}

/* ---- moves with keys and spaces ---- */

/* The source is tested before the destination, both before the first byte */
static enum exec move_key(struct sie_cpu *cpu, tag_t to_space, uint64_t to, tag_t from_space,
			  uint64_t from, uint64_t len, unsigned int limit)
{
	uint8_t buf[PAGE_SIZE];
	unsigned int n = len > limit ? limit : (unsigned int)len;

	if (n) {
		TRY(read_space(cpu, from_space, from, buf, n));
		TRY(write_space(cpu, to_space, to, buf, n));
	}
	return EXEC_NEXT;
}

static uint64_t key_length(const struct sie_cpu *cpu, unsigned int r)
{
	return cpu->mask & PSW_MASK_EA ? cpu->gr[r] : gr32(cpu, r);
}

static unsigned int key_in(const struct sie_cpu *cpu, unsigned int r)
{
	return cpu->gr[r] >> 4 & 0xf;
}

static tag_t with_key(tag_t space, unsigned int key)
{
	return tag_make(tag_space(space), key);
}

/* In problem state the PSW-key mask in CR3 has to allow a key */
static bool key_refused(const struct sie_cpu *cpu, unsigned int key)
{
	return problem_state(cpu) && !(cpu->state->crs[3] & (0x80000000UL >> key));
}

/* MOVE WITH KEY: true length in r1, 256 at most; source key in r3 */
INSN(mvck)
{
	uint64_t len = key_length(cpu, op->r1);
	unsigned int key = key_in(cpu, op->r3);

	if (key_refused(cpu, key))
		return program_interrupt(cpu, PGM_PRIVILEGED);
	TRY(move_key(cpu, cpu->space, operand_address(cpu, op), with_key(cpu->space2, key),
		     second_address(cpu, op), len, 256));
	cpu->cc = len > 256 ? 3 : 0;
	return EXEC_NEXT;
}

/* MOVE TO PRIMARY, MOVE TO SECONDARY: the key in r3 is the secondary space's */
static enum exec move_spaces(struct sie_cpu *cpu, const struct op *op, bool to_primary)
{
	uint64_t len = key_length(cpu, op->r1);
	unsigned int key = key_in(cpu, op->r3);
	tag_t primary = tag_make(SPACE_PRIMARY, psw_key(cpu));
	tag_t secondary = tag_make(SPACE_SECONDARY, key);

	/* In primary or secondary mode only */
	if (!(cpu->mask & PSW_MASK_DAT) || (cpu->mask >> 46 & 1) ||
	    !(cpu->state->crs[0] & CR0_SECONDARY_SPACE))
		return program_interrupt(cpu, PGM_SPECIAL);
	if (key_refused(cpu, key))
		return program_interrupt(cpu, PGM_PRIVILEGED);
	TRY(move_key(cpu, to_primary ? primary : secondary, operand_address(cpu, op),
		     to_primary ? secondary : primary, second_address(cpu, op), len, 256));
	cpu->cc = len > 256 ? 3 : 0;
	return EXEC_NEXT;
}

INSN(mvcp)
{
	return move_spaces(cpu, op, true);
}

INSN(mvcs)
{
	return move_spaces(cpu, op, false);
}

/* Length - 1 in GR0, key in GR1 */
static enum exec move_key_fixed(struct sie_cpu *cpu, const struct op *op, bool to_key)
{
	unsigned int key = key_in(cpu, 1);

	if (key_refused(cpu, key))
		return program_interrupt(cpu, PGM_PRIVILEGED);
	return move_key(cpu, to_key ? with_key(cpu->space, key) : cpu->space,
			operand_address(cpu, op), to_key ? cpu->space2 : with_key(cpu->space2, key),
			second_address(cpu, op), (cpu->gr[0] & 0xff) + 1, 256);
}

INSN(mvcsk)
{
	return move_key_fixed(cpu, op, false);
}

INSN(mvcdk)
{
	return move_key_fixed(cpu, op, true);
}

/* An operand-access control of MVCOS: the key and the space, each with a bit that says it counts */
#define OAC_KEY(oac)     ((oac) >> 12 & 0xf)
#define OAC_AS(oac)      ((oac) >> 6 & 3)
#define OAC_HAS_KEY(oac) ((oac)&2)
#define OAC_HAS_AS(oac)  ((oac)&1)
#define AS_HOME          3U

/* @space: of the operand if the control does not say; @b: its base register */
static tag_t oac_tag(const struct sie_cpu *cpu, uint32_t oac, tag_t space, uint8_t b)
{
	static const enum space spaces[] = {SPACE_PRIMARY, SPACE_AR, SPACE_SECONDARY, SPACE_HOME};
	unsigned int key = OAC_HAS_KEY(oac) ? OAC_KEY(oac) : psw_key(cpu);

	if (!OAC_HAS_AS(oac))
		return with_key(space, key);
	if (spaces[OAC_AS(oac)] == SPACE_AR)
		return ar_space(cpu, b, key);
	return tag_make(spaces[OAC_AS(oac)], key);
}

INSN(mvcos)
{
	uint64_t len = key_length(cpu, op->r3);
	uint32_t first = gr32(cpu, 0) >> 16, second = gr32(cpu, 0) & 0xffff;

	if (!(cpu->mask & PSW_MASK_DAT) || !(cpu->state->crs[0] & CR0_SECONDARY_SPACE))
		return program_interrupt(cpu, PGM_SPECIAL);
	if (problem_state(cpu) && OAC_HAS_AS(first) && OAC_AS(first) == AS_HOME)
		return program_interrupt(cpu, PGM_SPECIAL);
	if ((OAC_HAS_KEY(first) && key_refused(cpu, OAC_KEY(first))) ||
	    (OAC_HAS_KEY(second) && key_refused(cpu, OAC_KEY(second))))
		return program_interrupt(cpu, PGM_PRIVILEGED);
	TRY(move_key(cpu, oac_tag(cpu, first, cpu->space, op->b), operand_address(cpu, op),
		     oac_tag(cpu, second, cpu->space2, op->b2), second_address(cpu, op), len,
		     (unsigned int)PAGE_SIZE));
	cpu->cc = len > PAGE_SIZE ? 3 : 0;
	return EXEC_NEXT;
}

/* ---- MOVE PAGE ---- */

/* GR0: whose key the one in bits 56-59 is, and that invalid pages are told by the condition code */
#define MVPG_RESERVED   0xf000UL
#define MVPG_TO_KEY     0x800UL
#define MVPG_FROM_KEY   0x400UL
#define MVPG_TELL_BY_CC 0x100UL

/* An operand's page is invalid: condition code, if the guest wants that, else the interruption */
static enum exec page_refused(struct sie_cpu *cpu, const struct op *op, enum exec st, uint8_t cc)
{
	if (st != EXEC_PGM || cpu->pgm.code != PGM_PAGE)
		return st;
	if (cpu->gr[0] & MVPG_TELL_BY_CC) {
		cpu->cc = cc;
		return EXEC_NEXT;
	}
	cpu->pgm.operand_access_id = (uint8_t)(op->r1 << 4 | op->r2);
	return st;
}

static enum exec move_page(struct sie_cpu *cpu, const struct op *op, uint64_t to, tag_t to_tag,
			   uint64_t from, tag_t from_tag)
{
	uint8_t buf[PAGE_SIZE];
	enum exec st = read_space(cpu, from_tag, from, buf, PAGE_SIZE);
	uint8_t cc = 2;

	if (st == EXEC_NEXT) {
		st = write_space(cpu, to_tag, to, buf, PAGE_SIZE);
		cc = 1;
	}
	if (st == EXEC_FAULT && is_nested_ordinary(cpu))
		return nested_partial_execution(cpu, op, to, to_tag, from, from_tag);
	if (st != EXEC_NEXT)
		return page_refused(cpu, op, st, cc);
	cpu->cc = 0;
	return EXEC_NEXT;
}

INSN(mvpg)
{
	uint64_t to = cpu->gr[op->r1] & cpu->amask & PAGE_MASK;
	uint64_t from = cpu->gr[op->r2] & cpu->amask & PAGE_MASK;
	uint64_t control = cpu->gr[0], both = MVPG_TO_KEY | MVPG_FROM_KEY;
	unsigned int key = key_in(cpu, 0);
	tag_t to_tag = control & MVPG_TO_KEY ? with_key(cpu->space, key) : cpu->space;
	tag_t from_tag = control & MVPG_FROM_KEY ? with_key(cpu->space2, key) : cpu->space2;

	if (is_nested_ordinary(cpu) && !(be32_get(cpu->scb->eca) & ECA_MVPGI))
		return intercept_instruction(cpu, op);
	if ((control & MVPG_RESERVED) || (control & both) == both)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if ((control & both) && key_refused(cpu, key))
		return program_interrupt(cpu, PGM_PRIVILEGED);
	return move_page(cpu, op, to, to_tag, from, from_tag);
}
