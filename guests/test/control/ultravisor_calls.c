// SPDX-License-Identifier: GPL-2.0-or-later
/* Ultravisor calls from inside a protected guest; an ordinary one has none. */
#include "test/control/control.h"

#include "protvirt/uv.h"
#include "runtime/cpu_facility.h"
#include "runtime/lowcore.h"
#include "runtime/machine.h"
#include "runtime/uvc.h"

#include "test/cpu/translation.h"

#define RC_DONE         0x0001
#define RC_UNKNOWN      0x0002
#define RC_LENGTH       0x0005
#define RC_MORE         0x0100
#define RC_NO_SUCH_PAGE 0x0101
#define RETR_ATTEST     0x1020
#define RETR_ATTEST_LEN 0x188
#define BIT_RETR_ATTEST 28
#define CREATE_SEC_CONF 0x0100
#define UVC_TEXT        ".insn rrf, 0xb9a40000, 0, %0, 0, 0"

static struct space space;
static uint8_t shared[4096] __attribute__((aligned(4096)));
static uint8_t area[8192] __attribute__((aligned(4096)));

static uint16_t be16_at(const void *at)
{
	return *(const uint16_t *)at;
}

/* Return: condition code, or 4 for an interruption */
static unsigned int call(void *uvcb)
{
	uint32_t cc = 0;

	TRAP_BETWEEN("lghi 0, 0", ".insn rrf, 0xb9a40000, 0, %1, 0, 0", "ipm %0",
		     : "+&d"(cc)
		     : "a"(uvcb)
		     : "0", "1", "cc", "memory");
	return trapped.code ? 4 : cc_of(cc);
}

static void *block(uint16_t len, uint16_t command)
{
	for (unsigned int i = 0; i < sizeof(area); i++)
		area[i] = 0;
	((uint16_t *)area)[0] = len;
	((uint16_t *)area)[1] = command;
	return area;
}

static void answered(unsigned int cc, uint16_t rc, uint16_t len, uint16_t command, const char *what)
{
	uint8_t *b = block(len, command);

	check_equal(cc, call(b), what);
	check_equal(rc, be16_at(b + 4), "its response code");
}

static void query(void)
{
	answered(0, RC_DONE, sizeof(struct uv_cb_qui), UVC_CMD_QUI, "query");
	answered(0, RC_DONE, 0x200, UVC_CMD_QUI, "query with a longer block");
	answered(1, RC_MORE, sizeof(struct uv_cb_qui) - 8, UVC_CMD_QUI, "query with a shorter one");
	answered(1, RC_UNKNOWN, 0x20, 0x4242, "no such command");
	answered(1, RC_UNKNOWN, 0x80, CREATE_SEC_CONF, "a command of the host");
	answered(1, RC_UNKNOWN, 8, 0x4242, "no such command, in a short block");
}

static uint16_t share(uint16_t command, uint64_t address, uint16_t len)
{
	uint8_t *b = block(len, command);

	*(uint64_t *)(b + 0x20) = address;
	call(b);
	return be16_at(b + 4);
}

static void sharing(void)
{
	uint64_t at = (uint64_t)shared, memory = machine_memory();

	shared[7] = 0x47;
	for (unsigned int i = 0; i < 2; i++) {
		check_equal(RC_DONE, share(UVC_CMD_SET_SHARED_ACCESS, at, 0x30), "share");
		check_equal(RC_DONE, share(UVC_CMD_SET_SHARED_ACCESS, at, 0x30), "share again");
		check_equal(0x47, shared[7], "the content stays");
		check_equal(RC_DONE, share(UVC_CMD_REMOVE_SHARED_ACCESS, at, 0x30), "unshare");
		check_equal(RC_DONE, share(UVC_CMD_REMOVE_SHARED_ACCESS, at, 0x30),
			    "unshare again");
		check_equal(0x47, shared[7], "the content stays");
	}
	check_equal(RC_LENGTH, share(UVC_CMD_SET_SHARED_ACCESS, at, 0x28), "share: length");
	check_equal(RC_LENGTH, share(UVC_CMD_REMOVE_SHARED_ACCESS, at, 0x38), "unshare: length");
	check_equal(RC_NO_SUCH_PAGE, share(UVC_CMD_SET_SHARED_ACCESS, memory + 0x1000, 0x30),
		    "share: no such page");
	check_equal(RC_NO_SUCH_PAGE, share(UVC_CMD_REMOVE_SHARED_ACCESS, memory + 0x1000, 0x30),
		    "unshare: no such page");
}

