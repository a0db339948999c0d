// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/kvm/uv_host_env.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "kvm/uv_host_state.h"

long uv_host(struct vmm *v, uint64_t what)
{
	const struct kvm_enable_cap cap = {.cap = KVM_CAP_PROTVIRT_UV_HOST, .args = {what}};

	return vmm_ioctl(v, KVM_ENABLE_CAP, (uintptr_t)&cap);
}

void env_create(struct env *e)
{
	e->w = world_create(NULL);
	vmm_start(&e->v, e->w);
	assert_int_equal(uv_host(&e->v, KVM_PROTVIRT_UV_HOST_CREATE), 0);
	e->low = vmm_memory(&e->v, 0, 0, LOW_SIZE);
	e->high = vmm_memory(&e->v, 1, HIGH, HIGH_SIZE);
}

void env_destroy(struct env *e)
{
	vmm_exit(&e->v);
	vmm_free_memory(e->low, LOW_SIZE);
	vmm_free_memory(e->high, HIGH_SIZE);
	world_destroy(e->w);
}

struct uv *uv_of(struct env *e)
{
	return e->v.kvm->arch.uv_host->uv;
}

uint16_t call(struct env *e, struct uv_cb_header *block, size_t size)
{
	enum uv_cc cc;

	do
		cc = uv_call(uv_of(e), block, size);
	while (cc > UV_CC_ERROR);
	return be16_get(block->rc);
}

uint16_t init(struct env *e)
{
	struct uv_cb_init block = {
		.header = {.len = be16_make(sizeof(block)), .cmd = be16_make(UVC_CMD_INIT_UV)},
		.stor_origin = be64_make(HIGH),
		.stor_len = be64_make(BASE_LEN),
	};

	return call(e, &block.header, sizeof(block));
}

uint64_t create(struct env *e)
{
	struct uv_cb_cgc block = {
		.header = {.len = be16_make(sizeof(block)),
			   .cmd = be16_make(UVC_CMD_CREATE_SEC_CONF)},
		.conf_base_stor_origin = be64_make(CONF_BASE),
		.conf_virt_stor_origin = be64_make(CONF_VIRT),
		.guest_stor_len = be64_make(MIB),
		.guest_sca = be64_make(SCA),
		.guest_asce = be64_make(ASCE),
	};

	for (unsigned int i = 0; i < 2048; i++)
		((be64_t *)(e->low + TABLE))[i] = be64_make(i ? 0x20 : PAGES);
	for (unsigned int i = 0; i < 256; i++)
		((be64_t *)(e->low + PAGES))[i] = be64_make(i ? 0x400 : 2 * MIB);
	assert_int_equal(call(e, &block.header, sizeof(block)), UVC_RC_EXECUTED);
	return be64_get(block.guest_handle);
}
