/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VM of most tests: two CPUs, memory below and above 2 GiB; and what they do with it. */
#ifndef TESTS_LIFECYCLE_RIG_H
#define TESTS_LIFECYCLE_RIG_H

#include "tests/lifecycle/world.h"
#include "tests/unit/uv/se_image.h"

#define RIG_LOW   0UL       /* guest address of slot 0 */
#define RIG_HIGH  (2 * GIB) /* guest address of slot 1 */
#define RIG_SIZE  (4 * MIB) /* bytes of each */
#define RIG_VCPUS 2

struct rig {
	struct world *w;
	struct vmm v;
	uint8_t *low;
	uint8_t *high;
};

/** rig_create() - @model: NULL: the default one */
void rig_create(struct rig *r, const char *model);
void rig_create_with(struct rig *r, const struct machine_params *params);

/** rig_destroy() - the VMM exits; nothing may be left */
void rig_destroy(struct rig *r);

/** rig_enable() - ENABLE, and the guest touches @pages pages above 2 GiB */
void rig_enable(struct rig *r, unsigned int pages);

/** rig_prepare() - PREPARE, which must succeed */
void rig_prepare(struct rig *r);

/** rig_create_set_aside() - a VM of @model whose guest touched @pages pages and is set aside */
void rig_create_set_aside(struct rig *r, const char *model, unsigned int pages);

/** rig_perform_to_page(), rig_perform_to_uvc() - PERFORM, until it stands at a closed gate */
void rig_perform_to_page(struct rig *r, struct perform *p, uint32_t page);
void rig_perform_to_uvc(struct rig *r, struct perform *p, uint16_t cmd);

/** rig_interrupt() - what is protected is set aside, and its PERFORM killed: one more leftover */
void rig_interrupt(struct rig *r);

/** rig_leftover() - a whole life that ends with a killed PERFORM: one more leftover */
void rig_leftover(struct rig *r);

/**
 * struct pv_counts - configurations by state, and the count of the address space
 */
struct pv_counts {
	uint64_t active, half, stuck, aside, tearing, leftover, leaked;
	int64_t count;
};

/** expect_counts() - compare; members that are not named are 0 */
#define expect_counts(r, ...)                                                                      \
	expect_counts_at((r), &(struct pv_counts){__VA_ARGS__}, __FILE__, __LINE__)
void expect_counts_at(struct rig *r, const struct pv_counts *c, const char *file, int line);

/* ---- images ---- */

/** rig_memory() - where the VMM sees a guest address */
uint8_t *rig_memory(struct rig *r, gpa_t gpa);

/** rig_set_sec_parms(), rig_unpack() - the commands. Return: of the ioctl */
long rig_set_sec_parms(struct rig *r, const void *header, uint64_t len);
long rig_unpack(struct rig *r, gpa_t addr, uint64_t size);

/** rig_load_image() - put it into memory; then everything but VERIFY. The VM is protected */
void rig_load_image(struct rig *r, const struct se_image *img);

/* ---- CPU 0 runs ---- */

#define RIG_CODE 0x10000UL

/** rig_load_and_stop - code: loads to GR3 from where GR2 points, then DIAG 501 */
#define RIG_LOAD_AND_STOP_LEN 10
extern const uint8_t rig_load_and_stop[RIG_LOAD_AND_STOP_LEN];

/** rig_run_page() - its kvm_run page; munmap() it */
struct kvm_run *rig_run_page(struct rig *r);

/** rig_operate() - KVM_SET_MP_STATE, which must succeed */
void rig_operate(struct rig *r, uint32_t state);

/** rig_set_up_code() - point the ordinary CPU at code in low memory, GR2 is @r2 */
void rig_set_up_code(struct rig *r, struct kvm_run *run, const void *code, size_t len,
		     uint64_t prefix, uint64_t r2);

/** rig_expect_load() - the ordinary CPU runs and loads @value from @gpa */
void rig_expect_load(struct rig *r, struct kvm_run *run, uint64_t prefix, gpa_t gpa,
		     uint64_t value);

/** struct runner - a thread that is in KVM_RUN of CPU 0 */
struct runner {
	pthread_t thread;
	struct rig *r;
	pthread_mutex_t lock;
	pthread_cond_t started;
	struct task *t;
	long ret;
};

/** runner_start() - returns when it is in KVM_RUN, with the mutex of the CPU */
void runner_start(struct runner *runner, struct rig *r);

/** runner_kick_out() - a signal ends its KVM_RUN, which must give -EINTR */
void runner_kick_out(struct runner *runner);

#endif
