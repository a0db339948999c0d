/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Ultravisor itself: what its files share, private to uv/.
 *
 * Locks inside uv/, outermost first:
 *	struct uv::lifecycle   INIT_UV and creation of configurations
 *	struct uv_config::lock commands of one configuration; only ever tried
 *	struct uv_cpu::lock    state of one CPU against an entry into SIE
 *	frame lock bits        ascending absolute address (storage/frame.h)
 *	guest page record
 *	struct uv_handles::lock; the trace has none
 */
#ifndef UV_STATE_H
#define UV_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "uv/cost.h"
#include "uv/handle.h"
#include "uv/page.h"
#include "uv/sehdr.h"
#include "uv/trace.h"
#include "uv/ultravisor.h"

/** What QUI says about storage and limits (ultravisor.md, section 4) */
#define UV_BASE_STOR_LEN    0x200000UL
#define UV_BASE_STOR_ALIGN  SEGMENT_SIZE
#define UV_BASE_STOR_LOWEST (2UL << 30)
#define UV_CONF_BASE_LEN    0x4000UL
#define UV_CONF_BASE_ALIGN  0x4000UL
#define UV_CONF_VIRT_LEN    0x1000UL
#define UV_CONF_VAR_LEN     0x2000UL
#define UV_CPU_STOR_LEN     0x1000UL
#define UV_DUMP_STATE_LEN   0x1000UL
#define UV_DUMP_FINAL_LEN   0x1000UL
#define UV_MAX_CONFIGS      64U
#define UV_MAX_STOR_ADDR    ABS_LIMIT
#define UV_MAX_CPU_ID       247U

/**
 * struct uv - the Ultravisor
 * @storage: the machine's storage
 * @model: machine model
 * @ops: the machine
 * @machine: first argument of @ops
 * @host_key: of the machine
 * @handles: configurations and CPUs; lies in the donated base storage, so use uv_handles()
 * @lifecycle: serialises INIT_UV and the creation of configurations
 * @initialised: INIT_UV succeeded
 * @base_origin: donated by INIT_UV; protected by @lifecycle
 * @owners: owners of frames
 * @pages: what page transitions need of all this
 * @trace: the last calls
 * @cost: modelled latencies
 * @calls: executed since power-on
 * @calls_failed: those with condition code 1
 */
struct uv {
	struct storage *storage;
	const struct uv_model *model;
	struct uv_machine_ops ops;
	void *machine;
	struct uv_host_key host_key;
	struct uv_handles *handles;
	pthread_mutex_t lifecycle;
	_Atomic bool initialised;
	abs_t base_origin;
	struct uv_owner_table *owners;
	struct uv_pages pages;
	struct uv_trace trace;
	struct uv_cost_model cost;
	_Atomic uint64_t calls;
	_Atomic uint64_t calls_failed;
};

/** uv_has() - does the machine model have a feature? */
static inline bool uv_has(const struct uv *uv, uint32_t feature)
{
	return uv->model->features & feature;
}

/** uv_handles() - the table of handles; NULL before INIT_UV: no handle names anything */
static inline struct uv_handles *uv_handles(struct uv *uv)
{
	return atomic_load_explicit(&uv->initialised, memory_order_acquire) ? uv->handles : NULL;
}

#endif
