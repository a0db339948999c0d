/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A VM that is a machine with an Ultravisor, and what its guest does there by calls. */
#ifndef TESTS_UNIT_KVM_UV_HOST_ENV_H
#define TESTS_UNIT_KVM_UV_HOST_ENV_H

#include <stddef.h>
#include <stdint.h>

#include "protvirt/uv.h"
#include "tests/lifecycle/world.h"
#include "uv/ultravisor.h"

#define HIGH      (2 * GIB) /* of a slot where the Ultravisor's base storage may be */
#define LOW_SIZE  (4 * MIB)
#define HIGH_SIZE (3 * MIB)
#define BASE_LEN  (2 * MIB)

/* Of the protected guest that create() makes */
#define TABLE     MIB
#define PAGES     (MIB + 0x4000)
#define CONF_BASE (MIB + 0x10000)
#define CONF_VIRT (MIB + 0x20000)
#define SCA       (MIB + 0x30000)
#define ASCE      (TABLE | 0x103)

/**
 * struct env - the machine, its VMM and the slots' memory
 */
struct env {
	struct world *w;
	struct vmm v;
	uint8_t *low;
	uint8_t *high;
};

void env_create(struct env *e);
void env_destroy(struct env *e);

/** uv_host() - KVM_CAP_PROTVIRT_UV_HOST. Return: of the ioctl */
long uv_host(struct vmm *v, uint64_t what);

/** uv_of() - the Ultravisor of the VM */
struct uv *uv_of(struct env *e);

/** call() - an Ultravisor call, again while it is busy. Return: rc */
uint16_t call(struct env *e, struct uv_cb_header *block, size_t size);

/** init() - INIT_UV with its storage at HIGH. Return: rc */
uint16_t init(struct env *e);

/** create() - a configuration of 1 MiB; its tables map page 0 to 2 MiB. Return: the handle */
uint64_t create(struct env *e);

#endif
