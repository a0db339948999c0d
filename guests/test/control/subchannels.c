// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A channel subsystem without devices: what is wrong with an instruction comes before that it finds
 * no subchannel.
 */
#include "test/control/control.h"

#include "runtime/uvc.h"

#define NO_SUBCHANNEL  3
#define SUBCHANNEL     0x00010000UL
#define NO_IDENTITY    0x00000000UL /* bit 47 is zero */
#define OTHER_IDENTITY 0x05010000UL /* a subsystem, without its facility */

static uint32_t block[1024] __attribute__((aligned(4096)));

/* GR1, GR2, the operand's address in %3; the condition code before is 2 */
#define EXECUTE(text, r1, at)                                                                      \
	({                                                                                         \
		uint32_t ipm_;                                                                     \
		TRAP_BETWEEN("cghi %1, -1\n\tlgr 2, %2\n\tlgr 1, %1", text, "ipm %0",              \
			     : "=&d"(ipm_)                                                         \
			     : "d"((uint64_t)(r1)), "d"(gr2), "a"(at)                              \
			     : "1", "2", "cc", "memory");                                          \
		cc_of(ipm_);                                                                       \
	})

static uint64_t gr2;

#define REFUSES(code, text, r1, at, what)                                                          \
	do {                                                                                       \
		EXECUTE(text, r1, at);                                                             \
		expect_trap(code, 4, BEHIND, what);                                                \
	} while (0)

#define FINDS_NONE(text, at, what)                                                                 \
	do {                                                                                       \
		unsigned int cc_ = EXECUTE(text, SUBCHANNEL, at);                                  \
		check(!trapped.code && cc_ == NO_SUBCHANNEL, what ": no subchannel");              \
	} while (0)

#define NEEDS_IDENTITY(text, what)                                                                 \
	do {                                                                                       \
		REFUSES(PGM_OPERAND, text, NO_IDENTITY, block, what ": no identity");              \
		REFUSES(PGM_OPERAND, text, OTHER_IDENTITY, block, what ": another subsystem's");   \
	} while (0)

#define CSCH  ".insn s, 0xb2300000, 0"
#define HSCH  ".insn s, 0xb2310000, 0"
#define MSCH  ".insn s, 0xb2320000, 0(%3)"
#define SSCH  ".insn s, 0xb2330000, 0(%3)"
#define STSCH ".insn s, 0xb2340000, 0(%3)"
#define TSCH  ".insn s, 0xb2350000, 0(%3)"
#define SAL   ".insn s, 0xb2370000, 0"
#define RSCH  ".insn s, 0xb2380000, 0"
#define STCRW ".insn s, 0xb2390000, 0(%3)"
#define RCHP  ".insn s, 0xb23b0000, 0"
#define SCHM  ".insn s, 0xb23c0000, 0"
#define XSCH  ".insn s, 0xb2760000, 0"
#define CHSC  ".insn rre, 0xb25f0000, %3, 0"

static void clear(void)
{
	for (unsigned int i = 0; i < 1024; i++)
		block[i] = 0;
}

static void without_operand(void)
{
	FINDS_NONE(CSCH, block, "CSCH");
	NEEDS_IDENTITY(CSCH, "CSCH");
	FINDS_NONE(HSCH, block, "HSCH");
	NEEDS_IDENTITY(HSCH, "HSCH");
	FINDS_NONE(RSCH, block, "RSCH");
	NEEDS_IDENTITY(RSCH, "RSCH");
	FINDS_NONE(XSCH, block, "XSCH");
	NEEDS_IDENTITY(XSCH, "XSCH");
	check_equal(NO_SUBCHANNEL, EXECUTE(RCHP, 0x12, block), "RCHP: no channel path");
	REFUSES(PGM_OPERAND, RCHP, 0x0100, block, "RCHP: reserved bit");
}

