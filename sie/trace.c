/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trace lines and the disassembler behind them; both from the instruction list. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sie/insn.h"
#include "sie/mem.h"

/* Appends to a line of bounded size */
struct text {
	char *at;
	size_t room;
};

static void __attribute__((format(printf, 2, 3))) add(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->at, t->room, format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n >= t->room)
		n = t->room ? (int)t->room - 1 : 0;
	t->at += n;
	t->room -= (size_t)n;
}

static void add_storage(struct text *t, const uint8_t *at)
{
	add(t, "%u(%%r%u)", (at[0] & 0xfU) << 8 | at[1], at[0] >> 4);
}

static void add_long(struct text *t, const uint8_t *i, bool indexed)
{
	int d = (int8_t)i[4] * 4096 + ((i[2] & 0xf) << 8 | i[3]);

	if (indexed)
		add(t, "%d(%%r%u,%%r%u)", d, i[1] & 0xfU, i[2] >> 4);
	else
		add(t, "%d(%%r%u)", d, i[2] >> 4);
}

static void add_indexed(struct text *t, const uint8_t *i)
{
	add(t, "%u(%%r%u,%%r%u)", (i[2] & 0xfU) << 8 | i[3], i[1] & 0xfU, i[2] >> 4);
}

static void add_two_storages(struct text *t, const uint8_t *i)
{
	add_storage(t, i + 2);
	add(t, ",");
	add_storage(t, i + 4);
}

static void add_target(struct text *t, const uint8_t *at, bool wide, uint64_t address)
{
	int64_t halfwords = wide ? (int32_t)raw_load4(at) : (int16_t)raw_load2(at);

	add(t, "%#" PRIx64, address + (uint64_t)halfwords * 2);
}

static void add_register_operands(struct text *t, const uint8_t *i, enum insn_format format)
{
	unsigned int high = i[1] >> 4, low = i[1] & 0xf;

	switch (format) {
	case FMT_I:
		add(t, "%u", i[1]);
		break;
	case FMT_RR:
		add(t, "%%r%u,%%r%u", high, low);
		break;
	case FMT_RR_M:
		add(t, "%u,%%r%u", high, low);
		break;
	case FMT_RRE:
		add(t, "%%r%u,%%r%u", i[3] >> 4, i[3] & 0xfU);
		break;
	case FMT_RRD:
		add(t, "%%r%u,%%r%u,%%r%u", i[2] >> 4, i[3] >> 4, i[3] & 0xfU);
		break;
	case FMT_RRF:
		add(t, "%%r%u,%%r%u,%u,%u", i[3] >> 4, i[3] & 0xfU, i[2] >> 4, i[2] & 0xfU);
		break;
	case FMT_RI:
	case FMT_RIE_A:
		add(t, "%%r%u,%d", high, (int16_t)raw_load2(i + 2));
		break;
	case FMT_RIL:
		add(t, "%%r%u,%d", high, (int32_t)raw_load4(i + 2));
		break;
	case FMT_RIE_D:
		add(t, "%%r%u,%%r%u,%d", high, low, (int16_t)raw_load2(i + 2));
		break;
	case FMT_RIE_G:
		add(t, "%%r%u,%d,%u", high, (int16_t)raw_load2(i + 2), low);
		break;
	case FMT_RIE_F:
		add(t, "%%r%u,%%r%u,%u,%u,%u", high, low, i[2], i[3], i[4]);
		break;
	default:
		break;
	}
}

static void add_branch_operands(struct text *t, const uint8_t *i, enum insn_format format,
				uint64_t address)
{
	unsigned int high = i[1] >> 4, low = i[1] & 0xf;

	switch (format) {
	case FMT_RI_REL:
	case FMT_RIL_REL:
		add(t, "%%r%u,", high);
		break;
	case FMT_RI_MREL:
	case FMT_RIL_MREL:
		add(t, "%u,", high);
		break;
	case FMT_RIE_B:
		add(t, "%%r%u,%%r%u,%u,", high, low, i[4] >> 4);
		break;
	case FMT_RIE_C:
		add(t, "%%r%u,%u,%u,", high, i[4], low);
		break;
	default: /* RSI, RIE_E */
		add(t, "%%r%u,%%r%u,", high, low);
		break;
	}
	add_target(t, i + 2, format == FMT_RIL_REL || format == FMT_RIL_MREL, address);
}

