// SPDX-License-Identifier: GPL-2.0-or-later
/* Service calls: exceptions, response codes, masks, events in and out. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/vmm/vm_world.h"
#include "vmm/sclp_input.h"

#define READ_INFO   0x00020001U
#define READ_CPUS   0x00010001U
#define WRITE_MASK  0x00780005U
#define WRITE_EVENT 0x00760005U
#define READ_EVENT  0x00770005U

static uint8_t block[SCCB_MAX] __attribute__((aligned(8)));

static void put16(size_t at, unsigned int value)
{
	block[at] = (uint8_t)(value >> 8);
	block[at + 1] = (uint8_t)value;
}

static unsigned int get16(const uint8_t *at)
{
	return (unsigned int)at[0] << 8 | at[1];
}

/* A block of zeros with a length. Return: the response */
static unsigned int execute(struct world *w, uint32_t command)
{
	sclp_execute(&w->vm, (struct sccb_header *)block, command);
	return get16(block + 6);
}

static void fresh(unsigned int len)
{
	memset(block, 0, sizeof(block));
	put16(0, len);
}

/* servc %r1,%r2 */
static void call(struct world *w, uint32_t command, uint64_t sccb)
{
	w->run.s.regs.gprs[1] = command;
	w->run.s.regs.gprs[2] = sccb;
	w->run.psw_mask = 3UL << 44;
	world_execute(w, 0xb220, 0x00120000);
}

static unsigned int response_at(struct world *w, uint64_t sccb, unsigned int len, uint32_t command)
{
	memset(w->vm.memory + sccb, 0, 8);
	w->vm.memory[sccb] = (uint8_t)(len >> 8);
	w->vm.memory[sccb + 1] = (uint8_t)len;
	call(w, command, sccb);
	if (world_program())
		return 0;
	assert_int_equal(sccb, world_service());
	assert_int_equal(0, w->run.psw_mask >> 44 & 3);
	return get16(w->vm.memory + sccb + 6);
}

static void test_exceptions(void **state)
{
	static const struct {
		uint64_t sccb;
		unsigned int code;
	} rows[] = {
		{0x0, 6},          {0x1ff8, 6},     {0x10004, 6},      {0x10001, 6},
		{0x8000, 6},       {0x9ff8, 6},     {0x80000000UL, 6}, {0x100010000UL, 6},
		{WORLD_MEMORY, 5}, {0x7ffff000, 5},
	};
	struct world *w = *state;

	w->run.s.regs.prefix = 0x8000;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		call(w, READ_INFO, rows[i].sccb);
		assert_int_equal(rows[i].code, world_program());
	}
	/* shorter than its header */
	for (unsigned int len = 0; len < 8; len++) {
		assert_int_equal(0, response_at(w, 0x10000, len, READ_INFO));
		assert_int_equal(0, get16(w->vm.memory + 0x10006));
	}
	/* problem state comes before all */
	w->run.psw_mask = PSW_MASK_PROBLEM;
	w->run.s.regs.gprs[2] = 1;
	world_execute(w, 0xb220, 0x00120000);
	assert_int_equal(2, world_program());
}

static void test_order_of_responses(void **state)
{
	struct world *w = *state;

	/* unknown command, then the page, then the length */
	assert_int_equal(0x01f0, response_at(w, 0x10ff0, 32, 0x00990001));
	assert_int_equal(0x0100, response_at(w, 0x10ff0, 17, READ_INFO));
	assert_int_equal(0x0300, response_at(w, 0x10ff0, 16, READ_INFO));
	assert_int_equal(0x0100, response_at(w, 0x10008, 4096, READ_INFO));
	assert_int_equal(0x0010, response_at(w, 0x10000, 4096, READ_INFO));
}

static void test_read_info(void **state)
{
	struct world *w = *state;

	w->vm.params.nr_cpus = 3;
	fresh(128 + 3 * 16 - 1);
	assert_int_equal(0x0300, execute(w, READ_INFO));
	fresh(128 + 3 * 16);
	block[30] = block[130] = 0xff;
	assert_int_equal(0x0010, execute(w, READ_INFO));
	assert_int_equal(WORLD_MEMORY >> 20, get16(block + 8));
	assert_int_equal(1, block[10]);
	assert_int_equal(3, get16(block + 16));
	assert_int_equal(128, get16(block + 18));
	assert_int_equal(0x40, block[30]); /* loadparm: blanks */
	assert_int_equal(0x08, block[48]);
	assert_int_equal(0x02, block[85]); /* protection exceptions tell their kind */
	assert_int_equal(2, get16(block + 120));
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(i, block[128 + 16 * i]);
	/* increments that do not fit into 16 bits stand in the second field */
	w->vm.params.memory_size = 0x10000UL << 20;
	fresh(128 + 3 * 16);
	assert_int_equal(0x0010, execute(w, 0x00120001));
	assert_int_equal(0, get16(block + 8));
	assert_int_equal(1, block[103]);
	assert_int_equal(1, block[109]);
	w->vm.params.memory_size = WORLD_MEMORY;
}