/* Privilege and form before the block, the block before the command */
static void exceptions(void)
{
	uint8_t *b = block(0x20, 0x4242);

	change_psw(0, PSW_USER);
	TRAP(UVC_TEXT, : : "a"(b + 4) : "1", "cc", "memory");
	leave_problem_state();
	expect_trap(PGM_PRIVILEGED, 4, BEHIND, "problem state");
	TRAP(UVC_TEXT, : : "a"(b + 4) : "1", "cc", "memory");
	expect_trap(PGM_SPECIFICATION, 4, BEHIND, "alignment of the block");
	TRAP(".insn rrf, 0xb9a40000, 0, %0, 4, 0", : : "a"(b) : "1", "cc", "memory");
	expect_trap(PGM_SPECIFICATION, 4, BEHIND, "M3");
	TRAP(".insn rrf, 0xb9a40000, 0, %0, 0, 2", : : "a"(b) : "1", "cc", "memory");
	expect_trap(PGM_SPECIFICATION, 4, BEHIND, "M4");
	TRAP(UVC_TEXT, : : "a"(NOWHERE) : "1", "cc", "memory");
	expect_trap(PGM_ADDRESSING, 4, BEHIND, "the block is not storage");
	check_equal(0, be16_at(b + 4), "no response");
}

/* With translation on the block is in the home space; the second page is where it ends */
static void translated(void)
{
	uint64_t asce = space_asce(&space), at = WINDOW + 0x1000 - 0x18;
	uint8_t *b = block(0x30, UVC_CMD_QUI);

	space_init(&space, b);
	__asm__ volatile("lctlg 1, 1, %0\n\tlctlg 13, 13, %0" : : "Q"(asce) : "memory");
	((uint16_t *)(b + 0x1000 - 0x18))[0] = 0x30;
	((uint16_t *)(b + 0x1000 - 0x18))[1] = UVC_CMD_SET_SHARED_ACCESS;
	*(uint64_t *)(b + 0x1000 - 0x18 + 0x20) = (uint64_t)shared;
	change_psw(0, PSW_DAT);
	TRAP(UVC_TEXT, : : "a"(at) : "1", "cc", "memory");
	change_psw(PSW_DAT, 0);
	expect_trap(PGM_PAGE, 4, AT, "the block's second page is invalid");
	space_window(&space)[1] = (uint64_t)b + 0x1000;
	space_window(&space)[0] = PAGE_INVALID;
	purge();
	change_psw(0, PSW_DAT);
	TRAP(UVC_TEXT, : : "a"(at) : "1", "cc", "memory");
	change_psw(PSW_DAT, 0);
	expect_trap(PGM_PAGE, 4, AT, "its first page is");
	space_window(&space)[0] = (uint64_t)b;
	purge();
	change_psw(0, PSW_DAT);
	TRAP(UVC_TEXT, : : "a"(at) : "1", "cc", "memory");
	change_psw(PSW_DAT, 0);
	check(!trapped.code && be16_at(b + 0x1000 - 0x18 + 4) == RC_DONE, "both are valid");
	check_equal(RC_DONE, share(UVC_CMD_REMOVE_SHARED_ACCESS, (uint64_t)shared, 0x30), "undone");
}

/* Who has attestation finds a bad length, who has not, no such command */
static void attestation(void)
{
	struct uv_cb_qui *qui = block(sizeof(*qui), UVC_CMD_QUI);
	bool has;

	call(qui);
	has = be64_get(qui->inst_calls_list[0]) >> (63 - BIT_RETR_ATTEST) & 1;
	answered(1, has ? RC_LENGTH : RC_UNKNOWN, RETR_ATTEST_LEN - 1, RETR_ATTEST,
		 "attestation, too short");
	answered(1, has ? RC_LENGTH : RC_UNKNOWN, RETR_ATTEST_LEN + 1, RETR_ATTEST,
		 "attestation, too long");
}

void test_ultravisor_calls(void)
{
	if (!uvc_protected()) {
		check(!cpu_has_facility(158), "facility 158 is off");
		REFUSED(PGM_OPERATION, UVC_TEXT, block(0x20, UVC_CMD_QUI), "no such instruction");
		return;
	}
	check(cpu_has_facility(158), "facility 158 is on");
	query();
	sharing();
	exceptions();
	translated();
	attestation();
}
