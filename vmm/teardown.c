// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/teardown.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm/console.h"
#include "vmm/progress.h"
#include "vmm/pv_boot.h"
#include "vmm/reboot_log.h"

/* What the thread is told; it frees it. The VM stays until the thread has said that it is done. */
struct perform {
	struct vm *vm;
	struct reboot_log *log;
	struct reboot_record *record;
};

static void refused(struct teardown *out, struct pv_result r)
{
	snprintf(out->fallback, sizeof(out->fallback), "PREPARE: %s, rc 0x%04x rrc 0x%04x",
		 strerror(r.error), r.rc, r.rrc);
}

static bool wants_async(const struct vm *vm)
{
	if (vm->params.teardown == TEARDOWN_BOTH)
		return vm->boots % 2;
	return vm->params.teardown == TEARDOWN_ASYNC;
}

int teardown_run(struct vm *vm, struct teardown *out)
{
	struct pv_result r;

	*out = (struct teardown){0};
	if (wants_async(vm) && !vm->async_capable) {
		snprintf(out->fallback, sizeof(out->fallback),
			 "not offered: capability 224 or a memory limit above 2 GiB is missing");
	} else if (wants_async(vm)) {
		r = pv_command(vm, KVM_PV_ASYNC_CLEANUP_PREPARE, NULL);
		out->set_aside = !r.error;
		if (r.error)
			refused(out, r);
	}
	if (!out->set_aside) {
		r = pv_command(vm, KVM_PV_DISABLE, NULL);
		if (r.error) {
			fprintf(stderr, "protvirt run: KVM_PV_DISABLE: %s, rc 0x%04x rrc 0x%04x\n",
				strerror(r.error), r.rc, r.rrc);
			return -r.error;
		}
	}
	vm->protected = false;
	return 0;
}

/*
 * Nobody waits for the memory, but the next guest is loaded, decrypted and hashed meanwhile. The
 * machine runs the ioctl as its caller runs. This needs no privilege, but cannot be taken back
 * without one, so the thread does nothing else.
 *
 * Not SCHED_IDLE: where other programs want all CPUs, PERFORM would begin after the next reboot,
 * which is synchronous then, and what touches a page that is being cleared would wait for a second.
 */
static void give_way(const struct vm *vm)
{
	int now = nice((int)vm->params.teardown_nice); /* higher is always permitted */

	(void)now;
}

/* That a later DISABLE was faster is no error: then nothing is set aside any more. */
static void *perform_thread(void *arg)
{
	struct perform *p = arg;
	uint64_t start = monotonic_ns();
	struct pv_result r;

	progress_begin(p->vm); /* may start a thread, which does not give way */
	give_way(p->vm);
	r = pv_command(p->vm, KVM_PV_ASYNC_CLEANUP_PERFORM, NULL);
	progress_end(p->vm);
	if (r.error && r.error != EINVAL)
		fprintf(stderr, "protvirt run: %s: %s, rc 0x%04x rrc 0x%04x\n",
			pv_command_name(KVM_PV_ASYNC_CLEANUP_PERFORM), strerror(r.error), r.rc,
			r.rrc);
	reboot_log_background_done(p->log, p->record, monotonic_ns() - start);
	vm_background_done(p->vm);
	free(p);
	return NULL;
}

void teardown_perform(struct vm *vm, struct reboot_log *log, struct reboot_record *record)
{
	struct perform *p = malloc(sizeof(*p));
	pthread_t thread;
	int rc = ENOMEM;

	if (p) {
		*p = (struct perform){vm, log, record};
		vm_background_started(vm);
		rc = pthread_create(&thread, NULL, perform_thread, p);
	}
	if (!rc) {
		pthread_detach(thread);
		return;
	}
	fprintf(stderr, "protvirt run: no thread for PERFORM: %s; destroyed with the VM\n",
		strerror(rc));
	if (p)
		vm_background_done(vm);
	free(p);
	reboot_log_background_done(log, record, 0);
}
