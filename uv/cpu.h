/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secure CPUs, private to uv/. */
#ifndef UV_CPU_H
#define UV_CPU_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "uv/config.h"
#include "uv/cpu_state.h"
#include "uv/handle.h"

/**
 * struct uv_cpu_stor - what lies in the donated CPU storage
 * @state: registers, used by the engine in place
 * @exit_timer: CPU timer that the host saw at the last exit
 * @exit_tod: TOD clock then
 * @timer_known: @exit_timer and @exit_tod are of this life of the CPU
 * @exit_code: interception code of the last exit
 * @sccb: of the service call that the CPU issues, or whose answer it is given
 * @held: an injected interruption has not been delivered yet
 */
struct uv_cpu_stor {
	struct cpu_state state;
	uint64_t exit_timer;
	uint64_t exit_tod;
	bool timer_known;
	uint8_t exit_code;
	uint32_t sccb;
	bool held;
};
_Static_assert(sizeof(struct uv_cpu_stor) <= UV_CPU_STOR_LEN, "CPU storage");

/**
 * struct uv_cpu - one secure CPU
 * @object: handle and reference count
 * @config: its configuration, with a reference; constant, as all down to @stor
 * @num: CPU number
 * @stor_origin: donated CPU storage
 * @state_origin: host absolute address of the SIE block
 * @stor: the CPU storage's bytes
 * @lock: orders commands and entries into SIE; protects the following
 * @gone: the handle is not valid any more
 * @in_sie: between uv_sie_enter() and uv_sie_leave(); @stor belongs to the engine
 * @entered_at: TOD clock at the last entry
 * @scb: the state description it entered with
 * @state: PV_CPU_STATE_*; written under @lock, read by others
 * @reset_done: an initial or clear reset came since PREPARE_RESET
 */
struct uv_cpu {
	struct uv_object object;
	struct uv_config *config;
	uint16_t num;
	abs_t stor_origin;
	abs_t state_origin;
	struct uv_cpu_stor *stor;

	pthread_mutex_t lock;
	bool gone;
	bool in_sie;
	uint64_t entered_at;
	struct kvm_s390_sie_block *scb;
	_Atomic uint8_t state;
	bool reset_done;
};

/** uv_cpu_of() - the CPU that an object is */
static inline struct uv_cpu *uv_cpu_of(struct uv_object *o)
{
	return (struct uv_cpu *)o;
}

/** uv_cpu_operating() - may it be in SIE? Context: @lock */
static inline bool uv_cpu_operating(const struct uv_cpu *cpu)
{
	return cpu->state == PV_CPU_STATE_OPR || cpu->state == PV_CPU_STATE_OPR_LOAD;
}

/**
 * uv_cpu_end() - give everything up that the CPU holds, last the handle
 * Context: the configuration's lock exclusive and @lock; not in SIE.
 */
void uv_cpu_end(struct uv_cpu *cpu);

#endif