static void test_read_cpus(void **state)
{
	struct world *w = *state;

	fresh(31);
	assert_int_equal(0x0300, execute(w, READ_CPUS));
	fresh(32);
	assert_int_equal(0x0010, execute(w, READ_CPUS));
	assert_int_equal(1, get16(block + 8));
	assert_int_equal(16, get16(block + 10));
	assert_int_equal(0, get16(block + 12));
	assert_int_equal(0, block[16 + 2]);
	w->vm.params.nested = true;
	fresh(32);
	assert_int_equal(0x0010, execute(w, READ_CPUS));
	assert_int_equal(0x08, block[16 + 2]); /* SIEF2 */
	fresh(128 + 16);
	assert_int_equal(0x0010, execute(w, READ_INFO));
	assert_int_equal(0x08, block[128 + 2]);
	assert_int_equal(0x82, block[85]);  /* ESOP, GSLS */
	assert_int_equal(0x01, block[98]);  /* KSS */
	assert_int_equal(0x80, block[116]); /* SCA of 64 bits */
	w->vm.params.nested = false;
	fresh(128 + 16);
	assert_int_equal(0x0010, execute(w, READ_INFO));
	assert_int_equal(0x02, block[85]);
	assert_int_equal(0, block[128 + 2] | block[98] | block[116]);
}

static void test_masks(void **state)
{
	struct world *w = *state;

	for (unsigned int len = 1; len <= 16; len++) {
		fresh(12 + 4 * len);
		put16(10, len);
		assert_int_equal(0x0020, execute(w, WRITE_MASK));
		/* the machine receives 02 and, if the mask has the bit, 1a; it sends 01, 1a, 1d */
		assert_int_equal(0x40, block[12 + 2 * len]);
		assert_int_equal(0x80, block[12 + 3 * len]);
		if (len > 3) {
			assert_int_equal(0x40, block[12 + 2 * len + 3]);
			assert_int_equal(0x48, block[12 + 3 * len + 3]);
		}
		/* one byte less than the four masks need */
		fresh(12 + 4 * len - 1);
		put16(10, len);
		assert_int_equal(0x74f0, execute(w, WRITE_MASK));
	}
	fresh(64);
	assert_int_equal(0x74f0, execute(w, WRITE_MASK));
	fresh(4096);
	put16(10, 0xffff);
	assert_int_equal(0x74f0, execute(w, WRITE_MASK));
}

/* One event at 8 with this length field and type. Return: the response */
static unsigned int write_event(struct world *w, unsigned int sccb_len, unsigned int len,
				uint8_t type)
{
	put16(0, sccb_len);
	put16(8, len);
	block[10] = type;
	block[11] = 0;
	return execute(w, WRITE_EVENT);
}

static void test_write_events(void **state)
{
	struct world *w = *state;

	fresh(0);
	assert_int_equal(0x72f0, write_event(w, 13, 6, EVENT_ASCII));
	assert_int_equal(0x72f0, write_event(w, 14, 5, EVENT_ASCII));
	assert_int_equal(0x72f0, write_event(w, 14, 7, EVENT_ASCII));
	assert_int_equal(0x72f0, write_event(w, 4096, 0xffff, EVENT_ASCII));
	assert_int_equal(0x73f0, write_event(w, 14, 6, 0x1d));
	assert_int_equal(0, block[11]);
	assert_int_equal(0x0020, write_event(w, 14, 6, EVENT_ASCII));
	assert_int_equal(0x80, block[11]); /* accepted */
	/* a message: its block must have type 1 and end within the event */
	assert_int_equal(0x73f0, write_event(w, 14, 6, EVENT_MESSAGE));
	put16(14, 12);
	put16(16, 2);
	assert_int_equal(0x73f0, write_event(w, 26, 18, EVENT_MESSAGE));
	put16(16, 1);
	assert_int_equal(0x0020, write_event(w, 26, 18, EVENT_MESSAGE));
	put16(14, 13);
	assert_int_equal(0x73f0, write_event(w, 26, 18, EVENT_MESSAGE));
	/* an object that ends behind the message, one without a length */
	put16(14, 16);
	put16(26, 5);
	assert_int_equal(0x73f0, write_event(w, 30, 22, EVENT_MESSAGE));
	put16(26, 0);
	assert_int_equal(0x73f0, write_event(w, 30, 22, EVENT_MESSAGE));
}

static void test_read_refused(void **state)
{
	struct world *w = *state;

	fresh(4096);
	assert_int_equal(0x60f0, execute(w, READ_EVENT));
	fresh(4096);
	block[2] = 2;
	assert_int_equal(0x40f0, execute(w, READ_EVENT));
	fresh(11);
	block[2] = 1;
	assert_int_equal(0x0300, execute(w, READ_EVENT));
	fresh(16);
	block[2] = 1;
	assert_int_equal(0x70f0, execute(w, READ_EVENT));
	put16(10, 5);
	assert_int_equal(0x70f0, execute(w, READ_EVENT));
}

/* ---- input ---- */

static int keyboard[2];

static int open_keyboard(void **state)
{
	int fds[2];

	if (world_setup(state) || pipe2(fds, O_CLOEXEC))
		return -1;
	keyboard[0] = dup(STDIN_FILENO);
	keyboard[1] = fds[1];
	dup2(fds[0], STDIN_FILENO);
	return close(fds[0]);
}

