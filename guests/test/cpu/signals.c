// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Several CPUs: SIGNAL PROCESSOR orders, interruptions from CPU to CPU, interlocked updates.
 *
 * The boot CPU tells the others what to do by a word each; they answer by clearing it.
 */
#include <stdatomic.h>
#include <stddef.h>

#include "test/cpu/check.h"
#include "test/cpu/code.h"
#include "test/cpu/purging.h"
#include "test/cpu/smp.h"
#include "runtime/console.h"
#include "runtime/lowcore.h"
#include "runtime/machine.h"
#include "runtime/uvc.h"

#define ROUNDS 20000

#define CR0_EMERGENCY     0x4000UL
#define CR0_EXTERNAL_CALL 0x2000UL

#define LC_SAVED_PREFIX 0x1318

/** enum task - what a secondary CPU is told */
enum task {
	IDLE,
	COUNT,          /* interlocked updates */
	TAKE_EMERGENCY, /* wait for an interruption, leave what it was in result */
	TAKE_CALL,
	WATCH,      /* see purging.h */
	WATCH_CODE, /* see code.h */
	HALT,       /* stop itself */
};

void secondary_main(void);

static _Atomic enum task tasks[CPUS_MAX];
static _Atomic uint64_t results[CPUS_MAX];

static _Atomic uint64_t by_csg;
static _Atomic uint32_t by_cs;
static uint64_t quad[2] __attribute__((aligned(16)));

/* ---- secondary CPUs ---- */

static void count(void)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		register uint64_t old_high __asm__("4") = quad[0];
		register uint64_t old_low __asm__("5") = quad[1];
		register uint64_t new_high __asm__("6");
		register uint64_t new_low __asm__("7");

		atomic_fetch_add(&by_csg, 1);
		atomic_fetch_add(&by_cs, 1);
		__asm__ volatile("0:	lgr	%2, %0\n"
				 "	lgr	%3, %1\n"
				 "	aghi	%2, 1\n"
				 "	aghi	%3, 3\n"
				 "	cdsg	%0, %2, %4\n"
				 "	jl	0b\n"
				 : "+d"(old_high), "+d"(old_low), "=&d"(new_high), "=&d"(new_low),
				   "+Q"(quad)
				 :
				 : "cc");
	}
}

void secondary_main(void)
{
	uint16_t cpu = this_cpu();

	atomic_fetch_add(&smp_alive, 1);
	for (;;) {
		enum task task = atomic_load(&tasks[cpu]);

		switch (task) {
		case COUNT:
			count();
			break;
		case TAKE_EMERGENCY:
			results[cpu] = await_external(CR0_EMERGENCY, AWAIT_WAITING);
			break;
		case TAKE_CALL:
			results[cpu] = await_external(CR0_EXTERNAL_CALL, AWAIT_RUNNING);
			break;
		case WATCH:
			watch(cpu);
			break;
		case WATCH_CODE:
			watch_code(cpu);
			break;
		case HALT:
			atomic_store(&tasks[cpu], IDLE);
			signal_cpu(cpu, SIGP_STOP, 0, NULL);
			continue;
		case IDLE:
			machine_yield();
			continue;
		}
		atomic_store(&tasks[cpu], IDLE);
	}
}

/* ---- the boot CPU ---- */

static void tell(uint16_t cpu, enum task task)
{
	atomic_store(&tasks[cpu], task);
}

static void await_idle(uint16_t cpu)
{
	while (atomic_load(&tasks[cpu]) != IDLE)
		machine_yield();
}

/* A stopped CPU is what a sense order tells, not what a stop order leaves behind at once */
static void await_stopped(uint16_t cpu)
{
	uint32_t status = 0;

	while (sigp(cpu, SIGP_SENSE, 0, &status) != 1 || !(status & STATUS_STOPPED))
		machine_yield();
}

