/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions from the Principles of Operation, one line a case: those that
 * qemu-s390x in user mode cannot be asked, or does not know. With --list it
 * prints which mnemonics have one; tests/insns/coverage.sh reads that.
 *
 * Then rules that hold for every row: privilege and interception.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sie/insn.h"
#include "tests/unit/sie/fixture.h"
#include "tests/unit/sie/row_text.h"

#define OTHER (FX_DATA + 0x100) /* in GR11; GR10 is FX_DATA */
#define ANY   -1

struct value {
	unsigned int r;
	uint64_t v;
};

/**
 * struct text - a case
 * @names: mnemonics it is about
 * @code: behind it comes IPM into GR15
 * @in: registers before
 * @data: bytes at FX_DATA before
 * @other: bytes at OTHER before
 * @out: registers after
 * @after: bytes at FX_DATA after
 * @cc: condition code, or ANY
 */
struct text {
	const char *names;
	const char *code;
	struct value in[4];
	const char *data;
	const char *other;
	struct value out[4];
	const char *after;
	int cc;
};

#define OLD 0xffffffffffffffffUL

static const struct text texts[] = {
	{"TAM SAM24", "010c010b", .cc = 0},
	{"SAM31", "010d010b", .cc = 1},
	{"SAM64", "010d010e010b", .cc = 3},
	{"BSM", "0b10", {{1, 0x1234}}, .out = {{1, 0x1235}}, .cc = ANY},
	{"BASSM", "0c10", .out = {{1, 0x2003}}, .cc = ANY},
	/* Targets 0x2004 and 0x2006, behind XR 3,3 */
	{"BSM TAM",
	 "0b121733010b010e",
	 {{1, 0x1234}, {2, 0x80002004}, {3, 7}},
	 .out = {{1, 0x1235}, {2, 0x80002004}, {3, 7}},
	 .cc = 1},
	{"BSM TAM",
	 "0b121733010b010e",
	 {{1, 0x1234}, {2, 0x2004}, {3, 7}},
	 .out = {{1, 0x1235}, {2, 0x2004}, {3, 7}},
	 .cc = 0},
	{"BSM SAM31", "010d0b10010e", {{1, 0x1234}}, .out = {{1, 0x80001234}}, .cc = ANY},
	{"BSM SAM24", "010c0b10010e", {{1, OLD}}, .out = {{1, 0xffffffff7fffffff}}, .cc = ANY},
	{"BASSM TAM",
	 "0c121733010b010e",
	 {{1, OLD}, {2, 0x80002004}, {3, 7}},
	 .out = {{1, 0x2003}, {2, 0x80002004}, {3, 7}},
	 .cc = 1},
	{"BASSM TAM SAM31",
	 "010d0c121733010b",
	 {{1, OLD}, {2, 0x2007}, {3, 7}},
	 .out = {{1, 0xffffffff80002004}, {2, 0x2007}, {3, 7}},
	 .cc = 3},
	{"BASSM TAM SAM24",
	 "010c0c121733010b",
	 {{1, OLD}, {2, 0x2007}, {3, 7}},
	 .out = {{1, 0xffffffff00002004}, {2, 0x2007}, {3, 7}},
	 .cc = 3},
	/* Addresses in 31-bit mode: half of a register */
	{"SAM31 LA LAY LARL",
	 "010d4120a010e330a0200071c04000000000010e",
	 {{2, OLD}, {3, OLD}, {4, OLD}},
	 .out = {{2, 0xffffffff00008010}, {3, 0xffffffff00008020}, {4, 0xffffffff0000200c}},
	 .cc = ANY},
	/* Lengths of CLCLE and MVCLE are of 32 bits there; the first byte differs, nothing to move
	 */
	{"SAM31 CLCLE",
	 "010da9260000010e",
	 {{3, 0x97000003}, {6, OTHER}, {7, 0x97000003}},
	 "01",
	 "02",
	 {{2, FX_DATA}, {3, 0x97000003}, {6, OTHER}, {7, 0x97000003}},
	 NULL,
	 1},
	{"EX",
	 "4410a000",
	 {{1, 0x10}, {3, OLD}},
	 "a7280007",
	 .out = {{3, 0xffffffff00000007}},
	 .cc = ANY},
	{"EXRL",
	 "c61000003000",
	 {{1, 0x10}, {3, OLD}},
	 "a7280007",
	 .out = {{3, 0xffffffff00000007}},
	 .cc = ANY},
	{"LAE EAR",
	 "5120a010b24f0032",
	 {{3, OLD}},
	 .out = {{2, FX_DATA + 0x10}, {3, OLD << 32}},
	 .cc = ANY},
	{"LAEY",
	 "e320a0100075b24f0032",
	 {{3, OLD}},
	 .out = {{2, FX_DATA + 0x10}, {3, OLD << 32}},
	 .cc = ANY},
	{"LAM STAM EAR",
	 "9a23a0009b23a008b24f0042",
	 {{4, OLD}},
	 "1111111122222222",
	 .out = {{4, 0xffffffff11111111}},
	 .after = "11111111222222221111111122222222",
	 .cc = ANY},
	{"LAMY STAMY", "eb23a000009aeb23a008009b", .data = "1111111122222222",
	 .after = "11111111222222221111111122222222", .cc = ANY},
	{"SAR CPYA EAR",
	 "b24e0024b24d0032b24f0053",
	 {{4, 0x12345678}, {5, OLD}},
	 .out = {{5, 0xffffffff12345678}},
	 .cc = ANY},
	{"SPKA IPK", "b20a0050b20b0000", {{2, OLD}}, .out = {{2, 0xffffffffffffff50}}, .cc = ANY},
	{"MVPG",
	 "b2540023",
	 {{0, 0}, {2, FX_DATA}, {3, 0x9000}},
	 "00",
	 NULL,
	 {{2, FX_DATA}},
	 "00",
	 .cc = 0},
	{"LFPC SFPC",
	 "b29da000b38c0020b3840030b38c0040",
	 {{2, OLD}, {3, 0x00080001}, {4, OLD}},
	 "08f80003",
	 .out = {{2, 0xffffffff08f80003}, {4, 0xffffffff00080001}},
	 .cc = ANY},
	{"PPA NIAI BPP BPRP",
	 "b2e81020b2fa0011c7000000a000c50000000000",
	 {{1, 5}, {2, 6}},
	 .out = {{1, 5}, {2, 6}},
	 .cc = 0},
	{"EPSW",
	 "b98d0023",
	 {{2, OLD}, {3, OLD}},
	 .out = {{2, 0xffffffff00000001}, {3, 0xffffffff80000000}},
	 .cc = ANY},
	{"ECTG",
	 "c831a000a008",
	 {{3, FX_DATA + 0x10}},
	 "000000000000000000000000000000770000000000000088",
	 .out = {{1, 0x77}, {3, 0x88}},
	 .cc = ANY},
	{"MVCK",
	 "d923a000b000",
	 {{2, 4}},
	 "0000000000",
	 "0102030405",
	 .after = "0102030400",
	 .cc = 0},
	{"MVCSK",
	 "e50ea000b000",
	 {{0, 3}},
	 "0000000000",
	 "0102030405",
	 .after = "0102030400",
	 .cc = ANY},
	{"MVCDK",
	 "e50fa000b000",
	 {{0, 3}},
	 "0000000000",
	 "0102030405",
	 .after = "0102030400",
	 .cc = ANY},
	{"ECAG", "eb200000004c", {{2, OLD}}, .out = {{2, 0}}, .cc = ANY},
	{"SCKC STCKC", "b206a000b207a008", .data = "1234567800000000",
	 .after = "12345678000000001234567800000000", .cc = ANY},
	{"SPT STPT", "b208a000b209a008", .data = "1234567800000000",
	 .after = "12345678000000001234567800000000", .cc = ANY},
	/* the programmable field is the last halfword; llgh 2,14(10) */
	{"SCKPF STCKE",
	 "0107b278a000e320a00e0091",
	 {{0, 0xabcd}},
	 .out = {{2, 0xabcd}},
	 .after = "000000",
	 .cc = 0},
	{"STOSM STNSM", "ad00a000acffa001", .data = "ffff", .after = "0000", .cc = ANY},
	{"SSM", "8000a000ad00a001", .data = "00ff", .after = "0000", .cc = ANY},
	{"LCTL STCTL", "b722a000b622a004", .data = "12345678", .after = "1234567812345678",
	 .cc = ANY},
	{"LCTLG STCTG", "eb22a000002feb22a0080025", .data = "123456789abcdef0",
	 .after = "123456789abcdef0123456789abcdef0", .cc = ANY},
	{"CVBY", "e310a0000006", .data = "000000000000012d", .out = {{1, 0xfffffff4}}, .cc = ANY},
	{"SSKE ISKE RRBE",
	 "b22b0023b2290043b22a0003",
	 {{3, FX_DATA}, {2, 0}, {4, OLD}},
	 .out = {{4, 0xffffffffffffff00}},
	 .cc = 0},
	{"TPROT", "e501a0000000", .cc = 0},
	/* CR1: a real space */
	{"LRAG LRAY", "eb11a000002fe320a0100003e330a0200013", .data = "0000000000000020",
	 .out = {{2, FX_DATA + 0x10}, {3, FX_DATA + 0x20}}, .cc = 0},
	/* COMPARE AND SWAP AND STORE: word and byte; the same word is not there the second time */
	{"CSST",
	 "c822a000b000",
	 {{0, 0}, {1, OTHER + 0x10}, {2, OLD << 32 | 0x11}},
	 "00000011",
	 "0000000000000000000000000000000000000022",
	 .after = "00000022",
	 .cc = 0},
	{"CSST",
	 "c822a000b000",
	 {{0, 0}, {1, OTHER + 0x10}, {2, OLD << 32 | 0x12}},
	 "00000011",
	 NULL,
	 {{2, OLD << 32 | 0x11}},
	 "00000011",
	 .cc = 1},
	/* COMPARE UNTIL SUBSTRING EQUAL: two bytes */
	{"CUSE",
	 "b2570024",
	 {{0, 2}, {3, 6}, {4, OTHER}, {5, 6}},
	 "010203040506",
	 "0a020b040506",
	 {{2, FX_DATA + 3}, {3, 3}, {4, OTHER + 3}, {5, 3}},
	 NULL,
	 0},
	{"CUSE",
	 "b2570024",
	 {{0, 3}, {3, 2}, {4, OTHER}, {5, 3}},
	 "0102",
	 "010300",
	 {{3, 0}, {5, 1}},
	 NULL,
	 1},
	/* TRANSLATE AND TEST EXTENDED: bytes, function code 7 for 03; reverse: for 01 */
	{"TRTE",
	 "b9bf0024",
	 {{1, OTHER}, {3, 4}, {4, OLD}},
	 "01020304",
	 "0000000700",
	 {{2, FX_DATA + 2}, {3, 2}, {4, 7}},
	 NULL,
	 1},
	{"TRTE",
	 "b9bf4024",
	 {{1, OTHER}, {3, 4}, {4, OLD}},
	 "00020000",
	 "000000000107",
	 {{2, FX_DATA + 1}, {3, 3}, {4, 0x107}},
	 NULL,
	 1},
	{"TRTE",
	 "b9bfa024",
	 {{1, OTHER}, {3, 4}, {4, OLD}},
	 "01010002",
	 "0000090700",
	 {{2, FX_DATA + 2}, {3, 2}, {4, 9}},
	 NULL,
	 1},
	{"TRTE",
	 "b9bf0024",
	 {{1, OTHER}, {3, 4}, {4, OLD}},
	 "01020304",
	 "0000000000",
	 {{2, FX_DATA + 4}, {3, 0}, {4, 0}},
	 NULL,
	 0},
	{"TRTRE",
	 "b9bd0024",
	 {{1, OTHER}, {2, FX_DATA + 3}, {3, 4}, {4, OLD}},
	 "01020304",
	 "0005000000",
	 {{2, FX_DATA}, {3, 1}, {4, 5}},
	 NULL,
	 1},
/* The query functions: no function but the query */
#define QUERY                                                                                      \
	{{0, 0}, {1, FX_DATA}}, "ffffffffffffffffffffffffffffffffff", NULL, {{0, 0}},              \
		"80000000000000000000000000000000ff", 0
	{"KM", "b92e0024", QUERY},
	{"KMC", "b92f0024", QUERY},
	{"KMF", "b92a0024", QUERY},
	{"KMO", "b92b0024", QUERY},
	{"KMCTR", "b92d6024", QUERY},
	{"KMAC", "b91e0024", QUERY},
	{"KIMD", "b93e0024", QUERY},
	{"KLMD", "b93f0024", QUERY},
	{"PCC", "b92c0000", QUERY},
	{"PCKMO", "b9280000", QUERY},
	{"PRNO", "b93c0024", QUERY},
};
#define TEXTS (sizeof(texts) / sizeof(texts[0]))

