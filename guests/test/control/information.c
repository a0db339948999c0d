// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * STORE SYSTEM INFORMATION and STORE FACILITY LIST. With "name=" and "uuid=" on the parameter line
 * they are compared with 3.2.2.
 */
#include "test/control/control.h"

#include "runtime/cpu_facility.h"
#include "runtime/lowcore.h"
#include "runtime/params.h"
#include "runtime/uvc.h"

#define LC_STFL 0xc8

static uint8_t page[4096] __attribute__((aligned(4096)));

static uint64_t level;

/* Return: condition code; trapped tells of an interruption */
static unsigned int store_information(uint64_t r0, uint64_t r1, void *at)
{
	uint32_t cc;

	TRAP_BETWEEN("lgr 0, %2\n\tlgr 1, %3", "stsi 0(%4)", "ipm %0\n\tlgr %1, 0",
		     : "=&d"(cc), "=&d"(level)
		     : "d"(r0), "d"(r1), "a"(at)
		     : "0", "1", "cc", "memory");
	return cc_of(cc);
}

static unsigned int information(unsigned int fc, unsigned int sel1, unsigned int sel2)
{
	for (unsigned int i = 0; i < sizeof(page); i++)
		page[i] = 0xee;
	return store_information((uint64_t)fc << 28 | sel1, sel2, page);
}

static void refused(void)
{
	store_information(0x10000101, 1, page);
	expect_trap(PGM_SPECIFICATION, 4, BEHIND, "reserved bits of register 0");
	store_information(0x18000001, 1, page);
	expect_trap(PGM_SPECIFICATION, 4, BEHIND, "others of them");
	store_information(0x10000001, 0x10001, page);
	expect_trap(PGM_SPECIFICATION, 4, BEHIND, "reserved bits of register 1");
	store_information(0x10000001, 1, page + 8);
	expect_trap(PGM_SPECIFICATION, 4, BEHIND, "alignment");
	store_information(0x10000001, 1, (void *)NOWHERE_PAGE);
	expect_trap(PGM_ADDRESSING, 4, BEHIND, "no such storage");
	check_equal(3, information(4, 1, 1), "no such level");
	check_equal(3, information(1, 3, 1), "no such information");
	check_equal(3, information(3, 2, 1), "nor this one");
	check_equal(0xee, page[0], "nothing is stored");
	PRIVILEGED("stsi 0(%0)", page, "problem state");
}

static uint32_t halfword(unsigned int at)
{
	return (uint32_t)page[at] << 8 | page[at + 1];
}

static void levels(void)
{
	static const uint8_t kvm[] = {0xd2, 0xe5, 0xd4}; /* KVM in EBCDIC */
	uint32_t cpus;

	check_equal(0, information(0, 0, 0), "current level");
	check_equal(3, (uint32_t)level >> 28, "it is a virtual machine");
	check_equal(0, information(1, 1, 1), "1.1.1: machine");
	check_equal(0, information(1, 2, 1), "1.2.1: CPU");
	check_equal(this_cpu(), halfword(0x66), "its address");
	check_equal(0, information(1, 2, 2), "1.2.2: CPUs");
	cpus = halfword(0x26);
	check(cpus && halfword(0x24) >= cpus, "their number");
	check_equal(0, information(2, 2, 2), "2.2.2: partition");
	check_equal(0, information(3, 2, 2), "3.2.2: virtual machine");
	check_equal(1, page[31], "one level");
	check_equal(cpus, halfword(0x26), "as many CPUs");
	for (unsigned int i = 0; i < sizeof(kvm); i++)
		check_equal(kvm[i], page[0x20 + 24 + i], "control program");
	check_equal(2, page[0x20 + 43], "extended name in UTF-8");
}

static void given(void)
{
	char uuid[37];
	unsigned int n = 0;

	if (!params_has("uuid"))
		return;
	for (unsigned int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			uuid[n++] = '-';
		uuid[n++] = "0123456789abcdef"[page[0x20 + 48 + i] >> 4];
		uuid[n++] = "0123456789abcdef"[page[0x20 + 48 + i] & 15];
	}
	uuid[n] = 0;
	check(params_is("uuid", uuid), "UUID");
	check(params_is("name", (const char *)page + 2048), "extended name");
}

static void facility_list(void)
{
	uint64_t list = 0, last;
	uint32_t cc;

	__asm__ volatile("lghi 0, 0\n\tstfle 0(%2)\n\tipm %0\n\tlgr %1, 0"
			 : "=&d"(cc), "=&d"(last)
			 : "a"(&list)
			 : "0", "cc", "memory");
	check_equal(3, cc_of(cc), "STFLE: there are more doublewords");
	check(last & 0xff, "their number");
	__asm__ volatile(".insn s, 0xb2b10000, 0" ::: "memory");
	check_equal(list >> 32, lowcore_u64(LC_STFL) >> 32, "STFL");
	PRIVILEGED(".insn s, 0xb2b10000, 0", 0, "STFL: problem state");
	REFUSED(PGM_SPECIFICATION, "stfle 0(%0)", page + 4, "STFLE: alignment");
}

void test_information(void)
{
	refused();
	levels();
	given();
	facility_list();
}
