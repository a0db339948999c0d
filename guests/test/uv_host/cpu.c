// SPDX-License-Identifier: GPL-2.0-or-later
/* Secure CPUs: CREATE_SEC_CPU, DESTROY_SEC_CPU, and what their configuration may not do. */
#include "test/uv_host/uv_host.h"

static struct uv_cb_csc create_block(void)
{
	return (struct uv_cb_csc){
		HEADER(uv_cb_csc, CREATE_SEC_CPU),
		.guest_handle = be64_make(guest.handle),
		.stor_origin = be64_make(guest.cpu_stor),
		.state_origin = be64_make(guest.scb),
	};
}

static void bad_storage(void)
{
	struct uv_cb_csc block = create_block();

	block.stor_origin = be64_make(memory);
	expect_rc(&block, 0x105, "where there is no storage");
	block.stor_origin = be64_make(0);
	expect_rc(&block, 0x106, "in the prefix area");
	block.stor_origin = be64_make(guest.base);
	expect_rc(&block, 0x108, "storage that is donated");
	block = create_block();
	block.state_origin = be64_make(memory);
	expect_rc(&block, 0x107, "a state description where there is no storage");
	check(!be64_get(block.cpu_handle), "no handle for that");
}

void test_cpu(void)
{
	struct uv_cb_csc block = create_block();

	expect_lengths(&block);
	expect_handle(&block, &block.guest_handle, UVC_RC_INV_GHANDLE);
	block.num = be16_make(be16_get(qui.max_guest_cpu_id) + 1);
	expect_rc(&block, 0x103, "a number that is too high");
	bad_storage();
	block = create_block();
	expect_done(&block, "as it should be");
	guest.cpu = be64_get(block.cpu_handle);
	check(guest.cpu, "a handle");
	expect_no_access(guest.cpu_stor, be64_get(qui.cpu_stor_len), "its storage is gone");
	block = create_block();
	block.stor_origin = be64_make(take(be64_get(qui.cpu_stor_len), PAGE));
	expect_rc(&block, 0x104, "the same number again");
	block = create_block();
	block.num = be16_make(1);
	expect_rc(&block, 0x108, "the same storage again");
}

static void states(void)
{
	struct uv_cb_cpu_set_state block = {
		HEADER(uv_cb_cpu_set_state, CPU_SET_STATE),
		.cpu_handle = be64_make(guest.cpu),
		.state = PV_CPU_STATE_OPR_LOAD,
	};

	expect_handle(&block, &block.cpu_handle, UVC_RC_INV_CHANDLE);
	expect_rc(&block, 0x102, "a load before there is an image");
	block.state = 4;
	expect_rc(&block, 0x101, "no such state");
	block.state = PV_CPU_STATE_STP;
	expect_done(&block, "it stops");
}

void test_destroy_cpu(void)
{
	struct uv_cb_nodata config = {
		HEADER(uv_cb_nodata, DESTROY_SEC_CONF),
		.handle = be64_make(guest.handle),
	};
	struct uv_cb_nodata block = {
		HEADER(uv_cb_nodata, DESTROY_SEC_CPU),
		.handle = be64_make(guest.cpu),
	};

	states();
	expect_rc(&config, 0x102, "its configuration cannot go");
	expect_lengths(&block);
	expect_handle(&block, &block.handle, UVC_RC_INV_CHANDLE);
	expect_done(&block, "as it should be");
	expect_zeros(guest.cpu_stor, be64_get(qui.cpu_stor_len), "its storage is back");
	expect_rc(&block, UVC_RC_INV_CHANDLE, "a second time");
}