static void offer_everything(struct fx *f)
{
	static const uint64_t all[4] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};

	sie_vm_set_facilities(f->vm, all, 4);
}

static void run_text(struct fx *f, const struct text *t)
{
	uint64_t *gr = f->cpu[0].state.gprs;
	char program[80];
	size_t n;

	offer_everything(f);
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | 0x40000);
	memset(f->mem + FX_DATA, 0, 0x200);
	gr[10] = FX_DATA;
	gr[11] = OTHER;
	gr[2] = FX_DATA;
	for (unsigned int i = 0; i < 4 && (i == 0 || t->in[i].r); i++)
		gr[t->in[i].r] = t->in[i].v;
	fx_put(f, FX_DATA, t->data ? t->data : "");
	fx_put(f, OTHER, t->other ? t->other : "");
	snprintf(program, sizeof(program), "%s b22200f0" FX_END, t->code);
	fx_start(f, program);
	fx_expect_wait(f, FX_END_ADDR);
	for (unsigned int i = 0; i < 4 && t->out[i].r; i++)
		assert_int_equal(t->out[i].v, gr[t->out[i].r]);
	if (t->after) {
		n = fx_put(f, 0xd000, t->after);
		assert_memory_equal(f->mem + 0xd000, f->mem + FX_DATA, n);
	}
	if (t->cc != ANY)
		assert_int_equal(t->cc, gr[15] >> 28 & 3);
}

