// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages: import, export, destroy, pin, and whose they are meanwhile. */
#include "test/uv_host/uv_host.h"

#define GADDR 0x3000UL

static uint64_t frame;

static struct uv_cb_cts import_block(uint64_t gaddr)
{
	return (struct uv_cb_cts){
		HEADER(uv_cb_cts, CONV_TO_SEC_STOR),
		.guest_handle = be64_make(guest.handle),
		.gaddr = be64_make(gaddr),
	};
}

static struct uv_cb_cfs frame_block(uint16_t cmd, uint64_t paddr)
{
	return (struct uv_cb_cfs){
		.header = {.len = be16_make(sizeof(struct uv_cb_cfs)), .cmd = be16_make(cmd)},
		.paddr = be64_make(paddr),
	};
}

static void map(uint64_t gaddr, uint64_t to)
{
	guest.pages[gaddr / PAGE] = to;
}

static void bad_imports(void)
{
	struct uv_cb_cts block = import_block(GADDR);

	expect_lengths(&block);
	expect_handle(&block, &block.guest_handle, UVC_RC_INV_GHANDLE);
	expect_rc(&block, 0x10a, "import: nothing is mapped there");
	map(GADDR, guest.base);
	expect_rc(&block, 0x102, "import: donated storage is mapped there");
	map(GADDR, frame | 0x200);
	expect_rc(&block, 0x10a, "import: it is mapped for reading only");
	map(GADDR, frame);
	block = import_block(GADDR + 8);
	expect_rc(&block, 0x101, "import: not a page's address");
	block = import_block(GUEST_PAGES * 2 * PAGE);
	expect_rc(&block, 0x101, "import: beyond the guest");
}

static void bad_frames(void)
{
	struct uv_cb_cfs block = frame_block(UVC_CMD_CONV_FROM_SEC_STOR, memory);

	expect_lengths(&block);
	expect_rc(&block, 0x101, "export: where there is no storage");
	block = frame_block(UVC_CMD_CONV_FROM_SEC_STOR, frame + 8);
	expect_rc(&block, 0x101, "export: not a page's address");
	block = frame_block(UVC_CMD_CONV_FROM_SEC_STOR, guest.virt);
	expect_rc(&block, 0x102, "export: donated storage");
	block = frame_block(UVC_CMD_DESTR_SEC_STOR, UV_BASE);
	expect_rc(&block, 0x102, "destroy: donated storage");
	block = frame_block(UVC_CMD_PIN_PAGE_SHARED, guest.virt);
	expect_rc(&block, 0x102, "pin: donated storage");
	block = frame_block(UVC_CMD_PIN_PAGE_SHARED, frame);
	expect_rc(&block, 0x103, "pin: a page that is not shared");
	block = frame_block(UVC_CMD_CONV_FROM_SEC_STOR, frame);
	expect_done(&block, "export: a page that is not secure");
}

static void import_and_export(void)
{
	volatile uint64_t *words = (volatile uint64_t *)frame;
	struct uv_cb_cfs out = frame_block(UVC_CMD_CONV_FROM_SEC_STOR, frame);
	struct uv_cb_cts in = import_block(GADDR);
	uint64_t first;

	words[0] = 0xdecade;
	expect_done(&in, "import");
	expect_no_access(frame, PAGE, "the page is the guest's");
	expect_done(&in, "import: it is there already");
	expect_done(&out, "export");
	first = words[0];
	check(first && first != 0xdecade, "it is not readable");
	words[0] = first ^ 1;
	expect_rc(&in, 0x108, "import of what was changed");
	words[0] = first;
	expect_done(&in, "import of what was exported");
	expect_no_access(frame, PAGE, "it is the guest's again");
}

/* The same frame at another address of the guest */
static void claim_twice(void)
{
	struct uv_cb_cts block = import_block(2 * GADDR);

	map(2 * GADDR, frame);
	expect_rc(&block, 0x106, "import at another address");
	map(2 * GADDR, PAGE_INVALID);
}

static void destroy(void)
{
	struct uv_cb_cfs block = frame_block(UVC_CMD_DESTR_SEC_STOR, frame);

	expect_rc(&block, 0x106, "destroy: the guest has a CPU");
	block = frame_block(UVC_CMD_PIN_PAGE_SHARED, frame);
	expect_rc(&block, 0x103, "pin: a secure page");
}

void test_pages(void)
{
	frame = take(PAGE, PAGE);
	bad_imports();
	bad_frames();
	import_and_export();
	claim_twice();
	destroy();
}
