// SPDX-License-Identifier: GPL-2.0-or-later
/* Which instructions and interruptions leave a guest's guest, and what its CPU is. */
#include "test/nested/nested.h"

#include "test/cpu/check.h"
#include "runtime/console.h"
#include "runtime/machine.h"

static struct guest *const guest = &guests[0];

static void instruction(uint64_t code, const char *what)
{
	const struct sie_block *block = &guest->block;
	unsigned int length = code >> 62 == 0 ? 2 : code >> 62 == 3 ? 6 : 4;

	guest_run(guest);
	if (block->icptcode != ICPT_INST || block->ipa != code >> 48 ||
	    block->ipb != (uint32_t)(code >> 16) || block->gpsw_addr != GUEST_CODE + length)
		console_printf("# icpt %02x, text %04x %08x, PSW %016lx\n", block->icptcode,
			       block->ipa, block->ipb, block->gpsw_addr);
	check(block->icptcode == ICPT_INST && block->ipa == code >> 48 &&
		      block->ipb == (uint32_t)(code >> 16) &&
		      block->gpsw_addr == GUEST_CODE + length,
	      what);
}

static void always(void)
{
	static const struct {
		uint64_t code;
		const char *name;
	} rows[] = {
		{0x8300001000000000UL, "DIAGNOSE 10"},
		{0x8302004400000000UL, "DIAGNOSE 44"},
		{0x8320050000000000UL, "DIAGNOSE 500"},
		{0xae00000400000000UL, "SIGNAL PROCESSOR"},
		{0xb220001200000000UL, "SERVICE CALL"},
		{0xb202800000000000UL, "STORE CPU ID"},
		{0xb214000000000000UL, "SIE one level down"},
		{0xb229001200000000UL, "INSERT STORAGE KEY, as it is not interpreted"},
		{0xb9af001200000000UL, "PERFORM FRAME MANAGEMENT FUNCTION, likewise"},
		{0xb254001200000000UL, "MOVE PAGE, unless it is to be interpreted"},
		{0xb2b0800000000000UL, "STORE FACILITY LIST EXTENDED without a list"},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		guest_code(guest, rows[i].code);
		instruction(rows[i].code, rows[i].name);
	}
	guest_start(guest, PROGRAM(diag_by_execute));
	guest_run(guest);
	check(guest->block.icptcode == ICPT_INST && guest->block.ipa == 0x8323 &&
		      guest->block.icptstatus == 0x41,
	      "the target of EXECUTE, with that instruction's length");
}

static void controlled(void)
{
	guest_code(guest, 0x8200800000000000UL);
	guest->block.ictl = ICTL_LPSW;
	instruction(0x8200800000000000UL, "LOAD PSW by its control");
	guest_code(guest, 0xb601800000000000UL);
	guest->block.ictl = ICTL_STCTL;
	instruction(0xb601800000000000UL, "STORE CONTROL by its control");
	guest_code(guest, 0xe501800000000000UL);
	guest->block.ictl = ICTL_TPROT;
	instruction(0xe501800000000000UL, "TEST PROTECTION by its control");
	guest_code(guest, 0xb766800000000000UL);
	guest->block.lctl = 0x0200;
	instruction(0xb766800000000000UL, "LOAD CONTROL of a watched register");
	guest_code(guest, 0x0000000000000000UL);
	guest->block.ictl = ICTL_OPEREXC;
	guest_run(guest);
	expect_icpt(guest, ICPT_OPEREXC, "an operation exception by its control");
	guest_code(guest, 0xb229001200000000UL);
	guest->block.cpuflags |= CPUSTAT_KSS;
	guest_run(guest);
	expect_icpt(guest, ICPT_KSS, "the first use of storage keys");
	check_equal(GUEST_CODE, guest->block.gpsw_addr, "it is repeated then");
}