static int close_keyboard(void **state)
{
	int rc = world_teardown(state);

	close(keyboard[1]);
	if (keyboard[0] >= 0) {
		dup2(keyboard[0], STDIN_FILENO);
		close(keyboard[0]);
	}
	return rc;
}

static void type_in(const char *text)
{
	assert_int_equal(strlen(text), write(keyboard[1], text, strlen(text)));
}

static void select_events(struct world *w, uint8_t first, uint8_t last)
{
	fresh(12 + 16);
	put16(10, 4);
	block[12] = first;
	block[15] = last;
	assert_int_equal(0x0020, execute(w, WRITE_MASK));
}

static void test_ascii_input(void **state)
{
	struct world *w = *state;

	select_events(w, 0, 0x40);
	type_in("ab\n");
	assert_int_equal(1, world_service()); /* events wait, no call is answered */
	/* selective: lines are not what there is */
	fresh(4096);
	block[2] = 1;
	put16(10, 4);
	block[12] = 0x80;
	assert_int_equal(0x60f0, execute(w, READ_EVENT));
	/* a type byte and one of the three bytes have room */
	fresh(16);
	assert_int_equal(0x0020, execute(w, READ_EVENT));
	assert_int_equal(8, get16(block + 8));
	assert_int_equal(0x1a, block[10]);
	assert_memory_equal("\0a", block + 14, 2);
	/* variable length: the block comes back shorter */
	fresh(4096);
	block[5] = 0x80;
	assert_int_equal(0x0020, execute(w, READ_EVENT));
	assert_int_equal(8 + 6 + 3, get16(block));
	assert_memory_equal("\0b\n", block + 14, 3);
	fresh(4096);
	assert_int_equal(0x60f0, execute(w, READ_EVENT));
}

static void test_line_input(void **state)
{
	struct world *w = *state;

	select_events(w, 0x80, 0);
	type_in("Ab\n");
	assert_int_equal(1, world_service());
	/* the event is longer than what is left of the block: it stays */
	fresh(8 + 6 + 16 + 1);
	assert_int_equal(0x60f0, execute(w, READ_EVENT));
	fresh(8 + 6 + 16 + 2);
	assert_int_equal(0x0020, execute(w, READ_EVENT));
	assert_int_equal(6 + 16 + 2, get16(block + 8));
	assert_int_equal(0x01, block[10]);
	assert_memory_equal(
		"\x00\x12\x13\x10\x00\x0e\x12\x12\x00\x0a\x13\x20\x06\x31\x04\x30\xc1\x82",
		block + 14, 18);
}

/* Nobody types: standard input is never looked at. */
static void test_signal_quiesce(void **state)
{
	static const uint8_t event[] = {0x00, 0x09, 0x1d, 0x80, 0, 0, 0, 0, 0};
	struct world *w = *state;

	select_events(w, 0x80, 0x40);
	assert_false(sclp_input_quiesce(w->vm.input));
	select_events(w, 0, 0x08);
	assert_int_equal(QUIESCE_NONE, sclp_input_quiesce_state(w->vm.input));
	assert_true(sclp_input_quiesce(w->vm.input));
	assert_int_equal(1, world_service());
	assert_int_equal(QUIESCE_SENT, sclp_input_quiesce_state(w->vm.input));
	/* a byte less than it needs; then it is there once */
	fresh(8 + 9 - 1);
	assert_int_equal(0x60f0, execute(w, READ_EVENT));
	fresh(8 + 9);
	assert_int_equal(0x0020, execute(w, READ_EVENT));
	assert_memory_equal(event, block + 8, sizeof(event));
	assert_int_equal(QUIESCE_TAKEN, sclp_input_quiesce_state(w->vm.input));
	fresh(4096);
	assert_int_equal(0x60f0, execute(w, READ_EVENT));
}

static void test_quiesce_waits_for_selection(void **state)
{
	struct world *w = *state;

	select_events(w, 0, 0x08);
	select_events(w, 0, 0);
	assert_true(sclp_input_quiesce(w->vm.input));
	assert_false(sclp_input_pending(w->vm.input));
	fresh(4096);
	assert_int_equal(0x60f0, execute(w, READ_EVENT));
	select_events(w, 0, 0x08);
	assert_true(sclp_input_pending(w->vm.input));
	/* after a reset the program is another one */
	sclp_input_reset(w->vm.input);
	assert_false(sclp_input_pending(w->vm.input));
	assert_false(sclp_input_quiesce(w->vm.input));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_exceptions),
		CASE(test_order_of_responses),
		CASE(test_read_info),
		CASE(test_read_cpus),
		CASE(test_masks),
		CASE(test_write_events),
		CASE(test_read_refused),
		CASE(test_signal_quiesce),
		CASE(test_quiesce_waits_for_selection),
		cmocka_unit_test_setup_teardown(test_ascii_input, open_keyboard, close_keyboard),
		cmocka_unit_test_setup_teardown(test_line_input, open_keyboard, close_keyboard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