static void every_text(void **state)
{
	for (size_t i = 0; i < TEXTS; i++) {
		struct fx *f = fx_create();

		print_message("# %s\n", texts[i].names);
		run_text(f, &texts[i]);
		fx_destroy(f);
	}
}

/* Rows of a text in hexadecimal */
static void add_rows(const char *hex, const struct insn **rows, unsigned int *n)
{
	struct fx *f = fx_create();
	size_t length = fx_put(f, FX_CODE, hex);

	for (size_t at = 0; at < length; at += insn_length(f->mem[FX_CODE + at])) {
		rows[*n] = insn_find(f->mem + FX_CODE + at);
		assert_non_null(rows[(*n)++]);
	}
	fx_destroy(f);
}

/* A case is about what it executes: --list tells no more than that */
static void texts_execute_their_rows(void **state)
{
	for (size_t i = 0; i < TEXTS; i++) {
		const struct insn *rows[16];
		unsigned int n = 0, found = 0, names = 1;
		const char *words = texts[i].names;

		add_rows(texts[i].code, rows, &n);
		for (const char *c = words; *c; c++)
			names += *c == ' ';
		for (unsigned int r = 0; r < n; r++) {
			size_t len = strlen(rows[r]->name);
			bool again = false;

			for (unsigned int k = 0; k < r; k++)
				again = again || rows[k] == rows[r];
			for (const char *at = words; !again && (at = strstr(at, rows[r]->name));
			     at += len)
				found += (at == words || at[-1] == ' ') &&
					 (at[len] == ' ' || !at[len]);
		}
		if (found != names)
			print_message("%s: %u of %u\n", words, found, names);
		assert_int_equal(names, found);
	}
}