static void registers(void)
{
	bool same = true;
	uint64_t fpr = 0x1122334455667788UL;

	guest_start(guest, PROGRAM(add_one));
	for (unsigned int i = 0; i < 14; i++)
		guest->grs[i] = 100 * i;
	guest->block.gg14 = 1400;
	guest->block.gg15 = 1500;
	guest_run(guest);
	for (unsigned int i = 0; i < 14; i++)
		same = same && guest->grs[i] == 100 * i + 1;
	check(same, "general registers 0 to 13 are the CPU's");
	check(guest->block.gg14 == 1401 && guest->block.gg15 == 1501,
	      "14 and 15 are in the state description");
	guest_start(guest, PROGRAM(other_registers));
	guest->block.gcr[2] = 0x2345;
	guest->grs[4] = 66;
	guest->grs[5] = 55;
	guest->block.gcr[0] |= 0x40000;
	__asm__ volatile("sar %%a5, %0\n\tldgr %%f2, %1" : : "d"(77), "d"(fpr));
	guest_run(guest);
	check(guest->grs[1] == 77 && guest->grs[2] == fpr, "access and FP registers are shared");
	check_equal(0x2345, guest->grs[3], "control registers are the guest's");
	__asm__ volatile("lgdr %0, %%f4" : "=d"(fpr));
	check_equal(55, fpr, "and seen from outside");
}

static void clocks(void)
{
	uint64_t before, after, epoch = 1UL << 52;

	guest_start(guest, PROGRAM(clocks));
	guest->block.epoch = epoch;
	guest->block.cputm = 1UL << 40;
	before = machine_tod();
	guest_run(guest);
	after = machine_tod();
	check(*guest_u64(guest, GUEST_DATA) >= before + epoch &&
		      *guest_u64(guest, GUEST_DATA) <= after + epoch,
	      "the clock is ours and the epoch");
	check(guest->block.cputm < 1UL << 40 && guest->block.cputm > (1UL << 40) - (after - before),
	      "the CPU timer has run");
	guest_start(guest, PROGRAM(for_ever));
	guest->block.gcr[0] |= 0x800;
	guest->block.gpsw_mask |= 0x0100000000000000UL;
	guest->block.ckc = machine_tod() + 4096 * 300;
	guest_run(guest);
	expect_wait(guest, 0x130, "the clock comparator interrupts inside");
	guest_start(guest, PROGRAM(for_ever));
	guest->block.gcr[0] |= 0x800;
	guest->block.gpsw_mask |= 0x0100000000000000UL;
	guest->block.ckc = 0;
	*guest_u64(guest, 0x1b0) |= 0x0100000000000000UL;
	guest_run(guest);
	expect_icpt(guest, ICPT_EXTINT, "unless its new PSW is enabled for it");
}

static void requests(void)
{
	static const struct {
		uint32_t flag;
		uint64_t mask;
		uint8_t icpt;
		const char *name;
	} rows[] = {
		{CPUSTAT_EXT_INT, 0x0100000000000000UL, ICPT_EXTREQ, "external request"},
		{CPUSTAT_IO_INT, 0x0200000000000000UL, ICPT_IOREQ, "I/O request"},
		{CPUSTAT_STOP_INT, 0, ICPT_STOP, "stop request"},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		guest_start(guest, PROGRAM(for_ever));
		guest->block.cpuflags |= rows[i].flag;
		guest->block.gpsw_mask |= rows[i].mask;
		guest_run(guest);
		expect_icpt(guest, rows[i].icpt, rows[i].name);
	}
	guest_start(guest, PROGRAM(count));
	guest->grs[2] = 5000;
	guest->block.cpuflags |= CPUSTAT_EXT_INT | CPUSTAT_IO_INT;
	guest_run(guest);
	check(guest->block.icptcode == ICPT_INST && guest->grs[1] == 5000,
	      "requests for which it is disabled wait");
	check(guest->block.cpuflags == (CPUSTAT_ZARCH | CPUSTAT_EXT_INT | CPUSTAT_IO_INT),
	      "and stay");
}

