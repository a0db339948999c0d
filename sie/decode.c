/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From instruction text to operation. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "sie/insn.h"
#include "sie/mem.h"

#define ROW(opcode, name, format, facility, flags, cc, interception, fn)                           \
	{opcode, FMT_##format, CC_##cc, SIE_##interception, flags, facility, #name, insn_##fn},
const struct insn insn_rows[] = {
#include "sie/insn-data.h.inc"
};
#undef ROW
const unsigned int insn_rows_nr = sizeof(insn_rows) / sizeof(insn_rows[0]);

/* How the second part of an opcode is found, by first byte */
enum selector {
	WHOLE,
	SECOND_BYTE,
	SECOND_NIBBLE,
	LAST_BYTE
};

static uint16_t row_of_opcode[0x10000]; /* row number + 1 */
static uint8_t selector[0x100];

static void build_tables(void)
{
	static const uint8_t second_byte[] = {0x01, 0xb2, 0xb3, 0xb9, 0xe5};
	static const uint8_t second_nibble[] = {0xa5, 0xa7, 0xaa, 0xc0, 0xc2,
						0xc4, 0xc6, 0xc8, 0xcc};
	static const uint8_t last_byte[] = {0xe3, 0xe6, 0xe7, 0xeb, 0xec, 0xed};

	for (size_t i = 0; i < sizeof(second_byte); i++)
		selector[second_byte[i]] = SECOND_BYTE;
	for (size_t i = 0; i < sizeof(second_nibble); i++)
		selector[second_nibble[i]] = SECOND_NIBBLE;
	for (size_t i = 0; i < sizeof(last_byte); i++)
		selector[last_byte[i]] = LAST_BYTE;
	for (unsigned int i = 0; i < insn_rows_nr; i++)
		row_of_opcode[insn_rows[i].opcode] = (uint16_t)(i + 1);
}

void insn_tables_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, build_tables);
}

static unsigned int opcode_of(const uint8_t *text)
{
	unsigned int first = (unsigned int)text[0] << 8;

	switch (selector[text[0]]) {
	case SECOND_BYTE:
		return first | text[1];
	case SECOND_NIBBLE:
		return first | (text[1] & 0xf);
	case LAST_BYTE:
		return first | text[5];
	default:
		return first;
	}
}

const struct insn *insn_find(const uint8_t *text)
{
	unsigned int row = row_of_opcode[opcode_of(text)];

	return row ? &insn_rows[row - 1] : NULL;
}

/* ---- fields ---- */

#define NONE 16U

static uint8_t base(unsigned int r)
{
	return (uint8_t)(r ? r : NONE);
}

static void base_displacement(struct op *op, const uint8_t *at)
{
	op->b = base(at[0] >> 4);
	op->d = (at[0] & 0xf) << 8 | at[1];
}

static void second_base_displacement(struct op *op, const uint8_t *at)
{
	op->b2 = base(at[0] >> 4);
	op->d2 = (uint16_t)((at[0] & 0xf) << 8 | at[1]);
}

/* Low 12 bits first, then the high 8 bits */
static void long_displacement(struct op *op, const uint8_t *text)
{
	op->b = base(text[2] >> 4);
	op->d = (int8_t)text[4] * 4096 + ((text[2] & 0xf) << 8 | text[3]);
}

static int64_t signed16(const uint8_t *at)
{
	return (int16_t)raw_load2(at);
}

static int64_t signed32(const uint8_t *at)
{
	return (int32_t)raw_load4(at);
}

/* Branch target in the same page: its slot */
static void find_target(struct op *op, int slot)
{
	int64_t target = slot + op->imm;

	op->d = slot >= 0 && target >= 0 && target < (int64_t)CODE_SLOTS ? (int32_t)target : -1;
}

