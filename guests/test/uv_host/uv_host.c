// SPDX-License-Identifier: GPL-2.0-or-later
#include "test/uv_host/uv_host.h"

#include "runtime/console.h"
#include "runtime/guest.h"
#include "runtime/machine.h"
#include "runtime/params.h"

#define FIRST_FREE (16 * MIB)

struct uv_cb_qui qui;
struct guest guest;
uint64_t memory;

uint64_t take(uint64_t len, uint64_t align)
{
	static uint64_t next = FIRST_FREE;
	uint64_t at = (next + align - 1) & ~(align - 1);

	next = at + len;
	return at;
}

unsigned int uvc_once(void *block)
{
	uint32_t ipm;

	__asm__ volatile(".insn rrf,0xb9a40000,0,%1,0,0\n\tipm %0"
			 : "=d"(ipm)
			 : "a"(block)
			 : "cc", "memory");
	return cc_of(ipm);
}

void expect_rc(void *block, uint16_t rc, const char *what)
{
	struct uv_cb_header *header = block;
	unsigned int cc;

	header->rc = be16_make(0);
	header->rrc = be16_make(0xffff);
	do
		cc = uvc_once(block);
	while (cc > 1);
	if (cc != 1 || be16_get(header->rc) != rc)
		console_printf("# cc %u, rc %04x, rrc %04x\n", cc, be16_get(header->rc),
			       be16_get(header->rrc));
	check(cc == 1 && be16_get(header->rc) == rc, what);
}

bool expect_done(void *block, const char *what)
{
	struct uv_cb_header *header = block;
	unsigned int cc;
	bool done;

	do
		cc = uvc_once(block);
	while (cc > 1);
	done = !cc && be16_get(header->rc) == UVC_RC_EXECUTED;
	if (!done)
		console_printf("# cc %u, rc %04x, rrc %04x\n", cc, be16_get(header->rc),
			       be16_get(header->rrc));
	check(done, what);
	return done;
}

void expect_lengths(void *block)
{
	struct uv_cb_header *header = block;
	uint16_t len = be16_get(header->len);

	header->len = be16_make(len - 8);
	expect_rc(block, UVC_RC_INV_LEN, "a block that is too short");
	header->len = be16_make(len + 8);
	expect_rc(block, UVC_RC_INV_LEN, "a block that is too long");
	header->len = be16_make(len);
}

void expect_handle(void *block, be64_t *handle, uint16_t rc)
{
	uint64_t value = be64_get(*handle);

	*handle = be64_make(value + 1);
	expect_rc(block, rc, "a handle that there is not");
	*handle = be64_make(value);
}

static bool traps(uint64_t at, bool store)
{
	uint64_t value = 0x55;
	bool code, teid;

	if (store)
		TRAP("stc %0, 0(%1)", : : "d"(value), "a"(at) : "1", "memory");
	else
		TRAP("ic %0, 0(%1)", : "+d"(value) : "a"(at) : "1", "memory");
	code = trapped.code == PGM_SECURE && trapped.length == 4 && trapped.address == trap_at;
	teid = (trapped.teid & ~(PAGE - 1)) == (at & ~(PAGE - 1)) && trapped.teid & TEID_ADDRESS;
	if (!code || !teid)
		console_printf(
			"# %s at %016lx: code %04x, length %u, address %016lx, TEID %016lx\n",
			store ? "store" : "load", at, trapped.code, trapped.length, trapped.address,
			trapped.teid);
	return code && teid;
}

void expect_no_access(uint64_t origin, uint64_t len, const char *what)
{
	bool good = true;

	for (uint64_t at = origin; at < origin + len && good; at += PAGE)
		good = traps(at, false) && traps(at, true) && traps(at + PAGE - 1, false) &&
		       traps(at + PAGE - 1, true);
	check(good, what);
}

static bool does_not_trap(uint64_t at)
{
	uint64_t value = 0;

	TRAP("ic %0, 0(%1)", : "+d"(value) : "a"(at) : "1", "memory");
	if (trapped.code)
		return false;
	TRAP("stc %0, 0(%1)", : : "d"(value), "a"(at) : "1", "memory");
	return !trapped.code;
}

void expect_access(uint64_t origin, uint64_t len, const char *what)
{
	bool good = true;

	for (uint64_t at = origin; at < origin + len && good; at += PAGE)
		good = does_not_trap(at) && does_not_trap(at + PAGE - 1);
	check(good, what);
}

void expect_zeros(uint64_t origin, uint64_t len, const char *what)
{
	const volatile uint64_t *words = (const volatile uint64_t *)origin;
	bool good = does_not_trap(origin);

	for (uint64_t i = 0; i < len / sizeof(*words) && good; i++) {
		good = (i * sizeof(*words) % PAGE || does_not_trap((uint64_t)&words[i])) &&
		       !words[i];
	}
	check(good, what);
}

static const struct area areas[] = {
	{"instruction", test_instruction},
	{"query", test_query},
	{"invalid", test_invalid},
	{"uninitialised", test_uninitialised},
	{"init", test_init},
	{"access", test_access},
	{"create", test_create},
	{"cpu", test_cpu},
	{"header", test_header},
	{"pages", test_pages},
	{"destroy-cpu", test_destroy_cpu},
	{"destroy", test_destroy},
	{"reset", test_reset},
};

int guest_main(void)
{
	int failed;

	memory = machine_memory();
	/* without the instruction there is nothing to look at */
	if (run_areas(areas, 1))
		return 2;
	failed = run_areas(areas + 1, sizeof(areas) / sizeof(areas[0]) - 1);
	if (params_has("stay")) {
		console_printf("staying\n");
		for (;;)
			machine_yield();
	}
	return failed;
}