/* Three clocks: STCK never tells a value twice */
static void clocks(void **state)
{
	struct fx *f = *state;
	uint64_t first, second;

	f->cpu[0].state.gprs[10] = FX_DATA;
	fx_start(f, "b205a000 b205a008 b27ca010 b278a020" FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	first = fx_get8(f, FX_DATA);
	second = fx_get8(f, FX_DATA + 8);
	assert_true(first >= 1UL << 40);
	assert_true(second > first);
	assert_int_equal(1UL << 40, fx_get8(f, FX_DATA + 0x10));
	assert_true(fx_get8(f, FX_DATA + 0x20) << 8 >= 1UL << 40);
}

/* The machine's clock is at 1 << 40, the guest's 0x777000 ahead; nothing was ever steered */
static void timing_facility(void **state)
{
	static const uint64_t answers[4][8] = {
		{0xf000000000000000, 0},
		{1UL << 40, 0, 0x777000, 0x777000},
		{1UL << 40},
		{1UL << 40},
	};
	static const unsigned int length[4] = {16, 32, 56, 8};
	struct fx *f = *state;
	uint64_t *gr = f->cpu[0].state.gprs;

	offer_everything(f);
	f->epoch = 0x777000;
	atomic_store(&f->tod, (1UL << 40) + 0x777000);
	for (unsigned int i = 0; i < 4; i++) {
		memset(f->mem + FX_DATA, 0xee, 64);
		gr[0] = 0xffffffffffffff00 | i;
		gr[1] = FX_DATA + 3; /* no alignment is asked for */
		fx_start(f, "0104 b22200f0 0000");
		fx_psw(f, FX_PSW_MASK | PSW_MASK_PSTATE | 3UL << 44, FX_CODE);
		fx_expect_program(f, 0x01, 2, FX_CODE + 8);
		assert_int_equal(0, gr[15] >> 28 & 3);
		for (unsigned int at = 0; at < length[i]; at += 8)
			assert_int_equal(answers[i][at / 8], fx_get8(f, FX_DATA + 3 + at));
		assert_int_equal(0xee, f->mem[FX_DATA + 3 + length[i]]);
	}
}

static void timing_facility_refuses(void **state)
{
	struct fx *f = *state;
	uint64_t *gr = f->cpu[0].state.gprs;

	offer_everything(f);
	gr[1] = FX_DATA;
	gr[0] = 4; /* no such query */
	fx_start(f, "0104 b22200f0" FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(3, gr[15] >> 28 & 3);
	gr[0] = 0x80;
	fx_start(f, "0104");
	fx_expect_program(f, 0x06, 2, FX_CODE + 2);
	for (unsigned int i = 0x40; i < 0x44; i++) {
		/* what sets clocks is the hypervisor's, and not for problem programs */
		gr[0] = i;
		fx_start(f, "0104");
		assert_int_equal(SIE_INTERCEPT, fx_run(f));
		assert_int_equal(ICPT_INST, f->cpu[0].scb.icptcode);
		assert_int_equal(0x0104, be16_get(f->cpu[0].scb.ipa));
		assert_int_equal(FX_CODE + 2, be64_get(f->cpu[0].scb.gpsw_addr));
		fx_psw(f, FX_PSW_MASK | PSW_MASK_PSTATE, FX_CODE);
		fx_expect_program(f, 0x02, 2, FX_CODE + 2);
	}
	/* nothing is stored if it cannot be stored whole */
	gr[0] = 1;
	gr[1] = FX_SIZE - 16;
	memset(f->mem + FX_SIZE - 16, 0xee, 16);
	fx_start(f, "0104");
	assert_int_equal(SIE_FAULT, fx_run(f));
	assert_int_equal(FX_SIZE, f->cpu[0].fault.gpa);
	assert_int_equal(0xeeeeeeeeeeeeeeee, fx_get8(f, FX_SIZE - 16));
}

static void program_parameter(void **state)
{
	struct fx *f = *state;

	offer_everything(f);
	f->cpu[0].state.gprs[10] = FX_DATA;
	fx_set8(f, FX_DATA, 0x8000123456789abc);
	fx_start(f, "b280a000" FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x8000123456789abc, f->cpu[0].state.pp);
	f->cpu[0].state.gprs[10] = FX_DATA + 4;
	fx_start(f, "b280a000");
	fx_expect_program(f, 0x06, 4, FX_CODE + 4);
	assert_int_equal(0x8000123456789abc, f->cpu[0].state.pp);
}

/* As many doublewords as asked for and there are; GR0 tells how many there are */
static void facility_list(void **state)
{
	struct fx *f = *state;
	uint64_t *gr = f->cpu[0].state.gprs;
	uint64_t list[4];

	sie_host_facilities(list);
	assert_int_not_equal(0, list[2]);
	for (unsigned int asked = 1; asked <= 5; asked++) {
		memset(f->mem + FX_DATA, 0xee, 64);
		gr[0] = 0x1122334455667700 | (asked - 1);
		gr[10] = FX_DATA;
		fx_start(f, "b2b0a000 b22200f0" FX_END);
		fx_expect_wait(f, FX_END_ADDR);
		assert_int_equal(asked < 3 ? 3 : 0, gr[15] >> 28 & 3);
		assert_int_equal(0x1122334455667702, gr[0]);
		for (unsigned int i = 0; i < 4; i++)
			assert_int_equal(i < asked && i < 3 ? list[i] : 0xeeeeeeeeeeeeeeee,
					 fx_get8(f, FX_DATA + i * 8UL));
	}
	gr[10] = FX_DATA + 4;
	fx_start(f, "b2b0a000");
	fx_expect_program(f, 0x06, 4, FX_CODE + 4);
}

/* Any program may ask for facilities; for the key it needs extraction authority */
static void for_problem_programs(void **state)
{
	struct fx *f = *state;
	uint64_t *gr = f->cpu[0].state.gprs;

	gr[0] = 3;
	gr[10] = FX_DATA;
	fx_start(f, "b2b0a000 b2b2 0300");
	fx_psw(f, FX_PSW_MASK | PSW_MASK_PSTATE, FX_CODE);
	fx_expect_program(f, 0x02, 4, FX_CODE + 8);
	assert_int_equal(1, fx_get8(f, FX_DATA) >> 63);
	fx_start(f, "b20b0000 b2b2 0300"); /* ipk */
	gr[2] = OLD;
	fx_psw(f, FX_PSW_MASK | PSW_MASK_PSTATE | 7UL << 52, FX_CODE);
	fx_expect_program(f, 0x02, 4, FX_CODE + 4);
	assert_int_equal(OLD, gr[2]);
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | 0x08000000);
	fx_psw(f, FX_PSW_MASK | PSW_MASK_PSTATE | 7UL << 52, FX_CODE);
	fx_expect_program(f, 0x02, 4, FX_CODE + 8);
	assert_int_equal(OLD << 8 | 0x70, gr[2]);
}

/* Spaces mean something with DAT on only; Ultravisor calls are a protected guest's */
static void refused(void **state)
{
	static const struct {
		const char *code;
		uint16_t pgm;
	} cases[] = {
		{"b2190100", 0x13}, {"b2790100", 0x13}, {"b2240010", 0x13},
		{"b2260010", 0x13}, {"b2270010", 0x13}, {"b9a40012", 0x01},
	};
	struct fx *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fx_start(f, cases[i].code);
		fx_expect_program(f, cases[i].pgm, 4, FX_CODE + 4);
	}
}

