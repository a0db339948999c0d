/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What KVM and the Ultravisor must answer and come to, as an abstract state: VMs,
 * configurations, frames, counts. docs/oracle.md says where each rule is from.
 * Includes nothing of the product but the numbers of its public interface.
 */
#ifndef TESTS_ORACLE_SPEC_H
#define TESTS_ORACLE_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/oracle/op.h"

#define MAX_CONFIGS 64
#define NR_GFNS     (NR_POSITIONS * AREA_PAGES)
#define IMAGE_PAGE  16 /* of position 0: where the image begins */
#define NO_CONFIG   (-1)

/** What a page contains: 0: zeros; below 256: filled with this value; else: */
#define CONTENT_IMAGE  0x40000000U /* the guest's program, in the clear */
#define CONTENT_OTHER  0xffffffffU /* nobody can say */
#define CONTENT_CIPHER 0x80000000U /* and a number that no other export has */

enum config_state {
	CONFIG_NONE,
	CONFIG_ACTIVE,
	CONFIG_HALF,
	CONFIG_STUCK,
	CONFIG_ASIDE,
	CONFIG_TEARING,
	CONFIG_LEFTOVER,
	CONFIG_LEAKED,
	CONFIG_NR
};

enum image_state {
	IMAGE_NONE,
	IMAGE_HEADER,
	IMAGE_VERIFIED
};

/** enum reset_step - of the reset that keeps a guest protected */
enum reset_step {
	RESET_NONE,
	RESET_UNSHARED,
	RESET_PREPARED
};

/** enum dump_kind - what storage state says of a page */
enum dump_kind {
	DUMPED_ZERO,
	DUMPED_CIPHER,
	DUMPED_SHARED,
	DUMPED_MAPPED
};

enum frame_state {
	FRAME_NS,
	FRAME_SEC,
	FRAME_SHR
};
enum record_state {
	REC_NEW,
	REC_SEC,
	REC_EXP,
	REC_SHR,
	REC_SHOUT
};

/** struct frame - a page of an area */
struct spec_frame {
	uint8_t state;
	int8_t owner;
	uint8_t gfn;
	uint32_t content;
};

/** struct spec_record - a guest page of a configuration */
struct spec_record {
	uint8_t state;
	uint8_t frame;
	uint32_t cipher;
	uint32_t plain;
};

/** struct spec_cpu - a CPU as the Ultravisor has it; @reset: since PREPARE_RESET */
struct spec_cpu {
	bool exists;
	bool reset;
	uint8_t state;
};

/**
 * struct spec_config - a configuration
 * @fast: given up by destroy-fast: only memory and the count remain
 * @known: the Ultravisor has it; false also: its owner is dead
 * @condemned: its pages below 2 GiB are given up, and only its end is accepted
 * @dumping: the Ultravisor has a dump under way
 * @cpus: that the Ultravisor has, with their number in KVM
 * @nr_cpus: how many of them
 * @len: of the guest's storage: slots at ENABLE, in whole MiB
 * @unpacked: pages of the image in order; -1: in another order, or too many
 */
struct spec_config {
	uint8_t state;
	bool fast;
	bool known;
	bool condemned;
	bool dumping;
	struct spec_cpu cpus[MAX_CPUS];
	uint8_t nr_cpus;
	uint8_t image;
	uint8_t reset;
	int8_t unpacked;
	uint64_t len;
	struct spec_record records[NR_GFNS];
};

struct spec_slot {
	bool used;
	uint8_t area;
	uint8_t position;
};

/**
 * struct spec_vm - a VM
 * @dumping: KVM has a dump under way
 * @stopped: CPUs, as KVM has them
 * @leftovers: newest first
 */
struct spec_vm {
	bool exists;
	bool small;
	bool dumping;
	uint8_t cpus;
	bool secure[MAX_CPUS];
	bool stopped[MAX_CPUS];
	struct spec_slot slots[NR_SLOTS];
	int8_t active;
	int8_t aside;
	int8_t leftovers[MAX_CONFIGS];
	uint8_t nr_leftovers;
};

/**
 * struct spec - everything
 * @count: protected_count of the process
 * @mm_gone: while held VMs are released: their address space is no more
 */
struct spec {
	bool fast;
	bool misc;
	bool condemn;
	uint8_t image_pages;
	struct spec_vm vms[NR_VMS];
	struct spec_vm held[NR_VMS];
	struct spec_frame frames[NR_AREAS * AREA_PAGES];
	struct spec_config configs[MAX_CONFIGS];
	uint8_t nr_configs;
	int32_t count;
	uint32_t ciphers;
	uint32_t leaked_cpus;
	bool mm_gone;
	struct rule rules[MAX_RULES];
};