static void orders(uint16_t cpus)
{
	uint32_t status = 0;

	check_equal(3, sigp(CPUS_MAX + 100, SIGP_SENSE, 0, NULL), "no such CPU");
	check(sigp(0, SIGP_ARCHITECTURE, 1, &status) == 1 && status == STATUS_INVALID_PARAMETER,
	      "set architecture: z/Architecture is the only one");
	check_equal(0, signal_cpu(0, SIGP_SENSE, 0, NULL), "sense: the CPU itself operates");
	check_equal(0, signal_cpu(cpus - 1, SIGP_SENSE, 0, NULL), "sense: another one operates");
	check_equal(0, sigp(0, SIGP_SENSE_RUNNING, 0, NULL), "sense running: the CPU itself");
	check_equal(1, sigp(0, 0xff, 0, NULL), "an order that does not exist");
}

static void interlocked_updates(uint16_t cpus)
{
	for (uint16_t cpu = 1; cpu < cpus; cpu++)
		tell(cpu, COUNT);
	count();
	for (uint16_t cpu = 1; cpu < cpus; cpu++)
		await_idle(cpu);
	check_equal((uint64_t)cpus * ROUNDS, by_csg, "CSG by all CPUs");
	check_equal((uint64_t)cpus * ROUNDS, by_cs, "CS by all CPUs");
	check(quad[0] == (uint64_t)cpus * ROUNDS && quad[1] == 3UL * cpus * ROUNDS,
	      "CDSG by all CPUs");
}

static void translations(uint16_t cpus)
{
	purging_init();
	for (uint16_t cpu = 1; cpu < cpus; cpu++)
		tell(cpu, WATCH);
	change_pages(cpus);
	for (uint16_t cpu = 1; cpu < cpus; cpu++)
		await_idle(cpu);
}

static void changing_code(uint16_t cpus)
{
	code_init();
	for (uint16_t cpu = 1; cpu < cpus; cpu++)
		tell(cpu, WATCH_CODE);
	change_code(cpus);
	for (uint16_t cpu = 1; cpu < cpus; cpu++)
		await_idle(cpu);
}

static void from_cpu_to_cpu(uint16_t cpus)
{
	bool emergency = true, call = true;
	uint32_t status = 0;

	for (uint16_t cpu = 1; cpu < cpus; cpu++) {
		tell(cpu, TAKE_EMERGENCY);
		emergency = emergency && !signal_cpu(cpu, SIGP_EMERGENCY, 0, NULL);
		await_idle(cpu);
		emergency = emergency && results[cpu] == 0x1201;
		/* pending while nobody is enabled for it: a second one is told so */
		call = call && !signal_cpu(cpu, SIGP_EXTERNAL_CALL, 0, NULL);
		call = call && sigp(cpu, SIGP_SENSE, 0, &status) == 1 &&
		       (status & STATUS_CALL_PENDING);
		status = 0;
		call = call && sigp(cpu, SIGP_EXTERNAL_CALL, 0, &status) == 1 &&
		       status == STATUS_CALL_PENDING;
		tell(cpu, TAKE_CALL);
		await_idle(cpu);
		call = call && results[cpu] == 0x1202;
		call = call && !signal_cpu(cpu, SIGP_SENSE, 0, &status);
	}
	check(emergency, "emergency signals wake waiting CPUs and name the sender");
	check(call, "external calls: one is pending, the second is told so");
	signal_cpu(0, SIGP_EMERGENCY, 0, NULL);
	check_equal(0x1201, await_external(CR0_EMERGENCY, AWAIT_RUNNING),
		    "an emergency signal to the CPU itself");
}

static void stop_and_start(uint16_t cpu)
{
	uint32_t status = 0;

	check_equal(0, signal_cpu(cpu, SIGP_STOP, 0, NULL), "stop");
	await_stopped(cpu);
	check_equal(1, sigp(cpu, SIGP_SENSE_RUNNING, 0, &status), "a stopped CPU does not run");
	tell(cpu, COUNT);
	check_equal(0, signal_cpu(cpu, SIGP_START, 0, NULL), "start");
	await_idle(cpu);
	check(1, "it goes on where it was");
	tell(cpu, HALT);
	await_stopped(cpu);
	check_equal(IDLE, atomic_load(&tasks[cpu]), "a CPU stops itself");
	signal_cpu(cpu, SIGP_START, 0, NULL);
	check_equal(0, signal_cpu(cpu, SIGP_CPU_RESET, 0, NULL), "CPU reset");
	await_stopped(cpu);
	tell(cpu, COUNT);
	signal_cpu(cpu, SIGP_START, 0, NULL);
	await_idle(cpu);
	check(1, "it goes on where it was after that, too");
}