static void fetching(void)
{
	clear();
	FINDS_NONE(MSCH, block, "MSCH");
	NEEDS_IDENTITY(MSCH, "MSCH");
	block[1] = 0x01000000;
	REFUSES(PGM_OPERAND, MSCH, SUBCHANNEL, block, "MSCH: reserved flag");
	block[1] = 0;
	FINDS_NONE(SSCH, block, "SSCH");
	NEEDS_IDENTITY(SSCH, "SSCH");
	block[2] = 0x80000000;
	REFUSES(PGM_OPERAND, SSCH, SUBCHANNEL, block, "SSCH: address of the program");
	block[2] = 0;
	REFUSES(PGM_SPECIFICATION, MSCH, NO_IDENTITY, 0x302, "MSCH: alignment comes first");
	REFUSES(PGM_SPECIFICATION, SSCH, NO_IDENTITY, 0x302, "SSCH: alignment comes first");
	REFUSES(PGM_ADDRESSING, MSCH, NO_IDENTITY, NOWHERE_PAGE, "MSCH: then the access");
	REFUSES(PGM_ADDRESSING, SSCH, NO_IDENTITY, NOWHERE_PAGE, "SSCH: then the access");
}

static void storing(void)
{
	block[0] = 0x12345678;
	FINDS_NONE(STSCH, block, "STSCH");
	NEEDS_IDENTITY(STSCH, "STSCH");
	FINDS_NONE(TSCH, block, "TSCH");
	NEEDS_IDENTITY(TSCH, "TSCH");
	REFUSES(PGM_SPECIFICATION, STSCH, SUBCHANNEL, 0x302, "STSCH: alignment");
	REFUSES(PGM_SPECIFICATION, TSCH, SUBCHANNEL, 0x302, "TSCH: alignment");
	REFUSES(PGM_ADDRESSING, STSCH, SUBCHANNEL, NOWHERE_PAGE, "STSCH: access");
	REFUSES(PGM_ADDRESSING, TSCH, SUBCHANNEL, NOWHERE_PAGE, "TSCH: access");
	check_equal(0x12345678, block[0], "nothing is stored");
	check_equal(1, EXECUTE(STCRW, 0, block), "STCRW: no report");
	check_equal(0, block[0], "STCRW: zeros");
	REFUSES(PGM_SPECIFICATION, STCRW, 0, 0x302, "STCRW: alignment");
	REFUSES(PGM_ADDRESSING, STCRW, 0, NOWHERE_PAGE, "STCRW: access");
}

static void whole_subsystem(void)
{
	clear();
	block[0] = 0x00100010;
	check_equal(NO_SUBCHANNEL, EXECUTE(CHSC, 0, block), "CHSC: not operational");
	block[0] = 0x000c0010;
	REFUSES(PGM_OPERAND, CHSC, 0, block, "CHSC: too short");
	block[0] = 0x00140010;
	REFUSES(PGM_OPERAND, CHSC, 0, block, "CHSC: no doublewords");
	block[0] = 0x10000010;
	REFUSES(PGM_OPERAND, CHSC, 0, block, "CHSC: no room for an answer");
	REFUSES(PGM_SPECIFICATION, CHSC, 0, (uint64_t)block + 8, "CHSC: alignment");
	REFUSES(PGM_ADDRESSING, CHSC, 0, NOWHERE_PAGE, "CHSC: access");
}

/* They leave the condition code as it is */
static void measurement(void)
{
	gr2 = 0;
	check(uvc_protected() || EXECUTE(SCHM, 0, block) == 2, "SCHM");
	REFUSES(PGM_OPERAND, SCHM, 4, block, "SCHM: reserved bit");
	if (uvc_protected())
		return; /* the host is not told GR2; storage has no limit */
	gr2 = 8;
	REFUSES(PGM_OPERAND, SCHM, 2, block, "SCHM: alignment");
	check_equal(2, EXECUTE(SAL, 0, block), "SAL");
	REFUSES(PGM_OPERAND, SAL, 0x80000000, block, "SAL: beyond 2 GiB");
}

void test_subchannels(void)
{
	without_operand();
	fetching();
	storing();
	whole_subsystem();
	measurement();
	PRIVILEGED(".insn s, 0xb2320000, 0(%0)", 0x302, "MSCH: problem state");
	PRIVILEGED(".insn s, 0xb2350000, 0(%0)", 0x302, "TSCH: problem state");
	PRIVILEGED(".insn s, 0xb2300000, 0", block, "CSCH: problem state");
	PRIVILEGED(".insn rre, 0xb25f0000, %0, 0", NOWHERE, "CHSC: problem state");
}
