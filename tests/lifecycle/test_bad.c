// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Nonsense at the ioctl boundary, from a VMM in its own process: the wrong kind
 * of descriptor, bad pointers, two threads at once. Each call gets its errno,
 * other VMMs live on, and nothing of it is left.
 *
 * PROTVIRT_SEED repeats the random part.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "protvirt/kvm.h"
#include "protvirt/protvirt.h"
#include "tests/lifecycle/life_machine.h"

#define MEMORY  (16UL << 20)
#define PAGES   16UL
#define SCRATCH (64UL << 10)
#define CALLS   4000

enum kind {
	SYSTEM,
	VM,
	VCPU,
	DEVICE,
	NR_KINDS
};

/**
 * struct row - an ioctl
 * @kind: the descriptor that it is for
 * @pointer: its argument is a pointer that it follows, whatever it does then
 */
struct row {
	enum kind kind;
	bool pointer;
	unsigned long cmd;
};

static const struct row rows[] = {
	{SYSTEM, false, KVM_GET_API_VERSION},
	{SYSTEM, false, KVM_CREATE_VM},
	{SYSTEM, false, KVM_GET_VCPU_MMAP_SIZE},
	{VM, false, KVM_CREATE_VCPU},
	{VM, true, KVM_GET_DIRTY_LOG},
	{VM, true, KVM_SET_USER_MEMORY_REGION},
	{VM, true, KVM_SET_GSI_ROUTING},
	{VM, false, KVM_IRQFD},
	{VM, false, KVM_IOEVENTFD},
	{VM, true, KVM_S390_GET_SKEYS},
	{VM, true, KVM_S390_SET_SKEYS},
	{VM, true, KVM_CLEAR_DIRTY_LOG},
	{VM, true, KVM_S390_PV_COMMAND},
	{VM, true, KVM_CREATE_DEVICE},
	{VCPU, true, KVM_GET_REGS},
	{VCPU, true, KVM_SET_REGS},
	{VCPU, true, KVM_GET_SREGS},
	{VCPU, true, KVM_SET_SREGS},
	{VCPU, true, KVM_GET_FPU},
	{VCPU, true, KVM_SET_FPU},
	{VCPU, true, KVM_S390_SET_INITIAL_PSW},
	{VCPU, false, KVM_S390_INITIAL_RESET},
	{VCPU, true, KVM_GET_MP_STATE},
	{VCPU, true, KVM_SET_MP_STATE},
	{VCPU, false, KVM_SET_GUEST_DEBUG},
	{VCPU, true, KVM_GET_ONE_REG},
	{VCPU, true, KVM_SET_ONE_REG},
	{VCPU, true, KVM_S390_IRQ},
	{VCPU, true, KVM_S390_SET_IRQ_STATE},
	{VCPU, true, KVM_S390_GET_IRQ_STATE},
	{VCPU, false, KVM_S390_NORMAL_RESET},
	{VCPU, false, KVM_S390_CLEAR_RESET},
};

#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

struct victim {
	struct life l;
	int fd[NR_KINDS];
};

static void victim_start(struct victim *v)
{
	struct kvm_create_device device = {.type = KVM_DEV_TYPE_FLIC};

	assert_int_equal(life_create(&v->l, MEMORY, 1), 0);
	assert_int_equal(protvirt_ioctl(v->l.vm, KVM_CREATE_DEVICE, (uintptr_t)&device), 0);
	v->fd[SYSTEM] = v->l.kvm;
	v->fd[VM] = v->l.vm;
	v->fd[VCPU] = v->l.vcpu[0];
	v->fd[DEVICE] = (int)device.fd;
}

static void victim_end(struct victim *v)
{
	assert_int_equal(protvirt_close(v->fd[DEVICE]), 0);
	life_close(&v->l);
}

static int one_life(void)
{
	struct life l;
	int ret = life_create(&l, MEMORY, 1);

	if (!ret)
		ret = life_load(&l, &life_machine_image);
	if (!ret)
		ret = life_run(&l, PAGES);
	life_close(&l);
	return ret;
}

static void assert_nothing_left(void)
{
	assert_int_equal(one_life(), 0);
	life_machine_assert_all_gone();
}

/* ---- descriptors ---- */