static void conditional_emergency(uint16_t cpu)
{
	tell(cpu, TAKE_EMERGENCY);
	check_equal(0, signal_cpu(cpu, SIGP_IF_DISABLED, 0, NULL), "conditional emergency signal");
	await_idle(cpu);
	check_equal(0x1201, results[cpu], "it is an emergency signal");
}

/* What only the host of an ordinary guest may see */
static void stored_status(uint16_t cpu)
{
	static uint64_t area[64] __attribute__((aligned(512)));
	uint32_t status = 0;

	check_equal(0, signal_cpu(cpu, SIGP_STORE_STATUS, 0, NULL), "stop and store status");
	await_stopped(cpu);
	check_equal((uint64_t)prefixes[cpu], lowcore_u64(LC_SAVED_PREFIX) >> 32,
		    "it is at absolute 1200");
	signal_cpu(cpu, SIGP_START, 0, NULL);
	check(signal_cpu(cpu, SIGP_STATUS_AT, (uint64_t)area, &status) == 1 &&
		      status == STATUS_INCORRECT_STATE,
	      "store status at address: not while it operates");
	signal_cpu(cpu, SIGP_STOP, 0, NULL);
	await_stopped(cpu);
	check_equal(0, signal_cpu(cpu, SIGP_STATUS_AT, (uint64_t)area, &status),
		    "store status at address");
	/* 100: PSW; 118: prefix; 80: general registers */
	check((uint32_t)(area[0x118 / 8] >> 32) == (uint32_t)(uint64_t)prefixes[cpu],
	      "its prefix is there");
	check(area[0x100 / 8] == 0x0000000180000000UL ||
		      (area[0x100 / 8] & ~0x0000300000000000UL) == 0x0000000180000000UL,
	      "its PSW is there");
	check(area[0x80 / 8 + 15] - (uint64_t)stacks[cpu] < sizeof(stacks[cpu]),
	      "its stack pointer is there");
	signal_cpu(cpu, SIGP_START, 0, NULL);
}

static void new_prefix(uint16_t cpu)
{
	uint64_t other = (uint64_t)prefixes[0];
	uint32_t status = 0;

	check(signal_cpu(cpu, SIGP_SET_PREFIX, other, &status) == 1 &&
		      status == STATUS_INCORRECT_STATE,
	      "set prefix: not while it operates");
	signal_cpu(cpu, SIGP_STOP, 0, NULL);
	await_stopped(cpu);
	check(signal_cpu(cpu, SIGP_SET_PREFIX, 0x7ffff000, &status) == 1 &&
		      status == STATUS_INVALID_PARAMETER,
	      "set prefix: no such storage");
	signal_cpu(cpu, SIGP_INITIAL_RESET, 0, NULL);
	smp_copy_new_psws(prefixes[0]);
	check_equal(0, signal_cpu(cpu, SIGP_SET_PREFIX, other, &status), "set prefix");
	smp_restart(cpu);
	check_equal(other, secondary_first_prefix, "it is the CPU's when it is restarted");
}

void test_signals(void)
{
	uint16_t cpus = smp_count();

	if (cpus == 1) {
		check_equal(3, sigp(1, SIGP_RESTART, 0, NULL), "one CPU: there is no other");
		return;
	}
	for (uint16_t cpu = 1; cpu < cpus; cpu++)
		smp_start(cpu);
	check_equal(cpus - 1U, smp_alive, "all CPUs are restarted");
	orders(cpus);
	interlocked_updates(cpus);
	translations(cpus);
	changing_code(cpus);
	from_cpu_to_cpu(cpus);
	stop_and_start(1);
	conditional_emergency(1);
	if (!uvc_protected())
		stored_status(1);
	new_prefix(1);
	for (uint16_t cpu = 1; cpu < cpus; cpu++) {
		tell(cpu, HALT);
		await_stopped(cpu);
	}
}
