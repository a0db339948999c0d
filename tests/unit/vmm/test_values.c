// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers and sizes of options, EBCDIC, and how a guest's end becomes an exit status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/vmm/vm_world.h"
#include "vmm/ebcdic.h"
#include "vmm/intercept.h"
#include "vmm/size_arg.h"

static void test_sizes(void **state)
{
	static const char *const bad[] = {"",
					  "-1",
					  " 1",
					  "1 ",
					  "K",
					  "1KB",
					  "1B",
					  "0x10",
					  "1.5",
					  "1k1",
					  "18446744073709551616",
					  "17592186044416M",
					  "16777216T"};
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{"0", 0},          {"1", 1 << 20},
		{"3K", 3 << 10},   {"3k", 3 << 10},
		{"2M", 2 << 20},   {"1G", 1 << 30},
		{"1T", 1UL << 40}, {"16777215T", 16777215UL << 40},
	};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(size_parse(bad[i], &bytes));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(size_parse(good[i].text, &bytes));
		assert_int_equal(good[i].bytes, bytes);
	}
}

static void test_numbers(void **state)
{
	uint64_t n;

	(void)state;
	assert_true(number_parse("5", 5, 5, &n));
	assert_int_equal(5, n);
	assert_false(number_parse("4", 5, 6, &n));
	assert_false(number_parse("7", 5, 6, &n));
	assert_false(number_parse("5x", 5, 6, &n));
	assert_false(number_parse("", 0, 6, &n));
	assert_true(number_parse("18446744073709551615", 0, UINT64_MAX, &n));
	assert_false(number_parse("18446744073709551616", 0, UINT64_MAX, &n));
}

static void test_ebcdic(void **state)
{
	(void)state;
	for (int c = ' '; c < 0x7f; c++)
		assert_int_equal(c, ebcdic_to_ascii(ascii_to_ebcdic((char)c)));
	assert_int_equal(0xd2, ascii_to_ebcdic('K'));
	assert_int_equal(0x40, ascii_to_ebcdic(' '));
	assert_int_equal(0xf9, ascii_to_ebcdic('9'));
	/* what there is not becomes a full stop, both ways */
	assert_int_equal(0x4b, ascii_to_ebcdic('\t'));
	assert_int_equal('.', ebcdic_to_ascii(0x00));
	assert_int_equal('.', ebcdic_to_ascii(0xff));
}

static void end(struct world *w, uint8_t icptcode, uint64_t address)
{
	w->vm.request.event = VM_EVENT_NONE;
	w->vm.paused = false;
	w->run.psw_mask = 0x0002000180000000;
	w->run.psw_addr = address;
	w->run.exit_reason = KVM_EXIT_S390_SIEIC;
	w->run.s390_sieic.icptcode = icptcode;
	intercept_handle(&w->cpu);
	assert_int_equal(VM_EVENT_END, w->vm.request.event);
}

static void test_ends(void **state)
{
	struct world *w = *state;

	end(w, ICPT_WAIT, 0);
	assert_int_equal(EXIT_CODE_OK, w->vm.request.code);
	end(w, ICPT_WAIT, 0x12fff);
	assert_int_equal(EXIT_CODE_OK, w->vm.request.code);
	end(w, ICPT_WAIT, 0xbad);
	assert_int_equal(EXIT_CODE_WAIT, w->vm.request.code);
	assert_string_equal("disabled wait, PSW 0002000180000000 0000000000000bad",
			    w->vm.request.why);
	end(w, ICPT_PROGRAM, 1);
	assert_int_equal(EXIT_CODE_CRASH, w->vm.request.code);
	end(w, ICPT_EXTERNAL, 1);
	assert_int_equal(EXIT_CODE_CRASH, w->vm.request.code);
	end(w, 0x99, 1);
	assert_int_equal(EXIT_CODE_CRASH, w->vm.request.code);
	/* the loader had something to say */
	memcpy(w->vm.pv_refusal, "refused", sizeof("refused"));
	w->vm.pv_refusal_code = EXIT_CODE_IMAGE;
	end(w, ICPT_WAIT, 0);
	assert_int_equal(EXIT_CODE_IMAGE, w->vm.request.code);
	/* nothing of a protected guest's PSW is known */
	w->vm.protected = true;
	end(w, ICPT_WAIT, 0);
	assert_int_equal(EXIT_CODE_WAIT, w->vm.request.code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_ebcdic),
		cmocka_unit_test_setup_teardown(test_ends, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
