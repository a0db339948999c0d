/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Orders of SIGNAL PROCESSOR that the Ultravisor has a part in. */
#ifndef UV_SIGP_H
#define UV_SIGP_H

#include <stdint.h>

struct uv_cpu;

#define SIGP_SET_PREFIX 0x0d

#define SIGP_STATUS_INCORRECT_STATE   0x200U
#define SIGP_STATUS_INVALID_PARAMETER 0x100U

/** enum uv_sigp_cc - condition codes of SIGNAL PROCESSOR */
enum uv_sigp_cc {
	SIGP_CC_ACCEPTED,
	SIGP_CC_STATUS,
	SIGP_CC_BUSY,
	SIGP_CC_NOT_OPERATIONAL
};

/**
 * uv_sigp_set_prefix() - an order of set prefix that the host has accepted
 *
 * The host sets its own copy, which says where it has to keep pages present. What the CPU uses is
 * in the CPU storage, and changes on the guest's word only.
 *
 * @cpu: the CPU that executed SIGP, in SIE
 * @num: CPU address of the target
 * @prefix: parameter
 * @status: set with SIGP_CC_STATUS
 *
 * Return: enum uv_sigp_cc; busy if the configuration is being changed.
 * Context: in SIE, without locks; takes the configuration's lock if it is free, the target's.
 */
unsigned int uv_sigp_set_prefix(struct uv_cpu *cpu, uint16_t num, uint32_t prefix,
				uint32_t *status);

#endif