static void decode_fields(struct op *op, const uint8_t *t, enum insn_format format, int slot)
{
	op->r1 = t[1] >> 4;
	switch (format) {
	case FMT_E:
		break;
	case FMT_I:
		op->i = t[1];
		break;
	case FMT_RR:
	case FMT_RR_M:
		op->r2 = t[1] & 0xf;
		break;
	case FMT_RI:
		op->imm = signed16(t + 2);
		break;
	case FMT_RI_REL:
	case FMT_RI_MREL:
		op->imm = signed16(t + 2);
		find_target(op, slot);
		break;
	case FMT_RIE_A: /* r1 . i2 m3 . */
		op->imm = signed16(t + 2);
		op->r3 = t[4] >> 4;
		break;
	case FMT_RIE_B: /* r1 r2 ri4 m3 . */
		op->r2 = t[1] & 0xf;
		op->imm = signed16(t + 2);
		op->r3 = t[4] >> 4;
		find_target(op, slot);
		break;
	case FMT_RIE_C: /* r1 m3 ri4 i2 */
		op->r3 = t[1] & 0xf;
		op->imm = signed16(t + 2);
		op->i = t[4];
		find_target(op, slot);
		break;
	case FMT_RIE_D: /* r1 r3 i2 */
	case FMT_RIE_G: /* r1 m3 i2 */
		op->r3 = t[1] & 0xf;
		op->imm = signed16(t + 2);
		break;
	case FMT_RIE_E:
	case FMT_RSI:
		op->r3 = t[1] & 0xf;
		op->imm = signed16(t + 2);
		find_target(op, slot);
		break;
	case FMT_RIE_F: /* r1 r2 i3 i4 i5 */
		op->r2 = t[1] & 0xf;
		op->i = t[2];
		op->x = t[3];
		op->b2 = t[4];
		break;
	case FMT_RIL:
		op->imm = signed32(t + 2);
		break;
	case FMT_RIL_REL:
	case FMT_RIL_MREL:
		op->imm = signed32(t + 2);
		find_target(op, slot);
		break;
	case FMT_RIS: /* r1 m3 b4 d4 i2 */
		op->r3 = t[1] & 0xf;
		base_displacement(op, t + 2);
		op->i = t[4];
		break;
	case FMT_RRS: /* r1 r2 b4 d4 m3 . */
		op->r2 = t[1] & 0xf;
		base_displacement(op, t + 2);
		op->r3 = t[4] >> 4;
		break;
	case FMT_RRE:
		op->r1 = t[3] >> 4;
		op->r2 = t[3] & 0xf;
		break;
	case FMT_RRF: /* r3 or m3, m4 (in i), r1 r2 */
		op->r3 = t[2] >> 4;
		op->i = t[2] & 0xf;
		op->r1 = t[3] >> 4;
		op->r2 = t[3] & 0xf;
		break;
	case FMT_RRD: /* r1 in the third byte, r3 r2 */
		op->r1 = t[2] >> 4;
		op->r3 = t[3] >> 4;
		op->r2 = t[3] & 0xf;
		break;
	case FMT_RSL: /* l1 b1 d1 */
		base_displacement(op, t + 2);
		break;
	case FMT_RXF: /* r3 x2 b2 d2 r1 */
		op->r1 = t[4] >> 4;
		op->r3 = t[1] >> 4;
		op->x = base(t[1] & 0xf);
		base_displacement(op, t + 2);
		break;
	case FMT_RS:
		op->r3 = t[1] & 0xf;
		base_displacement(op, t + 2);
		break;
	case FMT_RSY:
		op->r3 = t[1] & 0xf;
		long_displacement(op, t);
		break;
	case FMT_RX:
	case FMT_RX_M:
	case FMT_RXE:
		op->x = base(t[1] & 0xf);
		base_displacement(op, t + 2);
		break;
	case FMT_RXY:
		op->x = base(t[1] & 0xf);
		long_displacement(op, t);
		break;
	case FMT_S:
		base_displacement(op, t + 2);
		break;
	case FMT_SI:
		op->i = t[1];
		base_displacement(op, t + 2);
		break;
	case FMT_SIY:
		op->i = t[1];
		long_displacement(op, t);
		break;
	case FMT_SIL:
		base_displacement(op, t + 2);
		op->imm = signed16(t + 4);
		break;
	case FMT_SS_L:
		op->r1 = t[1];
		base_displacement(op, t + 2);
		second_base_displacement(op, t + 4);
		break;
	case FMT_SS_LL:
	case FMT_SS_R:
		op->r3 = t[1] & 0xf;
		base_displacement(op, t + 2);
		second_base_displacement(op, t + 4);
		break;
	case FMT_SS_L2: /* the length is the second operand's */
		op->r3 = t[1];
		base_displacement(op, t + 2);
		second_base_displacement(op, t + 4);
		break;
	case FMT_SSE:
		base_displacement(op, t + 2);
		second_base_displacement(op, t + 4);
		break;
	case FMT_SSF:
		op->r3 = t[1] >> 4;
		base_displacement(op, t + 2);
		second_base_displacement(op, t + 4);
		break;
	case FMT_MII:
	case FMT_VRI:
	case FMT_VRR:
	case FMT_VRS:
	case FMT_VRX:
		break;
	}
}

/* ---- what has to hold ---- */

/* The first one of a VM is worth a line: somebody has to add it. What a protected guest executes,
 * and where, is its own. */
static void report(struct sie_cpu *cpu, const struct op *op, _Atomic bool *reported,
		   const char *what, const char *name)
{
	uint8_t t[6];

	if (atomic_exchange(reported, true))
		return;
	if (is_protected(cpu)) {
		fprintf(stderr, "sie: %s instruction in a protected guest\n", what);
		return;
	}
	insn_text(cpu, op, t);
	fprintf(stderr, "sie: %s instruction%s%s %02x%02x %02x%02x %02x%02x at %#lx\n", what,
		*name ? " " : "", name, t[0], t[1], t[2], t[3], t[4], t[5],
		(unsigned long)insn_address(cpu, op));
}

static enum exec insn_unknown(struct sie_cpu *cpu, const struct op *op)
{
	report(cpu, op, &cpu->vm->reported_unknown, "unknown", "");
	return program_interrupt(cpu, PGM_OPERATION);
}