/* As upstream: the system descriptor says EINVAL to what it does not know, all others ENOTTY. */
static void each_ioctl_is_for_one_kind_of_descriptor(void **state)
{
	struct victim v;

	victim_start(&v);
	for (size_t i = 0; i < NR_ROWS; i++)
		for (int kind = 0; kind < NR_KINDS; kind++) {
			if (kind == (int)rows[i].kind)
				continue;
			errno = 0;
			assert_int_equal(protvirt_ioctl(v.fd[kind], rows[i].cmd, 0), -1);
			if (errno != (kind == SYSTEM ? EINVAL : ENOTTY))
				fail_msg("ioctl 0x%lx on kind %d: %s", rows[i].cmd, kind,
					 strerror(errno));
		}
	for (int kind = 0; kind < NR_KINDS; kind++) {
		if (kind == VCPU)
			continue;
		assert_int_equal(protvirt_ioctl(v.fd[kind], KVM_RUN, 0), -1);
		assert_int_equal(errno, kind == SYSTEM ? EINVAL : ENOTTY);
	}
	victim_end(&v);
	assert_nothing_left();
}

static void what_is_no_descriptor_of_ours_is_told(void **state)
{
	int pipes[2], closed;

	assert_int_equal(pipe(pipes), 0);
	closed = dup(pipes[0]);
	close(closed);
	for (size_t i = 0; i < NR_ROWS; i++) {
		assert_int_equal(protvirt_ioctl(pipes[0], rows[i].cmd, 0), -1);
		assert_int_equal(errno, ENOTTY);
		assert_int_equal(protvirt_ioctl(closed, rows[i].cmd, 0), -1);
		assert_int_equal(errno, EBADF);
		assert_int_equal(protvirt_ioctl(-1, rows[i].cmd, 0), -1);
		assert_int_equal(errno, EBADF);
	}
	assert_ptr_equal(protvirt_mmap(NULL, 4096, PROT_READ, MAP_SHARED, closed, 0), MAP_FAILED);
	assert_int_equal(errno, EBADF);
	close(pipes[0]);
	close(pipes[1]);
}

static void only_vcpus_can_be_mapped(void **state)
{
	struct victim v;

	victim_start(&v);
	for (int kind = 0; kind < NR_KINDS; kind++) {
		if (kind == VCPU)
			continue;
		assert_ptr_equal(protvirt_mmap(NULL, 4096, PROT_READ, MAP_SHARED, v.fd[kind], 0),
				 MAP_FAILED);
		assert_int_equal(errno, ENODEV);
	}
	victim_end(&v);
}

/* ---- pointers ---- */

static void expect_refused(const struct victim *v, const struct row *row, uintptr_t arg)
{
	errno = 0;
	if (protvirt_ioctl(v->fd[row->kind], row->cmd, arg) != -1 || errno != EFAULT)
		fail_msg("ioctl 0x%lx with argument 0x%lx: %s", row->cmd, arg, strerror(errno));
}

static void bad_pointers_give_efault(void **state)
{
	uint8_t *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct victim v;

	assert_ptr_not_equal(two, MAP_FAILED);
	assert_int_equal(mprotect(two + 4096, 4096, PROT_NONE), 0);
	victim_start(&v);
	for (size_t i = 0; i < NR_ROWS; i++) {
		if (!rows[i].pointer)
			continue;
		expect_refused(&v, &rows[i], 0);
		expect_refused(&v, &rows[i], 1);
		expect_refused(&v, &rows[i],
			       (uintptr_t)two + 4096 - 1); /* its first byte is there */
		expect_refused(&v, &rows[i], UINT64_MAX - 3);
		expect_refused(&v, &rows[i], 1UL << 63);
	}
	munmap(two, 8192);
	victim_end(&v);
	assert_nothing_left();
}

static void guest_memory_of_no_possible_size_is_refused(void **state)
{
	const size_t sizes[] = {0, 1, 4095, 4097, SIZE_MAX, SIZE_MAX - 4095, 1UL << 63, 1UL << 60};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		errno = 0;
		assert_null(protvirt_alloc_guest_memory(sizes[i]));
		assert_true(errno == EINVAL || errno == ENOMEM);
	}
	assert_nothing_left();
}

/* ---- two threads at once ---- */

/** BEHIND - nothing is there behind the scratch memory: lengths may be wrong, and what else is
 * mapped is somebody's
 */
#define BEHIND (4UL << 30)

struct fuzzer {
	const struct victim *v;
	uint8_t *scratch;
	unsigned int seed;
	uint64_t words[64];
};

