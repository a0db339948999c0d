/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secure CPUs: creation, end, resets, states. */
#include <stdlib.h>
#include <string.h>

#include "storage/wide.h"
#include "uv/alloc.h"
#include "uv/call.h"
#include "uv/host_space.h"
#include "uv/reset.h"

#define CSC_BAD_NUM      0x103
#define CSC_NUM_IN_USE   0x104
#define CSC_NO_STORAGE   0x105
#define CSC_LOWCORE      0x106
#define CSC_NO_STATE     0x107
#define CSC_TAKEN        0x108
#define CSC_NO_RESOURCES 0x10e

#define CPU_IN_SIE 0x102

#define STATE_UNKNOWN   0x101
#define STATE_NOT_READY 0x102
#define STATE_IN_SIE    0x103

#define LOWCORE_END 0x2000UL

static uint16_t check_create(struct uv_call *call)
{
	const struct uv_cb_csc *u = &call->block.csc;
	abs_t stor = be64_get(u->stor_origin);
	uint16_t num = be16_get(u->num);

	if (num > UV_MAX_CPU_ID)
		return CSC_BAD_NUM;
	if (call->config->virt->cpu[num])
		return CSC_NUM_IN_USE;
	if (stor >= LOWCORE_END && !storage_host_ptr(call->uv->storage, stor, UV_CPU_STOR_LEN))
		return CSC_NO_STORAGE;
	if (stor < LOWCORE_END)
		return CSC_LOWCORE;
	if (!uv_host_ptr(call->uv, be64_get(u->state_origin), sizeof(struct kvm_s390_sie_block)))
		return CSC_NO_STATE;
	if (stor % PAGE_SIZE || uv_donate(call->uv, stor, UV_CPU_STOR_LEN))
		return CSC_TAKEN;
	return 0;
}

static void release(struct uv_object *o)
{
	struct uv_cpu *cpu = uv_cpu_of(o);

	uv_object_put(&cpu->config->object);
	pthread_mutex_destroy(&cpu->lock);
	free(cpu);
}

static struct uv_cpu *new_cpu(struct uv_call *call)
{
	const struct uv_cb_csc *u = &call->block.csc;
	struct uv_cpu *cpu = uv_zalloc(sizeof(*cpu));

	if (!cpu)
		return NULL;
	uv_object_init(&cpu->object, UV_HANDLE_CPU, release);
	pthread_mutex_init(&cpu->lock, NULL);
	uv_object_get(&call->config->object);
	cpu->config = call->config;
	cpu->num = be16_get(u->num);
	cpu->stor_origin = be64_get(u->stor_origin);
	cpu->state_origin = be64_get(u->state_origin);
	cpu->stor = storage_donated_ptr(call->uv->storage, cpu->stor_origin, UV_CPU_STOR_LEN);
	cpu->state = PV_CPU_STATE_STP;
	return cpu;
}

/* A CPU that joins during a reset is as good as reset. */
static void init_stor(struct uv_cpu *cpu)
{
	memset(cpu->stor, 0, UV_CPU_STOR_LEN);
	cpu_state_clear_reset(&cpu->stor->state);
	cpu->stor->state.cpu_addr = cpu->num;
	cpu->reset_done = true;
}

struct uv_answer uv_create_cpu(struct uv_call *call)
{
	uint16_t rc = check_create(call);
	struct uv_cpu *cpu;

	if (rc)
		return uv_error(rc, 0);
	cpu = new_cpu(call);
	if (!cpu) {
		storage_undonate(call->uv->storage, be64_get(call->block.csc.stor_origin),
				 UV_CPU_STOR_LEN);
		return uv_error(CSC_NO_RESOURCES, 0);
	}
	init_stor(cpu);
	uv_owner_cpu_get(call->config->owner);
	call->config->virt->cpu[cpu->num] = cpu;
	if (uv_handle_new(call->uv, &cpu->object)) {
		call->config->virt->cpu[cpu->num] = NULL;
		uv_owner_cpu_put(call->config->owner);
		storage_undonate(call->uv->storage, cpu->stor_origin, UV_CPU_STOR_LEN);
		uv_object_put(&cpu->object);
		return uv_error(CSC_NO_RESOURCES, 0);
	}
	call->block.csc.cpu_handle = be64_make(cpu->object.handle);
	return uv_done();
}