/* Functions that are not there, operands that are no pairs */
static void crypto_refuses(void **state)
{
	static const char *const codes[] = {"b92e0034", "b92e0020", "b92f0004",
					    "b92d3024", "b93c0004", "b91e0023",
					    "b93e0020", "b92c0000", "b9280000"};
	struct fx *f = *state;

	offer_everything(f); /* PCKMO is not: KVM would have to wrap keys */
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		f->cpu[0].state.gprs[0] = i < 7 ? 0 : 0x80; /* modifier bit */
		f->cpu[0].state.gprs[1] = FX_DATA;
		fx_start(f, codes[i]);
		fx_expect_program(f, 0x06, 4, FX_CODE + 4);
	}
	f->cpu[0].state.gprs[0] = 1;
	fx_start(f, "b92e0024");
	fx_expect_program(f, 0x06, 4, FX_CODE + 4);
}

/* ---- every row ---- */

static void privileged_rows(void **state)
{
	struct fx *f = *state;

	offer_everything(f);
	for (unsigned int r = 0; r < insn_rows_nr; r++) {
		uint16_t length;

		if (!(insn_rows[r].flags & INSN_PRIV))
			continue;
		length = (uint16_t)row_text(&insn_rows[r], f->mem + FX_CODE);
		fx_psw(f, FX_PSW_MASK | PSW_MASK_PSTATE, FX_CODE);
		fx_expect_program(f, 0x02, length, FX_CODE + length);
	}
}

