// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the control block is: its space, and pages that cannot be used. */
#include "test/uv_host/uv_host.h"

#define REAL_SPACE 0x20UL

static uint64_t segments[512] __attribute__((aligned(4096)));
static uint64_t pages[256] __attribute__((aligned(4096)));
static uint8_t window[2 * PAGE] __attribute__((aligned(4096)));

/* The first MiB, where the guest is, one to one; nothing else. */
static void make_space(void)
{
	for (unsigned int i = 0; i < 512; i++)
		segments[i] = i ? ENTRY_INVALID : (uint64_t)pages;
	for (unsigned int i = 0; i < 256; i++)
		pages[i] = i * PAGE;
}

static void set_asce(uint64_t primary, uint64_t home)
{
	__asm__ volatile("lctlg 1, 1, %0" : : "Q"(primary) : "memory");
	__asm__ volatile("lctlg 13, 13, %0" : : "Q"(home) : "memory");
}

static void call_with_dat(void *block)
{
	uint64_t at = (uint64_t)block;

	change_psw(0, PSW_DAT);
	TRAP(".insn rrf,0xb9a40000,0,%0,0,0", : : "a"(at) : "1", "cc", "memory");
	change_psw(PSW_DAT, 0);
}

static void expect_page_trap(uint64_t page, const char *what)
{
	expect_trap(PGM_PAGE, 4, AT, what);
	check_equal(page, trapped.teid & ~(PAGE - 1), "its address");
	check_equal(3, trapped.teid & 3, "of the home space");
}

static volatile uint64_t *entry_of(const void *page)
{
	return (volatile uint64_t *)&pages[(uint64_t)page / PAGE];
}

void test_access(void)
{
	struct uv_cb_init *block = (struct uv_cb_init *)(window + PAGE - sizeof(block->header));
	struct uv_cb_header *donated = (struct uv_cb_header *)UV_BASE;

	make_space();
	set_asce((uint64_t)segments, (uint64_t)segments);
	*block = (struct uv_cb_init){HEADER(uv_cb_init, INIT_UV)};
	call_with_dat(block);
	check(!trapped.code && be16_get(block->header.rc) == 0x101, "all of it is there");
	*entry_of(window) |= PAGE_INVALID;
	call_with_dat(block);
	expect_page_trap((uint64_t)window, "its header is not");
	*entry_of(window) &= ~PAGE_INVALID;
	*entry_of(window + PAGE) |= PAGE_INVALID;
	call_with_dat(block);
	expect_page_trap((uint64_t)window + PAGE, "what follows the header is not");
	block->header.cmd = be16_make(0x4242);
	call_with_dat(block);
	check(!trapped.code && be16_get(block->header.rc) == UVC_RC_INV_CMD,
	      "of an unknown command only the header counts");
	*entry_of(window + PAGE) = (uint64_t)window + PAGE;
	block->header.cmd = be16_make(UVC_CMD_INIT_UV);
	block->header.rc = be16_make(0);
	set_asce(REAL_SPACE, (uint64_t)segments);
	*entry_of(window) |= PAGE_INVALID;
	call_with_dat(block);
	expect_page_trap((uint64_t)window, "the home space, not the primary one");
	set_asce((uint64_t)segments, REAL_SPACE);
	call_with_dat((struct uv_cb_header *)block);
	*entry_of(window) &= ~PAGE_INVALID;
	check(!trapped.code && be16_get(block->header.rc) == 0x101, "likewise where it is found");
	TRAP(".insn rrf,0xb9a40000,0,%0,0,0", : : "a"(donated) : "1", "cc", "memory");
	expect_trap(PGM_SECURE, 4, AT, "a block in donated storage");
	check_equal(UV_BASE | TEID_ADDRESS, trapped.teid & (~(PAGE - 1) | TEID_ADDRESS),
		    "its address");
	set_asce(REAL_SPACE, REAL_SPACE);
}
