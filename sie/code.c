/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoded code of a CPU, by guest absolute page.
 *
 * Operations are decoded when they are first executed, from a private copy of
 * the 256-byte line they stand in. A line is compared with storage when the
 * page is entered for the first time after cpu->epoch has moved on: entry into
 * SIE, interruption, serialisation. Own stores reset operations at once.
 *
 * Resetting only replaces function pointers, so an instruction may overwrite
 * itself; pages are freed only between instructions.
 */
#include "sie/mem.h"

#include <stdlib.h>
#include <string.h>

#include "sie/insn.h"
#include "storage/inject.h"
#include "storage/storage.h"

static enum exec decode_here(struct sie_cpu *cpu, const struct op *op);

static enum exec leave_page(struct sie_cpu *cpu, const struct op *op)
{
	cpu->ia = (cpu->page_address + (uint64_t)(op - cpu->page->ops) * 2) & cpu->amask;
	cpu->stats.instructions--; /* not one of the guest's */
	return EXEC_JUMP;
}

static unsigned int hash(gpa_t gpa)
{
	return (unsigned int)(gpa >> PAGE_SHIFT) % CODE_HASH;
}

struct code_page *code_find(struct sie_cpu *cpu, gpa_t gpa)
{
	struct code_page *page = cpu->hash[hash(gpa)];

	while (page && page->gpa != gpa)
		page = page->next;
	return page;
}

void code_forget_addresses(struct sie_cpu *cpu)
{
	for (unsigned int i = 0; i < CODE_TLB; i++)
		cpu->code_tlb[i].tag = TLB_NONE;
}

static void reset_line(struct code_page *page, unsigned int line)
{
	unsigned int slot = line * (CODE_LINE / 2);
	unsigned int end = slot + CODE_LINE / 2;

	/* Instructions that began before and reach into the line */
	slot = slot >= 2 ? slot - 2 : 0;
	for (; slot < end; slot++)
		page->ops[slot].fn = decode_here;
	page->lines &= ~(1U << line);
}

void code_stored(struct code_page *page, uint32_t offset, uint32_t len)
{
	if (!len)
		return;
	for (unsigned int line = offset / CODE_LINE; line <= (offset + len - 1) / CODE_LINE; line++)
		if (page->lines & (1U << line))
			reset_line(page, line);
}

static void free_all(struct sie_cpu *cpu)
{
	for (unsigned int i = 0; i < CODE_HASH; i++) {
		while (cpu->hash[i]) {
			struct code_page *page = cpu->hash[i];

			cpu->hash[i] = page->next;
			free(page);
		}
	}
	cpu->code_pages = 0;
	cpu->page = NULL;
}

void code_drop_all(struct sie_cpu *cpu)
{
	free_all(cpu);
	code_forget_addresses(cpu);
	tlb_code_gone(cpu);
}

static void drop_chain(struct sie_cpu *cpu, unsigned int i, gpa_t gpa, uint64_t len)
{
	for (struct code_page *p = cpu->hash[i]; p; p = p->next)
		if (p->gpa >= gpa && p->gpa - gpa < len) {
			code_stored(p, 0, PAGE_SIZE);
			p->host = NULL;
		}
}

void code_drop(struct sie_cpu *cpu, gpa_t gpa, uint64_t len)
{
	unsigned int first = hash(gpa);
	uint64_t chains = len / PAGE_SIZE + 2; /* a first and a last part of a page */

	if (!len || !cpu->code_pages)
		return;
	for (unsigned int i = 0; i < CODE_HASH && i < chains; i++)
		drop_chain(cpu, (first + i) % CODE_HASH, gpa, len);
}

static struct code_page *alloc_page(void)
{
	if (inject(INJECT_ALLOC, ALLOC_OBJECT, sizeof(struct code_page), NULL))
		return NULL;
	return malloc(sizeof(struct code_page));
}

static struct code_page *new_page(struct sie_cpu *cpu, gpa_t gpa)
{
	struct code_page *page;

	if (cpu->code_pages >= CODE_PAGES_MAX)
		code_drop_all(cpu);
	page = alloc_page();
	if (!page) {
		/* Decoded code is a cache: make do with one page. */
		code_drop_all(cpu);
		page = alloc_page();
		if (!page)
			return NULL;
	}
	page->gpa = gpa;
	page->host = NULL;
	page->access_registers = false;
	page->first_half = false;
	page->lines = 0;
	page->epoch = 0;
	for (unsigned int i = 0; i < CODE_SLOTS; i++)
		page->ops[i].fn = decode_here;
	for (unsigned int i = CODE_SLOTS; i < CODE_SLOTS + 3; i++)
		page->ops[i] = (struct op){.fn = leave_page};
	page->next = cpu->hash[hash(gpa)];
	cpu->hash[hash(gpa)] = page;
	cpu->code_pages++;
	tlb_code_appeared(cpu, page);
	return page;
}

