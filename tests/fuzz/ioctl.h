/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of an input of the harness ioctl, for it and for who writes inputs. */
#ifndef TESTS_FUZZ_IOCTL_H
#define TESTS_FUZZ_IOCTL_H

#include "protvirt/kvm.h"

/** FUZZ_MEMORY - user address of guest memory; an input may name addresses as they are */
#define FUZZ_MEMORY      0x10000000UL
#define FUZZ_MEMORY_SIZE (4UL << 20)
/** FUZZ_SCRATCH - the argument of each ioctl, then what an input writes behind it */
#define FUZZ_SCRATCH      0x20000000UL
#define FUZZ_SCRATCH_SIZE (64UL << 10)
/** FUZZ_HEADER - SE header of an image whose pages are in guest memory */
#define FUZZ_HEADER       (FUZZ_SCRATCH + 0x8000)

/**
 * enum ioctl_step - the first byte of a step; another one is a row of fuzz_ioctls
 * @STEP_RUN: slot, registers to be valid and dirty (2 bytes each), then place in the run page (2
 *            bytes) and a byte to put there
 * @STEP_CLOSE: slot
 * @STEP_WRITE: place in FUZZ_SCRATCH (2 bytes), number of bytes, bytes
 * @STEP_GUEST: place in guest memory (3 bytes), number of bytes, bytes
 * @STEP_EXIT: the VMM ends, another one begins
 * @STEP_KICK: a signal for the next ioctl
 * @STEP_ARGUMENT: 8 bytes: argument of the next ioctl, instead of an address
 *
 * An ioctl is its row, the slot of its descriptor, number of bytes, bytes of its structure, which
 * is put down at FUZZ_SCRATCH; or its number, if it takes one. Slot 0 is /dev/kvm, each descriptor
 * that is made takes the next one of FUZZ_SLOTS.
 */
enum ioctl_step {
	STEP_FIRST = 0xf9,
	STEP_RUN = STEP_FIRST,
	STEP_CLOSE,
	STEP_WRITE,
	STEP_GUEST,
	STEP_EXIT,
	STEP_KICK,
	STEP_ARGUMENT,
};

#define FUZZ_SLOTS 8U

/* New rows go to the end: inputs name them by number. */
static const unsigned int fuzz_ioctls[] = {
	KVM_CREATE_VM,
	KVM_CREATE_VCPU,
	KVM_SET_USER_MEMORY_REGION,
	KVM_S390_PV_COMMAND,
	KVM_S390_PV_CPU_COMMAND,
	KVM_SET_DEVICE_ATTR,
	KVM_GET_DEVICE_ATTR,
	KVM_HAS_DEVICE_ATTR,
	KVM_CREATE_DEVICE,
	KVM_S390_MEM_OP,
	KVM_SET_MP_STATE,
	KVM_GET_MP_STATE,
	KVM_S390_INTERRUPT,
	KVM_S390_IRQ,
	KVM_S390_SET_IRQ_STATE,
	KVM_S390_GET_IRQ_STATE,
	KVM_ENABLE_CAP,
	KVM_CHECK_EXTENSION,
	KVM_GET_API_VERSION,
	KVM_GET_VCPU_MMAP_SIZE,
	KVM_S390_ENABLE_SIE,
	KVM_GET_DIRTY_LOG,
	KVM_CLEAR_DIRTY_LOG,
	KVM_S390_GET_SKEYS,
	KVM_S390_SET_SKEYS,
	KVM_S390_GET_CMMA_BITS,
	KVM_S390_SET_CMMA_BITS,
	KVM_S390_UCAS_MAP,
	KVM_S390_UCAS_UNMAP,
	KVM_S390_VCPU_FAULT,
	KVM_CREATE_IRQCHIP,
	KVM_SET_GSI_ROUTING,
	KVM_IRQFD,
	KVM_IOEVENTFD,
	KVM_GET_STATS_FD,
	KVM_S390_ZPCI_OP,
	KVM_GET_REGS,
	KVM_SET_REGS,
	KVM_GET_SREGS,
	KVM_SET_SREGS,
	KVM_GET_FPU,
	KVM_SET_FPU,
	KVM_TRANSLATE,
	KVM_SET_SIGNAL_MASK,
	KVM_S390_STORE_STATUS,
	KVM_S390_SET_INITIAL_PSW,
	KVM_S390_INITIAL_RESET,
	KVM_S390_NORMAL_RESET,
	KVM_S390_CLEAR_RESET,
	KVM_SET_GUEST_DEBUG,
	KVM_GET_ONE_REG,
	KVM_SET_ONE_REG,
};

#define FUZZ_IOCTLS (sizeof(fuzz_ioctls) / sizeof(fuzz_ioctls[0]))

#endif
