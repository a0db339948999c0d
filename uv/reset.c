/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reset sequence of a protected guest: see reset.h. */
#include "uv/call.h"
#include "uv/reset.h"

#define RESET_NOT_STOPPED 0x101
#define RESET_OUT_OF_STEP 0x101

/* CPUs of a configuration that is locked exclusively do not come or go. */
static bool all_cpus(const struct uv_config *c, bool (*is)(const struct uv_cpu *cpu))
{
	for (unsigned int num = 0; num <= UV_MAX_CPU_ID; num++) {
		struct uv_cpu *cpu = c->virt->cpu[num];

		if (cpu && !is(cpu))
			return false;
	}
	return true;
}

/* A CPU in SIE is operating, and only commands under the configuration's lock end that. */
static bool is_stopped(const struct uv_cpu *cpu)
{
	return cpu->state == PV_CPU_STATE_STP || cpu->state == PV_CPU_STATE_CHKSTP;
}

static bool is_reset(const struct uv_cpu *cpu)
{
	return cpu->reset_done;
}

bool uv_reset_complete(const struct uv_config *c)
{
	int step = atomic_load(&c->reset);

	return step == UV_RESET_NONE || (step == UV_RESET_PREPARED && all_cpus(c, is_reset));
}

void uv_reset_end(struct uv_config *c)
{
	if (atomic_exchange(&c->reset, UV_RESET_NONE) != UV_RESET_NONE)
		c->psw_from_image = false;
}

struct uv_answer uv_unshare_all(struct uv_call *call)
{
	struct uv_config *c = call->config;
	uint16_t rc = UVC_RC_EXECUTED;

	if (!all_cpus(c, is_stopped))
		return uv_error(RESET_NOT_STOPPED, 0);
	/* from now on, and between the parts of a long walk, no CPU may run */
	atomic_store(&c->reset, UV_RESET_PENDING);
	if (!uv_pages_unshare_all(&c->uv->pages, c->owner, &rc))
		return uv_partial();
	if (rc == UVC_RC_EXECUTED)
		atomic_store(&c->reset, UV_RESET_UNSHARED);
	return uv_answer_rc(rc);
}

struct uv_answer uv_prepare_reset(struct uv_call *call)
{
	struct uv_config *c = call->config;

	if (!all_cpus(c, is_stopped) || atomic_load(&c->reset) != UV_RESET_UNSHARED)
		return uv_error(RESET_OUT_OF_STEP, 0);
	for (unsigned int num = 0; num <= UV_MAX_CPU_ID; num++) {
		struct uv_cpu *cpu = c->virt->cpu[num];

		if (cpu)
			cpu->reset_done = false;
	}
	atomic_store(&c->service_call, 0);
	atomic_store(&c->reset, UV_RESET_PREPARED);
	return uv_done();
}

void uv_guest_reset_pending(struct uv_cpu *cpu)
{
	atomic_store(&cpu->config->reset, UV_RESET_PENDING);
}
