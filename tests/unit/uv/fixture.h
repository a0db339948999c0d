/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine for tests of the Ultravisor: storage, guests with a flat page table
 * each, a clock that stands still until a test moves it, and shoot-downs that are
 * only counted. Nothing here fails silently: what should work is asserted.
 */
#ifndef TESTS_UNIT_UV_FIXTURE_H
#define TESTS_UNIT_UV_FIXTURE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "protvirt/uv.h"
#include "storage/storage.h"
#include "uv/sie_block.h"
#include "uv/ultravisor.h"

#define FX_GUESTS 4

/**
 * struct fx_guest - a protected guest as the host sees it
 * @handle: of its configuration, 0: none
 * @base: configuration base storage
 * @virt: variable storage
 * @sca: its SCA
 * @asce: token of its page tables
 * @mso: main storage origin
 * @msl: bytes of guest storage
 * @b: its memory; page n of the guest is mapped to page n of it
 * @mapped: [n]: is guest page n mapped?
 * @purges: shoot-downs so far
 */
struct fx_guest {
	uint64_t handle;
	abs_t base;
	abs_t virt;
	abs_t sca;
	uint64_t asce;
	gpa_t mso;
	uint64_t msl;
	struct backing *b;
	_Atomic bool *mapped;
	_Atomic uint64_t purges;
};

/**
 * struct fx_cpu - a CPU as the host sees it
 * @handle: 0: none
 * @stor: CPU storage
 * @sida: secure-instruction data area
 * @state: absolute address of the state description
 * @scb: the state description
 */
struct fx_cpu {
	uint64_t handle;
	abs_t stor;
	abs_t sida;
	abs_t state;
	struct kvm_s390_sie_block *scb;
};

/**
 * struct fixture - the machine
 * @st: its storage
 * @uv: its Ultravisor
 * @base: storage for INIT_UV
 * @guest: guests; those with @asce 0 are not there
 * @tod: the TOD clock
 * @random_fails: after so many successful calls of the random generator it fails; negative: never
 * @key_file: host private key, a file in PEM format
 */
struct fixture {
	struct storage *st;
	struct uv *uv;
	abs_t base;
	struct fx_guest guest[FX_GUESTS];
	_Atomic uint64_t tod;
	_Atomic int random_fails;
	char key_file[64];
};

/** fx_power_on() - storage and Ultravisor of a model, before INIT_UV; NULL: machine_model() */
struct fixture *fx_power_on(const char *model);

/** fx_create() - fx_power_on() and INIT_UV */
struct fixture *fx_create(const char *model);

/** fx_power_off() - the Ultravisor only, as it is; may be done before fx_destroy() */
void fx_power_off(struct fixture *f);

/** fx_destroy() - power off; checks that no frame keeps an owner and no storage is missing */
void fx_destroy(struct fixture *f);

/** fx_header() - a block's header; the rest is the test's */
#define FX_BLOCK(type, command)                                                                    \
	{                                                                                          \
		.header = {.len = be16_make(sizeof(struct type)), .cmd = be16_make(command) }      \
	}

/** fx_uvc() - issue a call. Return: condition code */
#define fx_uvc(f, u) uv_call((f)->uv, (u), sizeof(*(u)))

static inline uint16_t fx_rc(const void *uvcb)
{
	return be16_get(((const struct uv_cb_header *)uvcb)->rc);
}

static inline uint16_t fx_rrc(const void *uvcb)
{
	return be16_get(((const struct uv_cb_header *)uvcb)->rrc);
}

/** fx_expect() - issue a call until it is neither busy nor partly done, and compare rc and rrc */
#define fx_expect(f, u, rc, rrc)                                                                   \
	fx_expect_at((f), (u), sizeof(*(u)), (rc), (rrc), __FILE__, __LINE__)
void fx_expect_at(struct fixture *f, void *uvcb, size_t size, uint16_t rc, uint16_t rrc,
		  const char *file, int line);

/** fx_nodata() - a call that takes a handle only. Return: rc, rrc in the upper half */
uint32_t fx_nodata(struct fixture *f, uint16_t cmd, uint64_t handle);

/** fx_guest_prepare() - memory and storage of guest @n with @mib MiB, and its CREATE block */
struct uv_cb_cgc fx_guest_prepare(struct fixture *f, unsigned int n, uint64_t mib);

/** fx_guest_create() - fx_guest_prepare() and CREATE_SEC_CONF */
struct fx_guest *fx_guest_create(struct fixture *f, unsigned int n, uint64_t mib);

/** fx_guest_destroy() - DESTROY_SEC_CONF if there is a configuration, and free what it had */
void fx_guest_destroy(struct fixture *f, struct fx_guest *g);

/** fx_frame() - host absolute address of a guest page */
static inline abs_t fx_frame(const struct fx_guest *g, gpa_t gpa)
{
	return backing_abs(g->b) + gpa;
}

/** fx_cpu_prepare() - storage of a CPU of a guest, and its CREATE block */
struct uv_cb_csc fx_cpu_prepare(struct fixture *f, const struct fx_guest *g, struct fx_cpu *cpu,
				uint16_t num);

/** fx_cpu_create() - fx_cpu_prepare() and CREATE_SEC_CPU; the state description is ready to run */
void fx_cpu_create(struct fixture *f, const struct fx_guest *g, struct fx_cpu *cpu, uint16_t num);

/** fx_cpu_destroy() - DESTROY_SEC_CPU if it exists, and free its storage */
void fx_cpu_destroy(struct fixture *f, struct fx_cpu *cpu);

/** fx_set_state() - CPU_SET_STATE. Return: rc */
uint16_t fx_set_state(struct fixture *f, const struct fx_cpu *cpu, uint8_t state);

/** fx_import() - CONV_TO_SEC_STOR. Return: rc */
uint16_t fx_import(struct fixture *f, const struct fx_guest *g, gpa_t gpa);

/** fx_frame_call() - a call that names a frame. Return: rc */
uint16_t fx_frame_call(struct fixture *f, uint16_t cmd, abs_t frame);

#endif