void uv_cpu_end(struct uv_cpu *cpu)
{
	struct uv_config *c = cpu->config;

	cpu->gone = true;
	c->virt->cpu[cpu->num] = NULL;
	clear_wide(cpu->stor, UV_CPU_STOR_LEN);
	fence_wide();
	storage_undonate(c->uv->storage, cpu->stor_origin, UV_CPU_STOR_LEN);
	uv_owner_cpu_put(c->owner);
	uv_handle_remove(c->uv->handles, &cpu->object);
}

struct uv_answer uv_destroy_cpu(struct uv_call *call)
{
	struct uv_cpu *cpu = call->cpu;
	struct uv_answer a = uv_done();

	pthread_mutex_lock(&cpu->lock);
	if (cpu->in_sie)
		a = uv_error(CPU_IN_SIE, 0);
	else
		uv_cpu_end(cpu);
	pthread_mutex_unlock(&cpu->lock);
	return a;
}

/* ---- resets ---- */

static struct uv_answer reset(struct uv_cpu *cpu, void (*effect)(struct cpu_state *state))
{
	struct uv_answer a = uv_done();

	pthread_mutex_lock(&cpu->lock);
	if (cpu->in_sie) {
		a = uv_error(CPU_IN_SIE, 0);
	} else if (effect) {
		effect(&cpu->stor->state);
		cpu->stor->timer_known = false;
		cpu->stor->exit_code = 0;
		cpu->stor->held = false;
		cpu->state = PV_CPU_STATE_STP;
		cpu->reset_done = true;
	}
	pthread_mutex_unlock(&cpu->lock);
	return a;
}

/* Local interruptions, all that a normal reset clears, are the host's. */
struct uv_answer uv_cpu_reset(struct uv_call *call)
{
	return reset(call->cpu, NULL);
}

struct uv_answer uv_cpu_reset_initial(struct uv_call *call)
{
	return reset(call->cpu, cpu_state_initial_reset);
}

struct uv_answer uv_cpu_reset_clear(struct uv_call *call)
{
	return reset(call->cpu, cpu_state_clear_reset);
}

/* ---- states ---- */

static bool state_known(uint8_t state)
{
	return state == PV_CPU_STATE_OPR || state == PV_CPU_STATE_STP ||
	       state == PV_CPU_STATE_CHKSTP || state == PV_CPU_STATE_OPR_LOAD;
}

static uint16_t check_state(struct uv_cpu *cpu, uint8_t state)
{
	struct uv_config *c = cpu->config;

	if (!state_known(state))
		return STATE_UNKNOWN;
	if (state == PV_CPU_STATE_OPR_LOAD &&
	    (c->image_state != UV_IMAGE_VERIFIED || !uv_reset_complete(c)))
		return STATE_NOT_READY;
	if (cpu->in_sie)
		return STATE_IN_SIE;
	return UVC_RC_EXECUTED;
}

struct uv_answer uv_cpu_set_state(struct uv_call *call)
{
	uint8_t state = call->block.set_state.state;
	struct uv_cpu *cpu = call->cpu;
	uint16_t rc;

	pthread_mutex_lock(&cpu->lock);
	rc = check_state(cpu, state);
	if (rc == UVC_RC_EXECUTED) {
		/* Hypervisors say "load", then "operating": the load still has to happen. */
		if (state != PV_CPU_STATE_OPR || cpu->state != PV_CPU_STATE_OPR_LOAD)
			cpu->state = state;
		if (state == PV_CPU_STATE_OPR_LOAD)
			uv_reset_end(cpu->config);
	}
	pthread_mutex_unlock(&cpu->lock);
	return uv_answer_rc(rc);
}
