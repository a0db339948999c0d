/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clocks: TOD, clock comparator, CPU timer. */
#include "sie/insn-operands.h"
#include "sie/intercept.h"

#include <string.h>

static uint64_t vm_tod(const struct sie_cpu *cpu)
{
	return cpu->vm->env->tod(cpu->vm->owner);
}

uint64_t tod_now(const struct sie_cpu *cpu)
{
	return vm_tod(cpu) + cpu->tod_offset;
}

void cpu_timer_sync(struct sie_cpu *cpu)
{
	uint64_t now = tod_now(cpu);

	cpu->state->cpu_timer -= now - cpu->timer_base;
	cpu->timer_base = now;
}

/* STORE CLOCK never stores a value twice, on whatever CPU of the VM */
static uint64_t tod_unique(struct sie_cpu *cpu)
{
	uint64_t now = vm_tod(cpu);
	uint64_t last = atomic_load(&cpu->vm->last_tod);

	do {
		if (now <= last)
			now = last + 1;
	} while (!atomic_compare_exchange_weak(&cpu->vm->last_tod, &last, now));
	return now + cpu->tod_offset;
}

static enum exec store_clock(struct sie_cpu *cpu, const struct op *op, uint64_t tod)
{
	TRY(write8(cpu, operand_address(cpu, op), tod));
	cpu->cc = 0;
	return EXEC_NEXT;
}

INSN(stck)
{
	serialise();
	return store_clock(cpu, op, tod_unique(cpu));
}

INSN(stckf)
{
	return store_clock(cpu, op, tod_now(cpu));
}

INSN(stcke)
{
	uint64_t tod = tod_unique(cpu);
	uint8_t text[16] = {0};

	raw_store8(text + 1, tod);
	/* Bits 64-103 of the clock do not run here; the bit behind the TOD keeps it nonzero */
	text[9] = 1;
	raw_store2(text + 14, (uint16_t)cpu->state->todpr);
	TRY(write_bytes(cpu, operand_address(cpu, op), text, sizeof(text)));
	cpu->cc = 0;
	return EXEC_NEXT;
}

INSN(sckpf)
{
	if (gr32(cpu, 0) >> 16)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	cpu->state->todpr = gr32(cpu, 0) & 0xffff;
	return EXEC_NEXT;
}

static enum exec aligned_doubleword(struct sie_cpu *cpu, const struct op *op)
{
	if (operand_address(cpu, op) & 7)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	return EXEC_NEXT;
}

INSN(sckc)
{
	TRY(aligned_doubleword(cpu, op));
	TRY(read8(cpu, operand_address(cpu, op), &cpu->state->clock_comparator));
	return EXEC_ENABLE;
}

INSN(stckc)
{
	TRY(aligned_doubleword(cpu, op));
	return write8(cpu, operand_address(cpu, op), cpu->state->clock_comparator);
}

INSN(spt)
{
	uint64_t v;

	TRY(aligned_doubleword(cpu, op));
	TRY(read8(cpu, operand_address(cpu, op), &v));
	cpu->state->cpu_timer = v;
	cpu->timer_base = tod_now(cpu);
	return EXEC_ENABLE;
}

INSN(stpt)
{
	TRY(aligned_doubleword(cpu, op));
	cpu_timer_sync(cpu);
	return write8(cpu, operand_address(cpu, op), cpu->state->cpu_timer);
}

/* ---- PERFORM TIMING FACILITY FUNCTION: code in GR0, parameter block at GR1 ---- */

#define PTFF_MODIFIER 0x80U /* must be zero */
#define PTFF_CONTROL  0x40U /* the functions that set something */

/** enum ptff - the query functions */
enum ptff {
	PTFF_QAF, /* available functions: a bit each */
	PTFF_QTO, /* TOD offset: clock, offset, logical offset, epoch difference */
	PTFF_QSI, /* steering: clock; of two episodes start, offset, and two rates */
	PTFF_QPT, /* physical clock */
	PTFF_QUERIES
};

const uint8_t ptff_functions[QUERY_BYTES] = {0xf0};

uint64_t tod_epoch(const struct sie_cpu *cpu)
{
	const struct sie_env *env = cpu->vm->env;

	return (env->epoch ? env->epoch(cpu->vm->owner) : 0) + cpu->tod_offset;
}

/* The machine's clock was never steered: its own offset and both episodes are zero */
static unsigned int timing_query(const struct sie_cpu *cpu, enum ptff function, uint8_t *block)
{
	static const uint8_t length[PTFF_QUERIES] = {16, 32, 56, 8};
	uint64_t epoch = tod_epoch(cpu);

	if (function == PTFF_QAF) {
		memcpy(block, ptff_functions, sizeof(ptff_functions));
		return length[function];
	}
	raw_store8(block, tod_now(cpu) - epoch);
	if (function == PTFF_QTO) {
		raw_store8(block + 16, epoch);
		raw_store8(block + 24, epoch);
	}
	return length[function];
}

INSN(ptff)
{
	unsigned int function = (unsigned int)cpu->gr[0] & 0x7f;
	uint8_t block[56] = {0};

	if (cpu->gr[0] & PTFF_MODIFIER)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if ((function & PTFF_CONTROL) && problem_state(cpu))
		return program_interrupt(cpu, PGM_PRIVILEGED);
	if ((function & PTFF_CONTROL) && !is_protected(cpu))
		return intercept_instruction(cpu, op);
	if (function < PTFF_QUERIES)
		TRY(write_space(cpu, register_space(cpu, 1), cpu->gr[1] & cpu->amask, block,
				timing_query(cpu, (enum ptff)function, block)));
	cpu->cc = function < PTFF_QUERIES ? 0 : 3;
	return EXEC_NEXT;
}

/* EXTRACT CPU TIME: GR0 = first operand - timer, GR1 = second operand, R3 = what r3 points at */
INSN(ectg)
{
	uint8_t second[8], third[8];
	uint64_t first;

	TRY(read8(cpu, operand_address(cpu, op), &first));
	TRY(read_second(cpu, second_address(cpu, op), second, sizeof(second)));
	TRY(read_space(cpu, register_space(cpu, op->r3), cpu->gr[op->r3] & cpu->amask, third,
		       sizeof(third)));
	cpu_timer_sync(cpu);
	cpu->gr[0] = first - cpu->state->cpu_timer;
	cpu->gr[1] = raw_load8(second);
	cpu->gr[op->r3] = raw_load8(third);
	return EXEC_NEXT;
}
