/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/vmm/vm_world.h"

#include <errno.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "vmm/intercept.h"
#include "vmm/console.h"
#include "vmm/sclp_input.h"
#include "vmm/watchdog.h"

static _Atomic unsigned int program;
static _Atomic uint32_t service;
static sem_t signals;
static uint8_t *storage; /* of the world's VM: its own addresses, and its SIDA at 0 */

static int mem_op(const struct kvm_s390_mem_op *op)
{
	uint8_t *guest = storage + op->gaddr;

	if (op->op == KVM_S390_MEMOP_LOGICAL_READ || op->op == KVM_S390_MEMOP_SIDA_READ)
		memcpy((void *)(uintptr_t)op->buf, guest, op->size);
	else
		memcpy(guest, (const void *)(uintptr_t)op->buf, op->size);
	return 0;
}

/* In place of the client's; there is no machine behind it */
int __wrap_protvirt_ioctl(int fd, unsigned long request, uintptr_t arg);

int __wrap_protvirt_ioctl(int fd, unsigned long request, uintptr_t arg)
{
	(void)fd;
	if (request == KVM_S390_IRQ) {
		const struct kvm_s390_irq *irq = (const struct kvm_s390_irq *)arg;

		if (irq->type == KVM_S390_PROGRAM_INT)
			atomic_store(&program, irq->u.pgm.code);
	} else if (request == KVM_S390_INTERRUPT) {
		atomic_store(&service, ((const struct kvm_s390_interrupt *)arg)->parm);
		sem_post(&signals);
	} else if (request == KVM_S390_MEM_OP) {
		return mem_op((const struct kvm_s390_mem_op *)arg);
	} else if (request != KVM_SET_MP_STATE && request != KVM_S390_CLEAR_RESET &&
		   request != KVM_SET_DEVICE_ATTR) {
		errno = ENOTTY;
		return -1;
	}
	return 0;
}

int __wrap_protvirt_make_accessible(void *addr, size_t len);

int __wrap_protvirt_make_accessible(void *addr, size_t len)
{
	(void)addr;
	(void)len;
	return 0;
}

unsigned int world_program(void)
{
	return atomic_exchange(&program, 0);
}

uint32_t world_service(void)
{
	while (sem_wait(&signals))
		;
	return atomic_load(&service);
}

int world_setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		return -1;
	sem_init(&signals, 0, 0);
	pthread_mutex_init(&w->vm.lock, NULL);
	pthread_cond_init(&w->vm.changed, NULL);
	w->vm.params = (struct vm_params){.memory_size = WORLD_MEMORY, .nr_cpus = 1};
	w->vm.memory = mmap(NULL, WORLD_MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	storage = w->vm.memory;
	w->vm.cpus = &w->cpu;
	w->vm.input = sclp_input_create(&w->vm);
	w->vm.console = console_create(false);
	w->vm.watchdog = watchdog_create(&w->vm);
	w->cpu = (struct vcpu){.vm = &w->vm, .run = &w->run};
	*state = w;
	return w->vm.memory == MAP_FAILED || !w->vm.input || !w->vm.console || !w->vm.watchdog;
}

int world_teardown(void **state)
{
	struct world *w = *state;

	sclp_input_destroy(w->vm.input);
	watchdog_destroy(w->vm.watchdog);
	console_destroy(w->vm.console);
	munmap(w->vm.memory, WORLD_MEMORY);
	free(w->vm.pv_ipib);
	pthread_cond_destroy(&w->vm.changed);
	pthread_mutex_destroy(&w->vm.lock);
	sem_destroy(&signals);
	free(w);
	return 0;
}

void world_execute(struct world *w, uint16_t ipa, uint32_t ipb)
{
	w->run.exit_reason = KVM_EXIT_S390_SIEIC;
	w->run.s390_sieic.icptcode = ICPT_INSTRUCTION;
	w->run.s390_sieic.ipa = ipa;
	w->run.s390_sieic.ipb = ipb;
	intercept_handle(&w->cpu);
}