static void add_storage_operands(struct text *t, const uint8_t *i, enum insn_format format)
{
	unsigned int high = i[1] >> 4, low = i[1] & 0xf;

	switch (format) {
	case FMT_RX:
	case FMT_RX_M:
		add(t, format == FMT_RX ? "%%r%u," : "%u,", high);
		add_indexed(t, i);
		break;
	case FMT_RXE:
		add(t, "%%r%u,", high);
		add_indexed(t, i);
		break;
	case FMT_RXF:
		add(t, "%%r%u,%%r%u,", i[4] >> 4, high);
		add_indexed(t, i);
		break;
	case FMT_RSL:
		add_storage(t, i + 2);
		add(t, ",%u", high + 1);
		break;
	case FMT_RXY:
		add(t, "%%r%u,", high);
		add_long(t, i, true);
		break;
	case FMT_RS:
		add(t, "%%r%u,%%r%u,", high, low);
		add_storage(t, i + 2);
		break;
	case FMT_RSY:
		add(t, "%%r%u,%%r%u,", high, low);
		add_long(t, i, false);
		break;
	case FMT_S:
		add_storage(t, i + 2);
		break;
	case FMT_SI:
		add_storage(t, i + 2);
		add(t, ",%u", i[1]);
		break;
	case FMT_SIY:
		add_long(t, i, false);
		add(t, ",%u", i[1]);
		break;
	case FMT_SIL:
		add_storage(t, i + 2);
		add(t, ",%d", (int16_t)raw_load2(i + 4));
		break;
	case FMT_RIS:
		add(t, "%%r%u,%u,%u,", high, i[4], low);
		add_storage(t, i + 2);
		break;
	case FMT_RRS:
		add(t, "%%r%u,%%r%u,%u,", high, low, i[4] >> 4);
		add_storage(t, i + 2);
		break;
	case FMT_SS_R:
	case FMT_SSF:
		add(t, "%%r%u,%%r%u,", high, low);
		add_two_storages(t, i);
		break;
	case FMT_SS_L:
	case FMT_SS_L2:
		add_two_storages(t, i);
		add(t, ",%u", i[1] + 1U);
		break;
	case FMT_SS_LL:
		add_two_storages(t, i);
		add(t, ",%u,%u", high + 1, low + 1);
		break;
	case FMT_SSE:
		add_two_storages(t, i);
		break;
	default:
		break;
	}
}

void insn_disassemble(const uint8_t *text, uint64_t address, char *line, size_t size)
{
	const struct insn *row = insn_find(text);
	struct text t = {line, size};

	if (!row) {
		add(&t, ".insn %02x%02x", text[0], text[1]);
		return;
	}
	for (const char *c = row->name; *c; c++)
		add(&t, "%c", *c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
	add(&t, " ");
	switch ((enum insn_format)row->format) {
	case FMT_RI_REL:
	case FMT_RI_MREL:
	case FMT_RIE_B:
	case FMT_RIE_C:
	case FMT_RIE_E:
	case FMT_RIL_REL:
	case FMT_RIL_MREL:
	case FMT_RSI:
		add_branch_operands(&t, text, row->format, address);
		break;
	default:
		add_register_operands(&t, text, row->format);
		add_storage_operands(&t, text, row->format);
		break;
	}
}

/* ---- lines ---- */

#define LINE_MAX 160

static void __attribute__((format(printf, 3, 4)))
write_line(const struct sie_cpu *cpu, unsigned int number, const char *format, ...)
{
	struct sie_trace *trace = atomic_load(&cpu->vm->trace);
	char line[LINE_MAX];
	int head, n;
	va_list args;

	if (!trace)
		return;
	head = snprintf(line, sizeof(line), "%u.%u%s: ", cpu->vm->number, number,
			is_nested(cpu) ? ">" : "");
	va_start(args, format);
	n = head + vsnprintf(line + head, sizeof(line) - (size_t)head, format, args);
	va_end(args);
	if (n >= LINE_MAX)
		n = LINE_MAX - 1;
	line[n++] = '\n'; /* in place of the end of the string */
	if (!sie_trace_write(trace, line, (size_t)n))
		atomic_store(&cpu->vm->trace, NULL); /* at full speed again */
}

static unsigned int number_of(const struct sie_cpu *cpu)
{
	return cpu->state ? cpu->state->cpu_addr : 0;
}

/* The guest's code is its secret as well, so a protected guest shows mnemonics only. */
void trace_insn(struct sie_cpu *cpu, const struct op *op)
{
	size_t offset = (size_t)(op - cpu->page->ops) * 2;
	uint8_t text[6] = {0};
	char line[80];

	if (!cpu->page->host || offset >= PAGE_SIZE)
		return;
	raw_copy(text, cpu->page->host + offset, PAGE_SIZE - offset < 6 ? PAGE_SIZE - offset : 6);
	insn_disassemble(text, cpu->page_address + offset, line, sizeof(line));
	if (is_protected(cpu))
		line[strcspn(line, " ")] = '\0';
	write_line(cpu, number_of(cpu), "%016" PRIx64 " %s", cpu->page_address + offset, line);
}

void sie_trace_interruption(struct sie_cpu *cpu, unsigned int number, const char *what,
			    uint32_t code)
{
	write_line(cpu, number, "interruption %s %x", what, code);
}

void trace_interruption(struct sie_cpu *cpu, const char *what, uint32_t code)
{
	sie_trace_interruption(cpu, number_of(cpu), what, code);
}

/* As the host sees it; the text belongs to some kinds of interception only */
void trace_interception(struct sie_cpu *cpu)
{
	const struct kvm_s390_sie_block *scb = cpu->scb;

	switch (scb->icptcode) {
	case ICPT_INST:
	case ICPT_PV_INSTR:
	case ICPT_PV_NOTIFY:
		write_line(cpu, number_of(cpu), "interception %02x instruction %04x %08x",
			   scb->icptcode, be16_get(scb->ipa), be32_get(scb->ipb));
		break;
	default:
		write_line(cpu, number_of(cpu), "interception %02x", scb->icptcode);
		break;
	}
}
