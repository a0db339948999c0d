/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One ordinary guest with real storage and a real Ultravisor below the engine.
 *
 * The guest's storage is mapped one to one; code is put down as bytes and runs
 * with DAT off unless a test says otherwise.
 */
#ifndef TESTS_UNIT_SIE_FIXTURE_H
#define TESTS_UNIT_SIE_FIXTURE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "sie/sie.h"
#include "storage/storage.h"
#include "uv/ultravisor.h"

#define FX_SIZE     (1UL << 20)
#define FX_CODE     0x2000UL /* where programs start */
#define FX_DATA     0x8000UL
#define FX_CPUS     2
/** FX_HANDLER - new PSWs are disabled waits at FX_HANDLER + offset of the class's old PSW */
#define FX_HANDLER  0xf000UL
#define FX_ASCE     0x1234000UL
#define FX_PSW_MASK 0x0000000180000000UL

struct fx_cpu {
	struct kvm_s390_sie_block scb;
	struct cpu_state state;
	struct sie_cpu *sie;
	struct sie_fault fault;
};

struct fx {
	struct storage *st;
	struct uv *uv;
	struct backing *backing;
	uint8_t *mem; /* the guest's storage, as the VMM sees it */
	struct sie_vm *vm;
	struct fx_cpu cpu[FX_CPUS];
	_Atomic uint64_t tod;
	_Atomic uint64_t tod_step; /* the clock moves on by it each time it is read */
	uint64_t epoch;            /* how far the clock is ahead of the machine's */
	_Atomic uint8_t unmapped[FX_SIZE / PAGE_SIZE];
	_Atomic uint8_t keys[FX_SIZE / PAGE_SIZE];
	_Atomic uint64_t translations;
	_Atomic bool stop_kicking;
};

struct fx *fx_create(void);
void fx_destroy(struct fx *f);

/** fx_setup(), fx_teardown() - for cmocka, state is the fixture */
int fx_setup(void **state);
int fx_teardown(void **state);

/** fx_put() - bytes in hexadecimal, blanks allowed, into guest storage; returns their number */
size_t fx_put(struct fx *f, uint64_t at, const char *hex);

uint64_t fx_get8(const struct fx *f, uint64_t at);
uint32_t fx_get4(const struct fx *f, uint64_t at);
uint16_t fx_get2(const struct fx *f, uint64_t at);
void fx_set8(struct fx *f, uint64_t at, uint64_t v);
void fx_set4(struct fx *f, uint64_t at, uint32_t v);

/** fx_start() - put code at FX_CODE and point CPU 0 at it */
void fx_start(struct fx *f, const char *hex);

/** fx_psw() - set CPU 0's PSW */
void fx_psw(struct fx *f, uint64_t mask, uint64_t addr);

enum sie_result fx_run(struct fx *f);

/** fx_expect_program() - run: a program interruption with this code, length and old address */
void fx_expect_program(struct fx *f, uint16_t code, uint16_t ilc, uint64_t old_addr);

/** fx_expect_wait() - run: the code ends in LPSWE of a disabled wait: see FX_END */
void fx_expect_wait(struct fx *f, uint64_t addr);

/** FX_END - ends a program: LPSWE 0x300, where the fixture keeps a disabled wait PSW */
#define FX_END      "b2b2 0300"
#define FX_END_ADDR 0xe0dUL

#endif
