// SPDX-License-Identifier: GPL-2.0-or-later
/* The Ultravisor call of a guest that is a hypervisor: ultravisor.md 1. */
#include <errno.h>
#include <string.h>

#include "kvm/kvm_host.h"
#include "kvm/memslots.h"
#include "kvm/uv_host_state.h"
#include "kvm/vcpu.h"
#include "uv/ultravisor.h"

/** struct uvcb - copy of a control block; none is longer */
struct uvcb {
	union {
		struct uv_cb_header header;
		uint8_t bytes[PAGE_SIZE];
	};
	size_t len;
};

/* Its length is read once. What no command needs, or none that may be issued, is not looked at. */
static int read_block(struct kvm_vcpu *vcpu, uint64_t ga, struct uvcb *b)
{
	struct uv *uv = vcpu->kvm->arch.uv_host->uv;
	int rc;

	b->len = sizeof(b->header);
	rc = access_guest_home(vcpu, ga, b->bytes, b->len, GACC_FETCH);
	if (rc)
		return rc;
	if (uv_call_reads_block(uv, be16_get(b->header.cmd)) && be16_get(b->header.len) > b->len)
		b->len = be16_get(b->header.len);
	if (b->len > sizeof(b->bytes))
		b->len = sizeof(b->bytes);
	rc = access_guest_home(vcpu, ga + sizeof(b->header), b->bytes + sizeof(b->header),
			       b->len - sizeof(b->header), GACC_FETCH);
	/* All of it has to be writable before anything is done */
	return rc ? rc : access_guest_home(vcpu, ga, NULL, b->len, GACC_STORE);
}

/* Whether a page found there is the Ultravisor's own that says by itself. */
static int translate_home(void *arg, uint64_t va, bool store, abs_t *addr)
{
	return guest_translate_home(arg, va, addr, store ? GACC_STORE : GACC_FETCH);
}

/* Slots stay: the Ultravisor's storage is made of them. */
static int call(struct kvm_vcpu *vcpu, uint64_t ga, struct uvcb *b)
{
	const struct uv_host_space space = {.translate = translate_home, .arg = vcpu};
	struct kvm_memslots *slots = kvm_memslots_read(vcpu->kvm);
	enum uv_cc cc = uv_call_virtual(vcpu->kvm->arch.uv_host->uv, b->bytes, b->len, &space);
	int rc;

	kvm_memslots_read_end(vcpu->kvm, slots);
	rc = access_guest_home(vcpu, ga, b->bytes, b->len, GACC_STORE);
	if (!rc)
		kvm_s390_set_psw_cc(vcpu, cc);
	return rc;
}

int kvm_s390_handle_uvc(struct kvm_vcpu *vcpu)
{
	uint32_t ipb = be32_get(vcpu->arch.sie_block->ipb);
	unsigned int r1, r2;
	struct uvcb b;
	uint64_t ga;
	int rc;

	kvm_s390_get_regs_rre(vcpu, &r1, &r2);
	if (!vcpu->kvm->arch.uv_host)
		return kvm_s390_inject_program_int(vcpu, PGM_OPERATION);
	if (gpsw_mask(vcpu) & PSW_MASK_PSTATE)
		return kvm_s390_inject_program_int(vcpu, PGM_PRIVILEGED_OP);
	ga = kvm_s390_logical_to_effective(vcpu, vcpu->arch.state.gprs[r2]);
	if (ipb >> 24 || ga & 7)
		return kvm_s390_inject_program_int(vcpu, PGM_SPECIFICATION);
	rc = read_block(vcpu, ga, &b);
	if (!rc)
		rc = call(vcpu, ga, &b);
	return kvm_s390_inject_prog_cond(vcpu, rc);
}
