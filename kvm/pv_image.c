// SPDX-License-Identifier: GPL-2.0-or-later
/* The image of a protected guest: its header, its components. */
#include <errno.h>
#include <string.h>

#include "host/task.h"
#include "kvm/faultin.h"
#include "kvm/machine_state.h"
#include "kvm/pv.h"

int kvm_s390_pv_set_sec_parms(struct kvm *kvm, const void *hdr, uint64_t length, uint16_t *rc,
			      uint16_t *rrc)
{
	struct machine *m = kvm->machine;
	struct uv_cb_ssc uvcb = {
		.header.cmd = be16_make(UVC_CMD_SET_SEC_CONF_PARAMS),
		.header.len = be16_make(sizeof(uvcb)),
		.guest_handle = be64_make(kvm_s390_pv_get_handle(kvm)),
		.sec_header_len = be32_make((uint32_t)length),
	};
	abs_t region = storage_alloc(m->storage, length, PAGE_SIZE, ALLOC_PAGE);
	enum uv_cc cc;

	if (!region)
		return -ENOMEM;
	memcpy(storage_ptr(m->storage, region, length), hdr, length);
	uvcb.sec_header_origin = be64_make(region);
	cc = uv_call_sched(m->uv, &uvcb, sizeof(uvcb));
	storage_free(m->storage, region);
	*rc = be16_get(uvcb.header.rc);
	*rrc = be16_get(uvcb.header.rrc);
	return cc == UV_CC_OK ? 0 : -EINVAL;
}

/* One page; rc and rrc are set whenever the Ultravisor answered. */
static int unpack_one(struct kvm *kvm, gpa_t addr, uint64_t tweak, uint64_t offset, uint16_t *rc,
		      uint16_t *rrc)
{
	struct uv_cb_unp uvcb = {
		.header.cmd = be16_make(UVC_CMD_UNPACK_IMG),
		.header.len = be16_make(sizeof(uvcb)),
		.guest_handle = be64_make(kvm_s390_pv_get_handle(kvm)),
		.gaddr = be64_make(addr),
		.tweak = {be64_make(tweak), be64_make(offset)},
	};
	int err = gmap_make_secure(kvm, addr, &uvcb.header, sizeof(uvcb));

	if (be16_get(uvcb.header.rc)) {
		*rc = be16_get(uvcb.header.rc);
		*rrc = be16_get(uvcb.header.rrc);
	}
	if (err == -ENXIO) {
		err = kvm_s390_faultin_gfn(kvm, addr);
		return err ? err : -EAGAIN;
	}
	return err;
}

static int unpack_all(struct kvm *kvm, gpa_t addr, uint64_t size, uint64_t tweak, uint16_t *rc,
		      uint16_t *rrc)
{
	uint64_t offset = 0;

	while (offset < size) {
		int err = unpack_one(kvm, addr + offset, tweak, offset, rc, rrc);

		if (err == -EAGAIN && !fatal_signal_pending(current_task()))
			continue;
		if (err)
			return err;
		offset += PAGE_SIZE;
	}
	return 0;
}

int kvm_s390_pv_unpack(struct kvm *kvm, gpa_t addr, uint64_t size, uint64_t tweak, uint16_t *rc,
		       uint16_t *rrc)
{
	int err;

	lockdep_assert_held(&kvm->lock);
	if ((addr | size) & ~PAGE_MASK || !size)
		return -EINVAL;
	err = unpack_all(kvm, addr, size, tweak, rc, rrc);
	uv_unpack_settle(kvm->machine->uv, kvm_s390_pv_get_handle(kvm));
	return err;
}
