/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIE as an instruction of a guest: "guest 2" executes it, "guest 3" runs.
 *
 * Guest 2's state description is copied into a shadow, on which the engine runs one level
 * down, and copied back. Guest 3's storage is the primary space of guest 2's CPU.
 */
#ifndef KVM_VSIE_H
#define KVM_VSIE_H

#include <stdbool.h>
#include <stdint.h>

#include "kvm/vcpu.h"
#include "uv/sie_block.h"

/** SIE_BLOCK_SIZE - of a format-2 state description; one of format 4 has all of the structure */
#define SIE_BLOCK_SIZE 0x200UL

/** VSIE_UNUSED - no address of a state description: they are aligned */
#define VSIE_UNUSED UINT64_MAX

/**
 * struct vsie_mapping - what translations of guest 3's storage depend on beside the tables
 * @unlimited: the limit is suppressed
 */
struct vsie_mapping {
	uint64_t asce;
	uint64_t mso;
	uint64_t msl;
	uint64_t edat;
	uint32_t prefix;
	bool unlimited;
};

/**
 * struct vsie_page - SIE of one vCPU; by its own thread, but for @scb_gpa
 * @scb_s: the shadow, what runs
 * @scb_o: guest 2's state description as it was at entry
 * @scb_gpa: where that is, while it is in use; kvm->arch.vsie_lock
 * @sie: the engine's CPU
 * @state: guest 3's registers
 * @mapping: how guest 3's storage is found
 * @fac: facility list of guest 3
 * @last_gpa, @last_abs: the last translation: guest 3's and guest 2's absolute page
 */
struct vsie_page {
	struct kvm_s390_sie_block scb_s;
	struct kvm_s390_sie_block scb_o;
	gpa_t scb_gpa;
	struct kvm_vcpu *vcpu;
	struct sie_cpu *sie;
	struct cpu_state state;
	struct vsie_mapping mapping;
	uint64_t fac[4];
	gpa_t last_gpa;
	gpa_t last_abs;
};

/**
 * kvm_s390_vsie_create() - for a vCPU with the CPU feature SIEF2; else nothing
 * Return: 0 or -ENOMEM.
 * Context: kvm->lock held; the vCPU has its engine CPU.
 */
int kvm_s390_vsie_create(struct kvm_vcpu *vcpu);
void kvm_s390_vsie_destroy(struct kvm_vcpu *vcpu);

/** kvm_s390_handle_vsie() - the SIE instruction */
int kvm_s390_handle_vsie(struct kvm_vcpu *vcpu);

/**
 * vsie_translate() - guest 3's absolute to guest 2's absolute address
 * Return: as kvm_s390_shadow_fault(); beyond the limit PGM_ADDRESSING.
 */
int vsie_translate(struct vsie_page *vsie_page, gpa_t gpa, enum gacc_mode mode,
		   struct kvm_s390_shadow *shadow);

/* ---- vsie_shadow.c ---- */

/** set_validity_icpt() - the state description is not usable. Return: 1 */
int set_validity_icpt(struct kvm_s390_sie_block *scb_s, uint16_t reason);

/** is_secure_scb() - of format 4, and guest 2 has an Ultravisor: guest 3's CPU is a protected one
 */
bool is_secure_scb(const struct vsie_page *vsie_page);

/** shadow_scb() - guest 2's description into the shadow. Return: 0; 1: validity interception */
int shadow_scb(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page);

/** unshadow_scb() - what the run changed, back to guest 2 */
void unshadow_scb(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page);

/** pin_blocks() - the area that it names has to be there. Return: as shadow_scb() */
int pin_blocks(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page);

/** update_intervention_requests() - what guest 2 asks of guest 3 by now */
void update_intervention_requests(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page);

#endif
