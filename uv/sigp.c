// SPDX-License-Identifier: GPL-2.0-or-later
/* What SIGNAL PROCESSOR changes in a secure CPU: its prefix is nobody's but the guest's. */
#include "uv/call.h"
#include "uv/sigp.h"

#define PREFIX_MASK 0x7fffe000U

static unsigned int change_prefix(struct uv_cpu *target, uint32_t prefix, uint32_t *status)
{
	unsigned int cc = SIGP_CC_STATUS;

	pthread_mutex_lock(&target->lock);
	if (target->in_sie || target->state != PV_CPU_STATE_STP) {
		*status = SIGP_STATUS_INCORRECT_STATE;
	} else {
		target->stor->state.prefix = prefix;
		cc = SIGP_CC_ACCEPTED;
	}
	pthread_mutex_unlock(&target->lock);
	return cc;
}

/*
 * Who has the configuration exclusively may be waiting for this CPU, so it is not waited for: the
 * target is busy then, which a guest has to expect.
 */
unsigned int uv_sigp_set_prefix(struct uv_cpu *cpu, uint16_t num, uint32_t prefix, uint32_t *status)
{
	struct uv_config *config = cpu->config;
	unsigned int cc = SIGP_CC_NOT_OPERATIONAL;

	prefix &= PREFIX_MASK;
	if (!uv_config_has_gpa(config, prefix + PAGE_SIZE)) {
		*status = SIGP_STATUS_INVALID_PARAMETER;
		return SIGP_CC_STATUS;
	}
	if (pthread_rwlock_tryrdlock(&config->lock))
		return SIGP_CC_BUSY;
	if (num <= UV_MAX_CPU_ID && config->virt->cpu[num])
		cc = change_prefix(config->virt->cpu[num], prefix, status);
	pthread_rwlock_unlock(&config->lock);
	return cc;
}
