// SPDX-License-Identifier: GPL-2.0-or-later
/* Enabled wait: the CPU sleeps in the host until something can interrupt it. */
#include <errno.h>
#include <time.h>

#include "host/task.h"
#include "kvm/vcpu.h"

/** TOD_UNITS_PER_US - resolution of TOD clock, comparator and CPU timer */
#define TOD_UNITS_PER_US 4096

uint64_t kvm_s390_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/** tod_to_ns() - rounded up: an early wake-up would only go to sleep again */
static uint64_t tod_to_ns(uint64_t units)
{
	return units / TOD_UNITS_PER_US * 1000 +
	       (units % TOD_UNITS_PER_US * 1000 + TOD_UNITS_PER_US - 1) / TOD_UNITS_PER_US;
}

static uint64_t ns_to_tod(uint64_t ns)
{
	return ns / 1000 * TOD_UNITS_PER_US + ns % 1000 * TOD_UNITS_PER_US / 1000;
}

/** wait_deadline() - when a timer for which the CPU is enabled goes off, or TASK_FOREVER */
static uint64_t wait_deadline(const struct kvm_vcpu *vcpu, uint64_t now)
{
	const struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	uint64_t deadline = TASK_FOREVER;

	if (!(gpsw_mask(vcpu) & PSW_MASK_EXT))
		return deadline;
	if (guest_cr(vcpu, 0) & CR0_CLOCK_COMPARATOR_SUBMASK) {
		uint64_t ckc = be64_get(scb->ckc);
		uint64_t tod = kvm_s390_get_tod(vcpu->kvm);
		uint64_t delta = tod_to_ns(ckc > tod ? ckc - tod : 0);

		/* Pending when the clock has passed the comparator, hence one more */
		if (delta < TASK_FOREVER - 1 - now)
			deadline = now + delta + 1;
	}
	if (guest_cr(vcpu, 0) & CR0_CPU_TIMER_SUBMASK) {
		uint64_t timer = be64_get(scb->cputm);
		uint64_t delta = (int64_t)timer < 0 ? 0 : tod_to_ns(timer) + 1;

		if (now + delta < deadline)
			deadline = now + delta;
	}
	return deadline;
}

/** charge_cpu_timer() - the CPU timer of a waiting CPU runs */
static void charge_cpu_timer(struct kvm_vcpu *vcpu, uint64_t ns)
{
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;

	scb->cputm = be64_make(be64_get(scb->cputm) - ns_to_tod(ns));
}

/** sleep_once() - Return: true if there is nothing to wait for any more */
static bool sleep_once(struct kvm_vcpu *vcpu, struct task *task)
{
	uint32_t key = task_prepare_sleep(task);
	uint64_t now = kvm_s390_now_ns();
	int rc;

	if (kvm_s390_vcpu_has_irq(vcpu, false) || signal_pending(task) ||
	    atomic_load(&vcpu->requests) || atomic_load(&vcpu->immediate_block))
		return true;
	rc = task_sleep(task, key, wait_deadline(vcpu, now));
	charge_cpu_timer(vcpu, kvm_s390_now_ns() - now);
	return rc == -EINTR;
}

int kvm_s390_handle_wait(struct kvm_vcpu *vcpu)
{
	struct task *task = current_task();

	if (kvm_s390_vcpu_has_irq(vcpu, false))
		return 0;
	if (psw_interrupts_disabled(vcpu))
		return -EOPNOTSUPP;
	kvm_s390_set_cpuflags(vcpu, CPUSTAT_WAIT);
	while (!sleep_once(vcpu, task))
		;
	kvm_s390_clear_cpuflags(vcpu, CPUSTAT_WAIT);
	return 0;
}
