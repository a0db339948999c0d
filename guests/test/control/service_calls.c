// SPDX-License-Identifier: GPL-2.0-or-later
/* SERVC: exceptions and response codes, in the order of their importance. */
#include "test/control/control.h"

#include "boot/cpu.h"
#include "runtime/console.h"
#include "runtime/machine.h"
#include "runtime/uvc.h"

#define READ_SCP_INFO        0x00020001U
#define READ_SCP_INFO_FORCED 0x00120001U
#define READ_CPU_INFO        0x00010001U
#define WRITE_EVENT_MASK     0x00780005U
#define WRITE_EVENT_DATA     0x00760005U
#define READ_EVENT_DATA      0x00770005U
#define UNKNOWN              0x00ee0001U

struct header {
	uint16_t len;
	uint8_t function;
	uint8_t control[3];
	uint16_t response;
};

/* Two pages, so that a block can cross from one into the other */
static uint8_t blocks[8192] __attribute__((aligned(8192)));
static uint8_t new_prefix[8192] __attribute__((aligned(8192)));

static struct header *block_at(unsigned int offset, uint16_t len)
{
	struct header *h = (struct header *)(blocks + offset);

	for (unsigned int i = 0; i < sizeof(blocks); i++)
		blocks[i] = 0;
	h->len = len;
	return h;
}

static void refused(uint16_t code, uint32_t command, uint64_t sccb, const char *what)
{
	TRAP(".insn rre, 0xb2200000, %0, %1",
	     :
	     : "d"((uint64_t)command), "d"(sccb)
	     : "1", "cc", "memory");
	expect_trap(code, 4, BEHIND, what);
}

static void respond(uint16_t expected, uint32_t command, unsigned int offset, uint16_t len,
		    const char *what)
{
	struct header *h = block_at(offset, len);
	int cc = service_call(command, h);

	check_equal(0, (uint64_t)cc, "SERVC is accepted");
	check_equal(expected, h->response, what);
}

static void in_prefix_area(void)
{
	block_at(0, 8);
	TRAP(".insn rre, 0xb2200000, %0, %1",
	     :
	     : "d"((uint64_t)READ_SCP_INFO), "d"(new_prefix)
	     : "1", "cc", "memory");
}

static void exceptions(void)
{
	uint64_t at = (uint64_t)block_at(0, 4096);

	refused(PGM_SPECIFICATION, READ_SCP_INFO, at + 4, "block: alignment");
	refused(PGM_SPECIFICATION, READ_SCP_INFO, 0, "block: absolute 0");
	refused(PGM_SPECIFICATION, READ_SCP_INFO, 0x1ff8, "block: below 2000");
	refused(PGM_SPECIFICATION, UNKNOWN, 0x1ff8, "block before command");
	refused(PGM_SPECIFICATION, READ_SCP_INFO, 0x80000000, "block: 2 GiB");
	if (!uvc_protected())
		refused(PGM_ADDRESSING, READ_SCP_INFO, 0x7ffff000, "block: not storage");
	block_at(0, 7);
	refused(PGM_SPECIFICATION, READ_SCP_INFO, at, "block: seven bytes");
	block_at(0, 0);
	refused(PGM_SPECIFICATION, UNKNOWN, at, "block: no bytes, before command");
	with_prefix(new_prefix, in_prefix_area);
	expect_trap(PGM_SPECIFICATION, 4, BEHIND, "block: in the prefix area");
	PRIVILEGED(".insn rre, 0xb2200000, 2, 3", 0, "problem state");
}

static void responses(void)
{
	respond(0x01f0, UNKNOWN, 0, 8, "no such command");
	respond(0x01f0, 0xdead0000, 0, 8, "nor this one");
	respond(0x0300, READ_SCP_INFO, 0, 8, "read SCP information: too short");
	respond(0x0300, READ_SCP_INFO_FORCED, 0, 128, "no room for a CPU");
	respond(0x0300, READ_CPU_INFO, 0, 16, "read CPU information: too short");
	if (!uvc_protected()) { /* of one of these the Ultravisor sees one page */
		respond(0x0100, READ_SCP_INFO, 4096 - 8, 16, "across a page");
		respond(0x01f0, UNKNOWN, 4096 - 8, 16, "unknown, before across a page");
	}
	respond(0x0010, READ_SCP_INFO, 0, 4096, "read SCP information");
	respond(0x0010, READ_SCP_INFO_FORCED, 0, 4096, "the same, forced");
	respond(0x0010, READ_CPU_INFO, 2048, 2048, "read CPU information, up to the page's end");
	respond(0x74f0, WRITE_EVENT_MASK, 0, 28, "a mask of no length");
	respond(0x72f0, WRITE_EVENT_DATA, 0, 8, "no event to write");
	respond(0x60f0, READ_EVENT_DATA, 0, 4096, "no event to read");
}

/* What the block says of CPUs and storage */
static void information(void)
{
	struct header *h = block_at(0, 4096);
	const uint16_t *half = (const uint16_t *)blocks;

	service_call(READ_SCP_INFO, h);
	check(half[8] >= 1 && half[8] <= 240, "number of CPUs");
	check(half[9] + 16U * half[8] <= 4096, "their entries are in the block");
	check(machine_memory() >= 64UL << 20, "size of storage");
	h = block_at(0, 4096);
	service_call(READ_CPU_INFO, h);
	check_equal(half[8] ? half[8] : half[4], half[4], "configured CPUs");
	check_equal(0, blocks[half[5]], "CPU 0 comes first");
}

void test_service_calls(void)
{
	exceptions();
	responses();
	information();
}
