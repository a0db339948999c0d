// SPDX-License-Identifier: GPL-2.0-or-later
/* STSI 3.2.2: what the VMM adds to what KVM has stored. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/vmm/vm_world.h"
#include "vmm/intercept.h"

#define BLOCK     0x10000UL
#define COUNT     31
#define LEVEL(n)  (32 + 64 * (n))
#define NAME      12
#define ENCODING  43
#define UUID      48
#define EXTEND(n) (2048 + 256 * (n))

static const uint8_t kvm_guest[] = {0xd2, 0xe5, 0xd4, 0x87, 0xa4, 0x85, 0xa2, 0xa3};

/* As KVM leaves it, with @count levels. Return: the block */
static uint8_t *stored(struct world *w, uint64_t addr, unsigned int count)
{
	uint8_t *block = w->vm.memory + addr;

	memset(block, 0, 4096);
	block[COUNT] = (uint8_t)count;
	memcpy(block + LEVEL(0) + NAME, kvm_guest, sizeof(kvm_guest));
	return block;
}

static void leave(struct world *w, unsigned int fc, unsigned int sel1, unsigned int sel2)
{
	w->run.exit_reason = KVM_EXIT_S390_STSI;
	w->run.s390_stsi.addr = BLOCK;
	w->run.s390_stsi.fc = (uint8_t)fc;
	w->run.s390_stsi.sel1 = (uint8_t)sel1;
	w->run.s390_stsi.sel2 = (uint16_t)sel2;
	intercept_handle(&w->cpu);
	assert_int_equal(VM_EVENT_NONE, w->vm.request.event);
}

static void test_nothing_given(void **state)
{
	static const uint8_t zeros[16];
	struct world *w = *state;
	uint8_t *block = stored(w, BLOCK, 1);

	leave(w, 3, 2, 2);
	assert_memory_equal(kvm_guest, block + LEVEL(0) + NAME, 8);
	assert_int_equal(2, block[LEVEL(0) + ENCODING]);
	assert_string_equal("KVMguest", (char *)block + EXTEND(0));
	assert_memory_equal(zeros, block + LEVEL(0) + UUID, 16);
}

static void test_name_and_uuid(void **state)
{
	static const uint8_t uuid[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	static const uint8_t ab[] = {0x81, 0xc2, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40};
	struct world *w = *state;
	uint8_t *block = stored(w, BLOCK, 1);

	memcpy(w->vm.params.uuid, uuid, sizeof(uuid));
	w->vm.params.name = "aB";
	w->vm.params.nr_cpus = 3;
	leave(w, 3, 2, 2);
	assert_memory_equal(ab, block + LEVEL(0) + NAME, 8);
	assert_string_equal("aB", (char *)block + EXTEND(0));
	assert_memory_equal(uuid, block + LEVEL(0) + UUID, 16);
	assert_memory_equal("\0\3\0\3\0\0\0\0", block + LEVEL(0) + 4, 8);
	/* protected: the block is in the SIDA */
	block = stored(w, 0, 1);
	w->vm.protected = true;
	leave(w, 3, 2, 2);
	assert_string_equal("aB", (char *)block + EXTEND(0));
}

static void test_levels_around(void **state)
{
	struct world *w = *state;
	uint8_t *block = stored(w, BLOCK, 8);

	for (unsigned int i = 0; i < 8; i++) {
		block[LEVEL(i) + ENCODING] = 2;
		block[EXTEND(i)] = (uint8_t)('a' + i);
	}
	block[LEVEL(3) + ENCODING] = 0;
	leave(w, 3, 2, 2);
	assert_string_equal("KVMguest", (char *)block + EXTEND(0));
	assert_string_equal("a", (char *)block + EXTEND(1));
	assert_string_equal("b", (char *)block + EXTEND(2));
	for (unsigned int i = 3; i < 8; i++)
		assert_int_equal(0, block[EXTEND(i)]);
}

static void test_other_information(void **state)
{
	struct world *w = *state;
	uint8_t before[4096], *block = stored(w, BLOCK, 1);

	memcpy(before, block, sizeof(before));
	leave(w, 3, 2, 1);
	leave(w, 3, 1, 2);
	leave(w, 2, 2, 2);
	assert_memory_equal(before, block, sizeof(before));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_nothing_given),
		CASE(test_name_and_uuid),
		CASE(test_levels_around),
		CASE(test_other_information),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