/* To the hypervisor, with the text; the PSW is behind the instruction */
static bool leaves(const struct insn *row)
{
	switch (row->interception) {
	case SIE_ALWAYS:
	case SIE_NOTIFIES:
	case SIE_FUNCTION:
	case SIE_ORDINARY:
	case SIE_REFUSED:
		return true;
	default:
		return false;
	}
}

static bool is_absent(const struct insn *row)
{
	return row->flags & INSN_ABSENT;
}

/* A row with operands at FX_DATA, condition code 2; zeros behind it are an operation exception */
static unsigned int run_row(struct fx *f, const struct insn *row)
{
	unsigned int length;

	memset(f->mem, 0, 0x120);
	memset(f->mem + FX_CODE, 0, 16);
	memset(f->mem + FX_DATA, 0, PAGE_SIZE);
	memset(f->cpu[0].state.gprs, 0, sizeof(f->cpu[0].state.gprs));
	f->cpu[0].state.gprs[2] = f->cpu[0].state.gprs[3] = FX_DATA;
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | 0x40000);
	fx_set8(f, 0x150, 0);
	fx_set8(f, 0x158, 0);
	length = row_text_operands(row, f->mem + FX_CODE);
	fx_psw(f, FX_PSW_MASK | 2UL << 44, FX_CODE);
	assert_int_equal(SIE_INTERCEPT, fx_run(f));
	return length;
}

