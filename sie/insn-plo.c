/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PERFORM LOCKED OPERATION.
 *
 * The function code is an operation and a form: words in registers, doublewords in the parameter
 * list, doublewords in registers, quadwords in the parameter list. One lock of the VM stands for
 * those of all program lock tokens: it is held for some loads and stores, and never while the CPU
 * may leave the engine, since all operands have been found before.
 */
#include "sie/insn-wide.h"

#define TEST_FUNCTION  0x100UL
#define GR0_RESERVED   0xfffffe00UL
#define FUNCTION_CODES 24U
#define FORMS          4U
#define LIST_MAX       144U

enum operation {
	COMPARE_AND_LOAD,
	COMPARE_AND_SWAP,
	DOUBLE_COMPARE_AND_SWAP,
	COMPARE_AND_SWAP_AND_STORE,
	COMPARE_AND_SWAP_AND_DOUBLE_STORE,
	COMPARE_AND_SWAP_AND_TRIPLE_STORE,
};

/* Values in the parameter list: the last bytes of 16 from here on */
#define LIST_COMPARE 0U  /* first operand, comparison value */
#define LIST_REPLACE 16U /* first operand, replacement value */
#define LIST_THIRD   32U /* third operand, or its comparison value */
#define LIST_STORE   48U /* what goes to the fourth operand; 32 further the sixth, the eighth */
#define LIST_ALET    68U /* access-list-entry token of the fourth operand; likewise */
#define LIST_ADDRESS 72U /* its address; likewise */
#define LIST_NEXT    32U

/**
 * struct plo - one execution
 * @size: bytes of an operand
 * @list: operands are in the parameter list; else in registers
 * @others: operands at addresses of their own: the fourth, sixth, eighth
 * @text: copy of the parameter list
 * @at: where it lies, for what is stored into it
 */
struct plo {
	enum operation operation;
	unsigned int size;
	bool list;
	unsigned int others;
	uint8_t *second;
	uint8_t *other[3];
	uint8_t text[LIST_MAX];
	struct span at;
};

static unsigned int other_operands(const struct plo *p)
{
	switch (p->operation) {
	case COMPARE_AND_SWAP:
		return 0;
	case COMPARE_AND_SWAP_AND_DOUBLE_STORE:
		return 2;
	case COMPARE_AND_SWAP_AND_TRIPLE_STORE:
		return 3;
	default:
		return 1;
	}
}

/* Two and three stores need addresses from a list even if the values are in registers */
static bool has_list(const struct plo *p)
{
	return p->list || p->others > 1;
}

static unsigned int list_length(const struct plo *p)
{
	return p->others ? LIST_ADDRESS + 8 + LIST_NEXT * (p->others - 1) : LIST_THIRD;
}

static bool odd_registers(const struct plo *p, const struct op *op)
{
	if (p->list || p->operation == COMPARE_AND_LOAD)
		return false;
	return (op->r1 & 1) || (p->operation == DOUBLE_COMPARE_AND_SWAP && (op->r3 & 1));
}

/* The token takes effect in the access register; a translation found by it before is void */
static void load_access_register(struct sie_cpu *cpu, unsigned int r, uint32_t alet,
				 uint64_t *own_drops)
{
	uint64_t before = cpu->drops;

	cpu->state->acrs[r] = alet;
	access_registers_loaded(cpu);
	*own_drops += cpu->drops - before;
}

/* Operand @n of those with an address in the parameter list */
static enum exec find_listed(struct sie_cpu *cpu, const struct op *op, struct plo *p,
			     unsigned int n, enum access access, uint64_t *own_drops)
{
	const uint8_t *entry = p->text + LIST_NEXT * n;
	uint64_t address = raw_load8(entry + LIST_ADDRESS) & cpu->amask;
	tag_t space = cpu->space2;

	if (access_register_mode(cpu)) {
		if (!op->r3)
			return program_interrupt(cpu, PGM_SPECIFICATION);
		load_access_register(cpu, op->r3, raw_load4(entry + LIST_ALET), own_drops);
		space = ar_space(cpu, op->r3, psw_key(cpu));
	}
	if (address & (p->size - 1))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	return space_pointer(cpu, space, address, p->size, access, &p->other[n]);
}

static enum exec find_others(struct sie_cpu *cpu, const struct op *op, struct plo *p,
			     uint64_t *own_drops)
{
	enum access access = p->operation == COMPARE_AND_LOAD ? ACCESS_FETCH : ACCESS_STORE;

	if (!has_list(p) && p->others)
		return space_pointer(cpu, cpu->space2, second_address(cpu, op), p->size, access,
				     &p->other[0]);
	for (unsigned int n = 0; n < p->others; n++)
		TRY(find_listed(cpu, op, p, n, access, own_drops));
	return EXEC_NEXT;
}

static enum exec find_list(struct sie_cpu *cpu, const struct op *op, struct plo *p)
{
	enum access access = p->list ? ACCESS_STORE : ACCESS_FETCH;
	uint64_t address = second_address(cpu, op);
	unsigned int length = list_length(p);