/* A thread's own: what one call answers into it, the other thread's call would read. */
static uint8_t *scratch_map(void)
{
	uint8_t *scratch = mmap(NULL, SCRATCH + BEHIND, PROT_NONE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_ptr_not_equal(scratch, MAP_FAILED);
	assert_int_equal(mprotect(scratch, SCRATCH, PROT_READ | PROT_WRITE), 0);
	return scratch;
}

/* Numbers that mean something now and then; the scratch memory is the thread's. */
static uint64_t some_number(struct fuzzer *f)
{
	const uint64_t numbers[] = {0,         1,
				    2,         3,
				    8,         4096,
				    1 << 20,   (uintptr_t)f->scratch,
				    MEMORY,    (uint32_t)rand_r(&f->seed),
				    1UL << 63, UINT64_MAX};

	return numbers[(size_t)rand_r(&f->seed) % (sizeof(numbers) / sizeof(numbers[0]))];
}

static uintptr_t some_argument(struct fuzzer *f)
{
	if (rand_r(&f->seed) % 8 == 0)
		return some_number(f);
	for (size_t i = 0; i < sizeof(f->words) / sizeof(f->words[0]); i++)
		f->words[i] = some_number(f);
	return (uintptr_t)f->words;
}

/* What a call that went well has made would keep the VM alive. */
static void close_what_was_made(struct fuzzer *f, unsigned long cmd, int ret)
{
	const struct kvm_create_device *device = (const void *)f->words;

	if (ret < 0)
		return;
	if (cmd == KVM_CREATE_VM || cmd == KVM_CREATE_VCPU || cmd == KVM_GET_STATS_FD)
		protvirt_close(ret);
	else if (cmd == KVM_CREATE_DEVICE && !(device->flags & KVM_CREATE_DEVICE_TEST))
		protvirt_close((int)device->fd);
}

static void *fuzz(void *arg)
{
	struct fuzzer *f = arg;

	for (int i = 0; i < CALLS; i++) {
		unsigned long cmd = rows[(size_t)rand_r(&f->seed) % NR_ROWS].cmd;
		enum kind kind = (enum kind)(rand_r(&f->seed) % NR_KINDS);
		uintptr_t argument = some_argument(f);
		int ret = protvirt_ioctl(f->v->fd[kind], cmd, argument);

		if (argument == (uintptr_t)f->words || (cmd != KVM_CREATE_DEVICE))
			close_what_was_made(f, cmd, ret);
	}
	return NULL;
}

static pid_t start_neighbour(void)
{
	pid_t pid = fork();
	int ret = 0;

	if (pid)
		return pid;
	for (int i = 0; i < 3 && !ret; i++)
		ret = one_life();
	_exit(ret ? 1 : 0);
}

static void two_threads_talk_nonsense_and_a_neighbour_lives(void **state)
{
	const char *given = getenv("PROTVIRT_SEED");
	unsigned int seed = given ? (unsigned int)strtoul(given, NULL, 0) : (unsigned int)getpid();
	struct fuzzer a, b;
	pthread_t thread;
	struct victim v;
	pid_t neighbour;
	int status;

	print_message("# PROTVIRT_SEED=%u\n", seed);
	victim_start(&v);
	a = (struct fuzzer){.v = &v, .scratch = scratch_map(), .seed = seed};
	b = (struct fuzzer){.v = &v, .scratch = scratch_map(), .seed = seed + 1};
	neighbour = start_neighbour();
	assert_int_equal(pthread_create(&thread, NULL, fuzz, &b), 0);
	fuzz(&a);
	pthread_join(thread, NULL);
	assert_int_equal(waitpid(neighbour, &status, 0), neighbour);
	assert_int_equal(status, 0);
	victim_end(&v);
	munmap(a.scratch, SCRATCH + BEHIND);
	munmap(b.scratch, SCRATCH + BEHIND);
	assert_nothing_left();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_ioctl_is_for_one_kind_of_descriptor),
		cmocka_unit_test(what_is_no_descriptor_of_ours_is_told),
		cmocka_unit_test(only_vcpus_can_be_mapped),
		cmocka_unit_test(bad_pointers_give_efault),
		cmocka_unit_test(guest_memory_of_no_possible_size_is_refused),
		cmocka_unit_test(two_threads_talk_nonsense_and_a_neighbour_lives),
	};

	return cmocka_run_group_tests(tests, life_machine_setup, life_machine_teardown);
}