static void rows_that_leave(void **state)
{
	struct fx *f = *state;

	offer_everything(f);
	for (unsigned int r = 0; r < insn_rows_nr; r++) {
		const struct insn *row = &insn_rows[r];
		unsigned int length;

		if (!leaves(row) || is_absent(row))
			continue;
		length = run_row(f, row);
		assert_int_equal(0x04, f->cpu[0].scb.icptcode);
		assert_int_equal(fx_get2(f, FX_CODE), be16_get(f->cpu[0].scb.ipa));
		assert_int_equal(length == 2   ? 0
				 : length == 4 ? (uint32_t)fx_get2(f, FX_CODE + 2) << 16
					       : fx_get4(f, FX_CODE + 2),
				 be32_get(f->cpu[0].scb.ipb));
		assert_int_equal(FX_CODE + length, be64_get(f->cpu[0].scb.gpsw_addr));
		assert_int_equal(2, be64_get(f->cpu[0].scb.gpsw_mask) >> 44 & 3);
	}
}

/* All others end up in an operation exception or another one, and then in a disabled wait. Without
 * the control that makes them leave, so do those that leave by one. */
static void rows_that_stay(void **state)
{
	struct fx *f = *state;

	offer_everything(f);
	for (unsigned int r = 0; r < insn_rows_nr; r++) {
		const struct insn *row = &insn_rows[r];

		if (leaves(row) || is_absent(row))
			continue;
		run_row(f, row);
		if (f->cpu[0].scb.icptcode != ICPT_WAIT)
			print_message("%s: interception %02x\n", row->name, f->cpu[0].scb.icptcode);
		assert_int_equal(ICPT_WAIT, f->cpu[0].scb.icptcode);
		if (row->cc != CC_UNCHANGED || !fx_get8(f, 0x158))
			continue;
		if ((fx_get8(f, 0x150) >> 44 & 3) != 2)
			print_message("%s changes the condition code\n", row->name);
		assert_int_equal(2, fx_get8(f, 0x150) >> 44 & 3);
	}
}