	if (!has_list(p))
		return EXEC_NEXT;
	TRY(span_space(cpu, cpu->space2, address, length, access, &p->at));
	for (unsigned int i = 0; i < length; i++)
		p->text[i] = raw_load1(span_at(&p->at, i));
	return EXEC_NEXT;
}

/* All operands, at the same time good: what another CPU has purged meanwhile is looked up again */
static enum exec find_operands(struct sie_cpu *cpu, const struct op *op, struct plo *p)
{
	enum access access = p->operation == COMPARE_AND_LOAD ? ACCESS_FETCH : ACCESS_STORE;
	uint64_t drops, own;

	do {
		drops = cpu->drops;
		own = 0;
		TRY(space_pointer(cpu, cpu->space, operand_address(cpu, op), p->size, access,
				  &p->second));
		TRY(find_list(cpu, op, p));
		TRY(find_others(cpu, op, p, &own));
	} while (cpu->drops - drops != own);
	return EXEC_NEXT;
}

/* ---- values: in the list, or in registers ---- */

static struct wide listed(const struct plo *p, unsigned int slot)
{
	return wide_load(p->text + slot + 16 - p->size, p->size);
}

static struct wide value(const struct sie_cpu *cpu, const struct plo *p, unsigned int slot,
			 unsigned int r)
{
	return p->list ? listed(p, slot) : wide_in(cpu, r, p->size);
}

static void set_value(struct sie_cpu *cpu, struct plo *p, unsigned int slot, unsigned int r,
		      struct wide v)
{
	uint8_t text[16];

	if (!p->list) {
		set_wide(cpu, r, p->size, v);
		return;
	}
	wide_store(text, p->size, v);
	for (unsigned int i = 0; i < p->size; i++)
		raw_store1(span_at(&p->at, slot + 16 - p->size + i), text[i]);
}

/* What goes to the fourth operand; the sixth's and the eighth's are always in the list */
static struct wide to_store(const struct sie_cpu *cpu, const struct op *op, const struct plo *p,
			    unsigned int n)
{
	if (p->operation == DOUBLE_COMPARE_AND_SWAP)
		return value(cpu, p, LIST_STORE, op->r3 + 1U);
	if (p->operation == COMPARE_AND_SWAP_AND_STORE)
		return value(cpu, p, LIST_STORE, op->r3);
	return listed(p, LIST_STORE + LIST_NEXT * n);
}

static uint8_t perform(struct sie_cpu *cpu, const struct op *op, struct plo *p)
{
	struct wide second = wide_load(p->second, p->size), fourth;

	if (!wide_equal(value(cpu, p, LIST_COMPARE, op->r1), second)) {
		set_value(cpu, p, LIST_COMPARE, op->r1, second);
		return 1;
	}
	if (p->operation == COMPARE_AND_LOAD) {
		set_value(cpu, p, LIST_THIRD, op->r3, wide_load(p->other[0], p->size));
		return 0;
	}
	if (p->operation == DOUBLE_COMPARE_AND_SWAP) {
		fourth = wide_load(p->other[0], p->size);
		if (!wide_equal(value(cpu, p, LIST_THIRD, op->r3), fourth)) {
			set_value(cpu, p, LIST_THIRD, op->r3, fourth);
			return 2;
		}
	}
	for (unsigned int n = 0; n < p->others; n++)
		wide_store(p->other[n], p->size, to_store(cpu, op, p, n));
	wide_store(p->second, p->size, value(cpu, p, LIST_REPLACE, op->r1 + 1U));
	return 0;
}

bool plo_has_function(unsigned int function)
{
	return function < FUNCTION_CODES;
}

INSN(plo)
{
	static const uint8_t size[FORMS] = {4, 8, 8, 16};
	unsigned int function = (uint8_t)cpu->gr[0];
	struct plo p = {
		.operation = (enum operation)(function / FORMS),
		.size = size[function % FORMS],
		.list = function & 1,
	};
	uint32_t alet = cpu->state->acrs[op->r3];
	uint64_t own_drops = 0;
	enum exec st;

	if (cpu->gr[0] & GR0_RESERVED)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if (cpu->gr[0] & TEST_FUNCTION) {
		cpu->cc = plo_has_function(function) ? 0 : 3;
		return EXEC_NEXT;
	}
	p.others = other_operands(&p);
	if (!plo_has_function(function) || odd_registers(&p, op) ||
	    (operand_address(cpu, op) & (p.size - 1)) ||
	    (has_list(&p) && (second_address(cpu, op) & 7)) ||
	    (!has_list(&p) && p.others && (second_address(cpu, op) & (p.size - 1))))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	st = find_operands(cpu, op, &p);
	if (st != EXEC_NEXT) {
		if (cpu->state->acrs[op->r3] != alet)
			load_access_register(cpu, op->r3, alet, &own_drops);
		return st;
	}
	pthread_mutex_lock(&cpu->vm->locked_operation);
	serialise();
	cpu->cc = perform(cpu, op, &p);
	serialise();
	pthread_mutex_unlock(&cpu->vm->locked_operation);
	return EXEC_SYNC;
}
