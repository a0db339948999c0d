// SPDX-License-Identifier: GPL-2.0-or-later
/* SET_SEC_CONF_PARAMS, and what cannot be done without an image. */
#include "test/uv_host/uv_host.h"

void test_header(void)
{
	uint64_t header = take(PAGE, PAGE);
	struct uv_cb_ssc block = {
		HEADER(uv_cb_ssc, SET_SEC_CONF_PARAMS),
		.guest_handle = be64_make(guest.handle),
		.sec_header_origin = be64_make(header),
		.sec_header_len = be32_make(PAGE),
	};
	struct uv_cb_unp unpack = {
		HEADER(uv_cb_unp, UNPACK_IMG),
		.guest_handle = be64_make(guest.handle),
	};
	struct uv_cb_nodata verify = {
		HEADER(uv_cb_nodata, VERIFY_IMG),
		.handle = be64_make(guest.handle),
	};

	expect_lengths(&block);
	expect_handle(&block, &block.guest_handle, UVC_RC_INV_GHANDLE);
	block.sec_header_origin = be64_make(memory);
	expect_rc(&block, 0x103, "where there is no storage");
	block.sec_header_origin = be64_make(memory - 8);
	expect_rc(&block, 0x103, "where storage ends too soon");
	block.sec_header_origin = be64_make(guest.base);
	expect_rc(&block, 0x103, "in donated storage");
	block.sec_header_origin = be64_make(header);
	expect_rc(&block, 0x105, "no header at all");
	expect_lengths(&unpack);
	expect_rc(&unpack, 0x101, "a page of an image without header");
	expect_rc(&verify, 0x101, "the end of an image without header");
}