/* Our own interruption ends SIE: nothing was intercepted, and the old PSW is behind it */
static void own_interruption(void)
{
	uint64_t at = 0x1b0, ckc = machine_tod() + 4096 * 1000, cr0 = read_cr0();

	__asm__("" : "+a"(at));
	*(volatile uint64_t *)at = GUEST_PSW;
	*(volatile uint64_t *)(at + 8) = (uint64_t)note_external;
	guest_start(guest, PROGRAM(for_ever));
	external_code = 0;
	__asm__ volatile("sckc %0" : : "Q"(ckc));
	write_cr0(cr0 | 0x800);
	__asm__ volatile("stosm %0, 0x01" : "=Q"(at));
	trapped.code = 0;
	while (!external_code)
		sie_enter(&guest->block, guest->grs);
	__asm__ volatile("stnsm %0, 0xfc" : "=Q"(at));
	write_cr0(cr0);
	ckc = UINT64_MAX;
	__asm__ volatile("sckc %0" : : "Q"(ckc));
	check_equal(0x1004, external_code, "a clock comparator of our own ends SIE");
	check_equal((uint64_t)sie_exit, external_at, "its old PSW is behind it");
	check_equal(0, guest->block.icptcode, "nothing was intercepted");
	check_equal(GUEST_CODE, guest->block.gpsw_addr, "the guest goes on where it was");
}

static void programs(void)
{
	guest_code(guest, 0x0000000000000000UL);
	guest_run(guest);
	expect_wait(guest, 0x150, "an operation exception is the guest's");
	guest_code(guest, 0x0000000000000000UL);
	guest->block.ictl = ICTL_PINT;
	guest_run(guest);
	check(guest->block.icptcode == ICPT_PROGI && guest->block.iprcc == 1 &&
		      guest->block.pgmilc == 2 && guest->block.gpsw_addr == GUEST_CODE + 2,
	      "unless all exceptions are to be intercepted");
	guest_start(guest, PROGRAM(invalid_psw));
	guest_run(guest);
	check(guest->block.icptcode == ICPT_PROGI && guest->block.iprcc == 6 &&
		      guest->block.gpsw_addr == GUEST_CODE + 8,
	      "a specification exception is intercepted");
	guest_start(guest, PROGRAM(invalid_psw));
	guest->block.ecb |= ECB_SPECI;
	guest_run(guest);
	expect_wait(guest, 0x150, "if it is interpreted, it is the guest's");
	guest_start(guest, PROGRAM(invalid_psw));
	guest->block.ecb |= ECB_SPECI;
	*guest_u64(guest, 0x1d0) = 0x0008000000000000UL;
	*guest_u64(guest, 0x1d8) = 0xdeadbeee;
	guest_run(guest);
	check(guest->block.icptcode == ICPT_PROGI && guest->block.iprcc == 6 &&
		      guest->block.gpsw_addr == 0xdeadbeee,
	      "an invalid program new PSW is intercepted");
	guest_code(guest, 0x0a12000000000000UL);
	guest_run(guest);
	expect_wait(guest, 0x140, "a supervisor call is the guest's");
}

static void facility_list(void)
{
	static uint64_t list[32] __attribute__((aligned(8)));
	bool same = true;
	uint64_t words;

	for (unsigned int i = 0; i < 32; i++)
		list[i] = 0x0123456789abcdefUL * (i + 3);
	guest_start(guest, PROGRAM(facilities));
	guest->block.fac = (uint32_t)(uint64_t)list;
	guest_run(guest);
	expect_icpt(guest, ICPT_INST, "STFLE with a list is interpreted");
	check(guest->block.ipa == 0x8300, "and is over then");
	words = (guest->grs[0] & 0xff) + 1;
	for (unsigned int i = 0; i < words && i < 4; i++)
		same = same && *guest_u64(guest, GUEST_DATA + 8 * i) == list[i];
	check(same && words <= 4, "the list is what was given");
	guest_start(guest, PROGRAM(facilities));
	guest->block.fac = 0x7ffffff8;
	guest_run(guest);
	check(guest->block.icptcode == ICPT_VALIDITY && guest->block.ipb == 0x10900000,
	      "a list that is not there is a validity interception");
}

void test_instructions(void)
{
	always();
	controlled();
	registers();
	clocks();
	requests();
	own_interruption();
	programs();
	facility_list();
}
