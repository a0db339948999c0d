/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A protected CPU with a real Ultravisor, and a look into it that no host has. */
#ifndef TESTS_UNIT_SIE_PV_RIG_H
#define TESTS_UNIT_SIE_PV_RIG_H

#include "sie/sie.h"
#include "tests/unit/uv/fixture.h"

#define CODE    0x2000UL
#define DATA    0x3000UL
#define HANDLER 0xf000UL

struct pv {
	struct fixture *f;
	struct fx_guest *g;
	struct fx_cpu cpu;
	struct sie_vm *vm;
	struct sie_cpu *sie;
	struct sie_fault fault;
	const struct uv_config *config;
	struct cpu_state *state;
	uint8_t *sida;
};

int pv_setup(void **state);
int pv_teardown(void **state);

/** pv_secure() - the bytes of a page that is secure and imported */
uint8_t *pv_secure(struct pv *pv, gpa_t gpa);
void pv_import(struct pv *pv, gpa_t gpa);

/** pv_start() - prefix pages and code page present, @code at CODE; new PSWs are disabled waits */
void pv_start(struct pv *pv, const void *code, size_t len);
enum sie_result pv_run(struct pv *pv);

/** pv_expect() - run: ends in this interception */
void pv_expect(struct pv *pv, uint8_t icpt);

/** pv_expect_program() - run: the guest gets this program interruption and waits */
void pv_expect_program(struct pv *pv, uint16_t code);

/** pv_shown() - a general register as the host sees it */
uint64_t pv_shown(const struct pv *pv, unsigned int n);

/** pv_cc() - the guest's condition code; pv_answer_cc() - the host's for an interception 68 */
uint8_t pv_cc(const struct pv *pv);
void pv_answer_cc(struct pv *pv, unsigned int cc);

void pv_set8(uint8_t *at, uint64_t v);
uint32_t pv_get4(const uint8_t *at);

#endif