/**
 * struct outcome - of one operation
 * @rc, @rrc: of PV commands; the product has them changed from UNTOUCHED
 * @any_rrc: expected: no source says which
 * @reads: expected: what was read has @content; observed: @content is zeros, a value, or OTHER
 * @dumped: storage state that came, as note_dumped() sums it up
 * @dumped_mib: so many MiB farther is what a dump is to go on with
 */
struct outcome {
	long ret;
	uint16_t rc;
	uint16_t rrc;
	bool any_rrc;
	bool reads;
	uint32_t content;
	uint32_t dumped;
	uint8_t dumped_mib;
};

/** note_dumped() - one more page, @page from the first one; pages of zeros say nothing */
static inline uint32_t note_dumped(uint32_t sum, unsigned int page, enum dump_kind kind)
{
	return kind == DUMPED_ZERO ? sum : (sum ^ (page << 2 | kind)) * 0x01000193U + 1;
}

#define ANY UINT64_MAX

#define UNTOUCHED_RC  0xdead
#define UNTOUCHED_RRC 0xbeef

/** struct counts - what `protvirt status` would say */
struct counts {
	uint64_t vms;
	uint64_t vcpus;
	uint64_t secure_vcpus;
	uint64_t configs[CONFIG_NR];
	uint64_t uv_configs;
	uint64_t uv_cpus;
	uint64_t secure;
	uint64_t orphan;
	uint64_t shared;
	uint64_t lost;
	uint64_t residue;        /* expected: 0, or ANY: nobody says when it is cleared */
	int64_t protected_count; /* of the process that lives */
	bool leaked_bytes;
};

/** spec_init() - @image_pages: of the image that UNPACK takes */
void spec_init(struct spec *s, const char *model, uint8_t image_pages);

/**
 * spec_step() - the operation, all of it
 * @seen: what the product answered: it decides where more than one answer is right
 */
struct outcome spec_step(struct spec *s, const struct op *op, const struct outcome *seen);

/** spec_applies() - can the operation be done at all? If not, both sides skip it. */
bool spec_applies(const struct spec *s, const struct op *op);

/**
 * spec_perform_begin() - first half of PERFORM: take what is set aside
 * Return: it, or NO_CONFIG: @out has the answer.
 */
int spec_perform_begin(struct spec *s, struct spec_vm *vm, struct outcome *out);

/** spec_perform_end() - second half; @dead: the task has got its fatal signal */
struct outcome spec_perform_end(struct spec *s, struct spec_vm *vm, int config, bool dead,
				const struct outcome *seen);

/** spec_counts() - of now */
struct counts spec_counts(const struct spec *s);

/** outcome_agrees() - is what was seen what was expected? */
bool outcome_agrees(const struct outcome *expected, const struct outcome *seen);

/* ---- pages: spec_page.c ---- */

/** spec_frame_at() - the frame that the VM's slots show there; -1: none */
int spec_frame_at(const struct spec_vm *vm, unsigned int position, unsigned int page);

/** spec_access() - a guest's access until it goes through. Return: 0 or -errno */
long spec_access(struct spec *s, struct spec_vm *vm, unsigned int position, unsigned int page);
long spec_share(struct spec *s, struct spec_vm *vm, unsigned int position, unsigned int page);
long spec_unshare(struct spec *s, struct spec_vm *vm, unsigned int position, unsigned int page);

/** spec_unpack_page() - a page of the image. Return: response code */
uint16_t spec_unpack_page(struct spec *s, int config, unsigned int gfn, int frame);

/** spec_host_access() - the host makes it accessible */
void spec_host_access(struct spec *s, int frame);

/** spec_destroy_owned() - the pages of a configuration; @vm: only those that it shows below 2 GiB
 */
void spec_destroy_owned(struct spec *s, int config, const struct spec_vm *lower_2g_of);

/** spec_owned() - how many frames name the configuration */
unsigned int spec_owned(const struct spec *s, int config);

/** spec_condemn_owned() - what CONDEMN_SEC_CONF does to its pages */
void spec_condemn_owned(struct spec *s, int config);

/** spec_unshare_owned() - what SET_UNSHARE_ALL does to its pages */
void spec_unshare_owned(struct spec *s, int config);

/** spec_dump_kind() - of a guest page of a configuration */
enum dump_kind spec_dump_kind(const struct spec *s, int config, uint64_t gpa);

/** spec_config_gone() - what DESTROY_SEC_CONF does to its pages */
void spec_config_gone(struct spec *s, int config);

/** spec_memory_gone() - the address space ends */
void spec_memory_gone(struct spec *s);

#endif
