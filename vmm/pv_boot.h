/* SPDX-License-Identifier: GPL-2.0-or-later */
/* KVM_S390_PV_COMMAND, and what it is used for: start, reset and teardown of a protected guest. */
#ifndef VMM_PV_BOOT_H
#define VMM_PV_BOOT_H

#include "vmm/vm.h"

/** struct pv_result - outcome of a command */
struct pv_result {
	int error; /* 0 or a positive errno */
	uint16_t rc;
	uint16_t rrc;
};

/** pv_command() - issue a command, repeated while it is interrupted */
struct pv_result pv_command(struct vm *vm, enum pv_cmd_id cmd, void *data);

/** pv_command_name() - "KVM_PV_UNPACK" */
const char *pv_command_name(enum pv_cmd_id cmd);

/** struct pv_times - when the steps of a start were done, CLOCK_MONOTONIC in ns */
struct pv_times {
	uint64_t enabled;
	uint64_t unpacked;
	uint64_t verified;
	uint64_t started;
};

/**
 * pv_boot_enter() - DIAG 308 subcode 10: go on as a protected guest
 * @request: who asked and where the answer goes
 * @times: filled in as far as it got
 *
 * If it fails, the calling CPU goes on behind the DIAGNOSE as part of an ordinary guest with the
 * answer in its register; vm->pv_refusal says what the Ultravisor said.
 *
 * Return: 0: protected; -EPERM: refused, goes on as ordinary guest; another -errno: cannot go on.
 * Context: manager, CPUs paused.
 */
int pv_boot_enter(struct vm *vm, const struct vm_request *request, struct pv_times *times);

/**
 * pv_boot_reset() - DIAG 308 subcodes 0 and 1 of a protected guest, which stays protected
 * @clear: subcode 0
 *
 * Return: 0, or -errno: cannot go on.
 * Context: manager, CPUs paused.
 */
int pv_boot_reset(struct vm *vm, struct vcpu *caller, bool clear);

#endif