static void compare(struct code_page *page)
{
	for (unsigned int line = 0; line < PAGE_SIZE / CODE_LINE; line++) {
		size_t at = line * CODE_LINE;

		if ((page->lines & (1U << line)) &&
		    !raw_equal(page->copy + at, page->host + at, CODE_LINE))
			reset_line(page, line);
	}
}

/* How the page may be entered. Where it was found by another key, that has to be asked again. */
static void set_mode(struct sie_cpu *cpu, struct code_page *page, const struct tlb_entry *e)
{
	bool first_half = e->fetch == TLB_NONE;

	if (page->first_half != first_half)
		code_forget_addresses(cpu);
	else if (page->host == e->host && page->access_registers == access_register_mode(cpu))
		return;
	code_stored(page, 0, PAGE_SIZE);
	page->host = e->host;
	page->access_registers = access_register_mode(cpu);
	page->first_half = first_half;
}

static enum exec find_page(struct sie_cpu *cpu, uint64_t address, struct code_page **found)
{
	struct tlb_entry *e = tlb_slot(cpu, address);
	struct code_page *page;

	if (e->fetch != (address | cpu->ispace))
		TRY(tlb_fill(cpu, address, cpu->ispace, ACCESS_EXECUTE, &e));
	else if (e->frame & TLB_NO_EXECUTE)
		return execution_refused(cpu, address);
	page = code_find(cpu, tlb_gpa(e));
	if (!page)
		page = new_page(cpu, tlb_gpa(e));
	if (!page)
		return EXEC_NO_MEMORY;
	set_mode(cpu, page, e);
	if (page->epoch != cpu->epoch) {
		compare(page);
		page->epoch = cpu->epoch;
	}
	*found = page;
	return EXEC_NEXT;
}

enum exec code_lookup(struct sie_cpu *cpu, const struct op **op)
{
	uint64_t address = cpu->ia & PAGE_MASK;
	struct code_tlb *t = &cpu->code_tlb[(address >> PAGE_SHIFT) % CODE_TLB];

	if (unlikely(t->tag != (address | cpu->ispace) || t->page->epoch != cpu->epoch ||
		     !t->page->host)) {
		struct code_page *page = NULL;

		TRY(find_page(cpu, address, &page));
		t->tag = address | cpu->ispace;
		t->page = page;
	}
	cpu->page = t->page;
	cpu->page_address = address;
	*op = &cpu->page->ops[(cpu->ia & ~PAGE_MASK) / 2];
	return EXEC_NEXT;
}

static void copy_lines(struct code_page *page, unsigned int offset, unsigned int len)
{
	for (unsigned int line = offset / CODE_LINE; line <= (offset + len - 1) / CODE_LINE;
	     line++) {
		size_t at = line * CODE_LINE;

		if (page->lines & (1U << line))
			continue;
		raw_copy(page->copy + at, page->host + at, CODE_LINE);
		page->lines |= 1U << line;
	}
}

/* An instruction that reaches into the next page is decoded each time. */
static enum exec execute_crossing(struct sie_cpu *cpu, struct op *op, unsigned int offset)
{
	unsigned int here = (unsigned int)PAGE_SIZE - offset;
	uint8_t text[6];
	unsigned int length = op->halfwords * 2U;
	uint64_t behind = (cpu->page_address + PAGE_SIZE) & cpu->amask;

	memcpy(text, cpu->page->copy + offset, here);
	cpu->scratch_address = cpu->page_address + offset;
	TRY(read_code(cpu, behind, text + here, length - here));
	cpu->scratch_next = (cpu->scratch_address + length) & cpu->amask;
	memcpy(cpu->scratch_text, text, length);
	insn_decode(cpu, text, &cpu->scratch, -1);
	return cpu->scratch.fn(cpu, &cpu->scratch);
}

static enum exec decode_here(struct sie_cpu *cpu, const struct op *const_op)
{
	struct code_page *page = cpu->page;
	unsigned int slot = (unsigned int)(const_op - page->ops);
	unsigned int offset = slot * 2;
	struct op *op = &page->ops[slot];
	unsigned int length;

	if (!page->host) {
		cpu->ia = cpu->page_address + offset;
		cpu->stats.instructions--;
		return EXEC_JUMP;
	}
	copy_lines(page, offset, 2);
	length = insn_length(page->copy[offset]);
	if (unlikely(page->first_half && offset + length > OVERRIDE_END)) {
		op->halfwords = 1; /* the length is unpredictable */
		return fetch_protected(cpu, cpu->page_address + offset);
	}
	if (offset + length > PAGE_SIZE) {
		op->halfwords = (uint8_t)(length / 2);
		return execute_crossing(cpu, op, offset);
	}
	copy_lines(page, offset, length);
	insn_decode(cpu, page->copy + offset, op, (int)slot);
	return op->fn(cpu, op);
}
