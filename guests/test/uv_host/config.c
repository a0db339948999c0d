// SPDX-License-Identifier: GPL-2.0-or-later
/* Configurations: CREATE_SEC_CONF, DESTROY_SEC_CONF. */
#include "test/uv_host/uv_host.h"

#define GUEST_MIB   2UL
#define TABLE       0x4000UL
#define SCA         0x4000UL
#define BASE_ALIGN  0x4000UL
#define REAL_SPACE  0x20UL
#define TABLE_PAGES 3UL

static uint64_t virt_len(void)
{
	return be64_get(qui.conf_base_virt_stor_len) +
	       GUEST_MIB * be64_get(qui.conf_virt_var_stor_len);
}

void guest_init(struct guest *g)
{
	*g = (struct guest){
		.base = take(be64_get(qui.conf_base_phys_stor_len), BASE_ALIGN),
		.virt = take(virt_len(), PAGE),
		.virt_len = virt_len(),
		.cpu_stor = take(be64_get(qui.cpu_stor_len), PAGE),
		.segments = (volatile uint64_t *)take(TABLE, TABLE),
		.pages = (volatile uint64_t *)take(PAGE, PAGE),
		.sca = take(SCA, SCA),
		.scb = take(PAGE, PAGE),
	};
	for (unsigned int i = 0; i < TABLE / 8; i++)
		g->segments[i] = ENTRY_INVALID;
	for (unsigned int i = 0; i < GUEST_PAGES; i++)
		g->pages[i] = PAGE_INVALID;
	g->segments[0] = (uint64_t)g->pages;
}

struct uv_cb_cgc guest_create_block(const struct guest *g)
{
	return (struct uv_cb_cgc){
		HEADER(uv_cb_cgc, CREATE_SEC_CONF),
		.conf_base_stor_origin = be64_make(g->base),
		.conf_virt_stor_origin = be64_make(g->virt),
		.guest_stor_len = be64_make(GUEST_MIB * MIB),
		.guest_sca = be64_make(g->sca),
		.guest_asce = be64_make((uint64_t)g->segments | ASCE_PRIVATE | TABLE_PAGES),
	};
}

static void bad_guest(const struct uv_cb_cgc *good)
{
	uint64_t max = be64_get(qui.max_guest_stor_addr);
	struct uv_cb_cgc block = *good;

	block.guest_stor_origin = be64_make(max + 2 * MIB + 1);
	expect_rc(&block, 0x101, "guest storage above the end");
	block.guest_stor_origin = be64_make(max - MIB);
	expect_rc(&block, 0x102, "guest storage across the end");
	block = *good;
	block.guest_asce = be64_make(be64_get(good->guest_asce) & ~ASCE_PRIVATE);
	expect_rc(&block, 0x105, "a space that is not private");
	block.guest_asce = be64_make(be64_get(good->guest_asce) | REAL_SPACE);
	expect_rc(&block, 0x105, "a real space");
	block = *good;
	block.guest_sca = be64_make(0);
	expect_rc(&block, 0x10c, "no control area");
	block.guest_sca = be64_make(memory + SCA);
	expect_rc(&block, 0x10d, "a control area where there is no storage");
}

static void bad_storage(const struct uv_cb_cgc *good)
{
	struct uv_cb_cgc block = *good;

	block.conf_base_stor_origin = be64_make(memory + 8);
	expect_rc(&block, 0x108, "base storage where there is none");
	block.conf_base_stor_origin = be64_make(0x1000);
	expect_rc(&block, 0x109, "base storage in the prefix area");
	block.conf_base_stor_origin = be64_make(UV_BASE);
	expect_rc(&block, 0x10b, "base storage that is donated");
	block = *good;
	block.conf_virt_stor_origin = be64_make(memory);
	expect_rc(&block, 0x10a, "variable storage where there is none");
	block.conf_virt_stor_origin = good->conf_base_stor_origin;
	expect_rc(&block, 0x10b, "variable and base storage at one place");
}

/* What is not done by the CPU itself says the same, as far as it knows the address. */
static void expect_operands(uint64_t at)
{
	register uint64_t command __asm__("2") = 0x00020001;

	TRAP("spx 0(%0)", : : "a"(at) : "1", "memory");
	expect_trap(PGM_SECURE, 4, AT, "an operand that is fetched");
	check_equal(at | TEID_ADDRESS, trapped.teid & (~(PAGE - 1) | TEID_ADDRESS), "its address");
	TRAP("stpx 0(%0)", : : "a"(at) : "1", "memory");
	expect_trap(PGM_SECURE, 4, AT, "an operand that is stored");
	TRAP(".insn rre,0xb22c0000,0,%0", : : "a"(at) : "0", "1", "cc", "memory");
	expect_trap(PGM_SECURE, 4, AT, "a page that is tested");
	TRAP(".insn rre,0xb2200000,%1,%0", : : "a"(at), "d"(command) : "1", "cc", "memory");
	expect_trap(PGM_SECURE, 4, AT, "a service call's block");
	TRAP_BETWEEN("", "br %0", "", : : "a"(at) : "1", "memory");
	check(trapped.code == PGM_SECURE && trapped.address == at, "an instruction");
}

static void expect_again(const struct guest *g)
{
	struct uv_cb_cgc block = guest_create_block(g);
	struct guest other;

	expect_rc(&block, 0x10b, "the same again");
	guest_init(&other);
	block = guest_create_block(&other);
	block.guest_asce = be64_make((uint64_t)g->segments | ASCE_PRIVATE | TABLE_PAGES);
	expect_rc(&block, 0x104, "other storage, the same space");
	check(!be64_get(block.guest_handle), "no handle for that");
	expect_access(other.base, PAGE, "nothing was taken for that");
}

void test_create(void)
{
	struct uv_cb_cgc block;

	guest_init(&guest);
	block = guest_create_block(&guest);
	expect_lengths(&block);
	bad_guest(&block);
	bad_storage(&block);
	check(!be64_get(block.guest_handle), "no handle so far");
	if (!expect_done(&block, "as it should be"))
		return;
	guest.handle = be64_get(block.guest_handle);
	check(guest.handle, "a handle");
	expect_no_access(guest.base, be64_get(qui.conf_base_phys_stor_len),
			 "base storage is the Ultravisor's");
	expect_no_access(guest.virt, guest.virt_len, "variable storage is the Ultravisor's");
	expect_operands(guest.base);
	expect_again(&guest);
}

void test_destroy(void)
{
	struct uv_cb_nodata block = {
		HEADER(uv_cb_nodata, DESTROY_SEC_CONF),
		.handle = be64_make(guest.handle),
	};

	expect_lengths(&block);
	expect_handle(&block, &block.handle, UVC_RC_INV_GHANDLE);
	expect_done(&block, "as it should be");
	expect_zeros(guest.base, be64_get(qui.conf_base_phys_stor_len), "base storage is back");
	expect_zeros(guest.virt, guest.virt_len, "variable storage is back");
	expect_rc(&block, UVC_RC_INV_GHANDLE, "a second time");
}
