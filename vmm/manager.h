/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager: carries out what CPUs and people ask of the whole VM. */
#ifndef VMM_MANAGER_H
#define VMM_MANAGER_H

#include "vmm/vm.h"

/** struct vm_end - how a VM ended */
struct vm_end {
	enum exit_code code;
	char why[200];
};

/**
 * manager_run() - boot vm->image and serve the VM until its end
 * @end: filled in
 *
 * On return no CPU is in KVM_RUN.
 */
void manager_run(struct vm *vm, struct vm_end *end);

#endif
