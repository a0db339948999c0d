// SPDX-License-Identifier: GPL-2.0-or-later
/* A load-normal reset in the middle of everything: nothing is left, all of it is zero. */
#include "test/uv_host/uv_host.h"

#define PAGE_GADDR   0x1000UL
#define SHORT_PSW_64 0x00080001UL

/* The machine is reset, and goes on with the PSW at absolute 0; general registers stay. */
static void load_normal(void)
{
	uint64_t at = 0;

	__asm__("" : "+a"(at));
	__asm__ volatile("	larl	%%r1, 0f\n"
			 "	oilh	%%r1, 0x8000\n"
			 "	st	%%r1, 4(%0)\n"
			 "	st	%2, 0(%0)\n"
			 "	diag	%1, %1, 0x308\n"
			 "0:	sam64\n"
			 :
			 : "a"(at), "d"(1UL), "d"(SHORT_PSW_64)
			 : "1", "memory", "cc");
}

static void create(struct guest *g)
{
	struct uv_cb_cgc config;
	struct uv_cb_csc cpu;

	guest_init(g);
	config = guest_create_block(g);
	expect_done(&config, "a configuration");
	cpu = (struct uv_cb_csc){
		HEADER(uv_cb_csc, CREATE_SEC_CPU),
		.guest_handle = config.guest_handle,
		.stor_origin = be64_make(g->cpu_stor),
		.state_origin = be64_make(g->scb),
	};
	expect_done(&cpu, "a CPU");
	g->handle = be64_get(config.guest_handle);
	g->cpu = be64_get(cpu.cpu_handle);
}

static uint64_t import(const struct guest *g)
{
	uint64_t frame = take(PAGE, PAGE);
	struct uv_cb_cts block = {
		HEADER(uv_cb_cts, CONV_TO_SEC_STOR),
		.guest_handle = be64_make(g->handle),
		.gaddr = be64_make(PAGE_GADDR),
	};

	g->pages[PAGE_GADDR / PAGE] = frame;
	expect_done(&block, "a page");
	return frame;
}

void test_reset(void)
{
	struct uv_cb_init init = {
		HEADER(uv_cb_init, INIT_UV),
		.stor_origin = be64_make(UV_BASE),
		.stor_len = qui.uv_base_stor_len,
	};
	struct uv_cb_nodata destroy = {HEADER(uv_cb_nodata, DESTROY_SEC_CONF)};
	struct guest g;
	uint64_t page;

	create(&g);
	page = import(&g);
	load_normal();
	trap_init();
	destroy.handle = be64_make(g.handle);
	expect_rc(&destroy, UVC_RC_INV_STATE, "the Ultravisor is not initialised");
	expect_zeros(UV_BASE, be64_get(qui.uv_base_stor_len), "its storage is back");
	expect_zeros(g.base, be64_get(qui.conf_base_phys_stor_len), "base storage is back");
	expect_zeros(g.virt, g.virt_len, "variable storage is back");
	expect_zeros(g.cpu_stor, be64_get(qui.cpu_stor_len), "the CPU's is back");
	expect_zeros(page, PAGE, "the page is back");
	expect_done(&init, "and can be initialised again");
	create(&g);
}