/* With every control on */
static void rows_that_leave_by_a_control(void **state)
{
	struct fx *f = *state;

	offer_everything(f);
	for (unsigned int r = 0; r < insn_rows_nr; r++) {
		const struct insn *row = &insn_rows[r];
		bool lctl = row->interception == SIE_IF_LCTL;
		bool ictl = row->interception == SIE_IF_ICTL;
		bool keys = row->interception == SIE_IF_KEYS;

		if (!lctl && !ictl && !keys)
			continue;
		f->cpu[0].scb.lctl = be16_make(0xffff);
		f->cpu[0].scb.ictl = be32_make(keys ? 0 : 0xffffffff);
		f->cpu[0].scb.cpuflags = be32_make(CPUSTAT_KSS);
		if (keys && !strcmp(row->name, "IVSK"))
			continue; /* DAT has to be on: test_keys.c */
		if (!strcmp(row->name, "PFMF"))
			continue; /* only if it sets a key: test_keys.c */
		run_row(f, row);
		if (f->cpu[0].scb.icptcode != (keys ? ICPT_KSS : ICPT_INST))
			print_message("%s: interception %02x\n", row->name, f->cpu[0].scb.icptcode);
		assert_int_equal(keys ? ICPT_KSS : ICPT_INST, f->cpu[0].scb.icptcode);
	}
	f->cpu[0].scb.cpuflags = be32_make(0);
}

static void list(void)
{
	for (size_t i = 0; i < TEXTS; i++)
		printf("%s\n", texts[i].names);
	for (unsigned int r = 0; r < insn_rows_nr; r++)
		if (leaves(&insn_rows[r]) || is_absent(&insn_rows[r]))
			printf("%s\n", insn_rows[r].name);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_execute_their_rows),
		cmocka_unit_test(every_text),
		CASE(clocks),
		CASE(program_parameter),
		CASE(facility_list),
		CASE(for_problem_programs),
		CASE(crypto_refuses),
		CASE(refused),
		CASE(timing_facility),
		CASE(timing_facility_refuses),
		CASE(privileged_rows),
		CASE(rows_that_leave),
		CASE(rows_that_stay),
		CASE(rows_that_leave_by_a_control),
	};

	insn_tables_init();
	if (argc > 1 && !strcmp(argv[1], "--list")) {
		list();
		return 0;
	}
	return cmocka_run_group_tests_name("sie-insn-text", tests, NULL, NULL);
}