/* Known, but not offered to this guest */
static enum exec insn_not_installed(struct sie_cpu *cpu, const struct op *op)
{
	return program_interrupt(cpu, PGM_OPERATION);
}

/* A row marked INSN_ABSENT */
INSN(absent)
{
	const struct insn *row = &insn_rows[op->row];

	if (!(row->flags & INSN_PROBED))
		report(cpu, op, &cpu->vm->reported_absent, "absent", row->name);
	return program_interrupt(cpu, PGM_OPERATION);
}

static bool odd_pair(const struct op *op, unsigned int flags)
{
	return ((flags & INSN_EVEN1) && (op->r1 & 1)) || ((flags & INSN_EVEN2) && (op->r2 & 1)) ||
	       ((flags & INSN_EVEN3) && (op->r3 & 1));
}

#define CR0_AFP              0x00040000UL
#define DXC_AFP_REGISTER     1
#define DXC_BFP_INSTRUCTION  2
#define BASIC_FP_REGISTER(r) (((r) & ~6U) == 0)

static bool needs_afp(const struct op *op, unsigned int flags)
{
	return ((flags & INSN_AFP1) && !BASIC_FP_REGISTER(op->r1)) ||
	       ((flags & INSN_AFP2) && !BASIC_FP_REGISTER(op->r2)) ||
	       ((flags & INSN_AFP3) && !BASIC_FP_REGISTER(op->r3));
}

static enum exec insn_checked(struct sie_cpu *cpu, const struct op *op)
{
	const struct insn *row = &insn_rows[op->row];

	if ((row->flags & INSN_PRIV) && problem_state(cpu))
		return program_interrupt(cpu, PGM_PRIVILEGED);
	if (odd_pair(op, row->flags))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if (!(cpu->state->crs[0] & CR0_AFP)) {
		if (row->flags & INSN_BFP)
			return data_exception(cpu, DXC_BFP_INSTRUCTION);
		if (needs_afp(op, row->flags))
			return data_exception(cpu, DXC_AFP_REGISTER);
	}
	return row->fn(cpu, op);
}

/* ---- access-register mode ---- */

/* Operands that general registers point at without being base registers; by default, of which the
 * operation's base registers are those of the first and the second operand. */
static void register_operands(const struct insn *row, const struct op *op, unsigned int *first,
			      unsigned int *second)
{
	*first = op->b;
	*second = op->b2;
	switch (row->opcode) {
	case 0x0e00:            /* MVCL */
	case 0x0f00:            /* CLCL */
	case 0xb254:            /* MVPG */
	case 0xb255:            /* MVST */
	case 0xb257:            /* CUSE */
	case 0xb25d:            /* CLST */
	case 0xb263:            /* CMPSC */
	case 0xb2a5:            /* TRE */
	case 0xb2a6:            /* CU21 */
	case 0xb2a7:            /* CU12 */
	case 0xb990 ... 0xb993: /* TRTT, TRTO, TROT, TROO */
	case 0xb9b0 ... 0xb9b3: /* CU14, CU24, CU41, CU42 */
		*first = op->r1;
		*second = op->r2;
		break;
	case 0xa800: /* MVCLE */
	case 0xa900: /* CLCLE */
	case 0xeb8e: /* MVCLU */
	case 0xeb8f: /* CLCLU */
		*first = op->r1;
		*second = op->r3;
		break;
	case 0xb223: /* IVSK */
	case 0xb241: /* CKSM */
	case 0xb250: /* CSP */
	case 0xb25e: /* SRST */
	case 0xb98a: /* CSPG */
	case 0xb9be: /* SRSTU */
		*first = op->r2;
		break;
	default:
		break;
	}
}

/* Whether and how an access register is translated shows when its space is accessed */
static enum exec insn_with_access_registers(struct sie_cpu *cpu, const struct op *op)
{
	unsigned int first, second;

	register_operands(&insn_rows[op->row], op, &first, &second);
	cpu->space = ar_space(cpu, first, psw_key(cpu));
	cpu->space2 = ar_space(cpu, second, psw_key(cpu));
	return insn_checked(cpu, op);
}

void insn_decode(struct sie_cpu *cpu, const uint8_t *text, struct op *op, int slot)
{
	const struct insn *row = insn_find(text);

	*op = (struct op){
		.x = NONE,
		.b = NONE,
		.b2 = NONE,
		.d = 0,
		.halfwords = (uint8_t)(insn_length(text[0]) / 2),
	};
	if (!row) {
		op->fn = insn_unknown;
		return;
	}
	op->row = (uint16_t)(row - insn_rows);
	decode_fields(op, text, row->format, slot);
	if (row->facility != FACILITY_BASE && !(row->flags & INSN_UNANNOUNCED) &&
	    !has_facility(cpu, row->facility))
		op->fn = insn_not_installed;
	else if (unlikely(access_register_mode(cpu)))
		op->fn = insn_with_access_registers;
	else if ((row->flags & (INSN_PRIV | INSN_BFP)) || odd_pair(op, row->flags) ||
		 needs_afp(op, row->flags))
		op->fn = insn_checked;
	else
		op->fn = row->fn;
}
