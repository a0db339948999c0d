/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Purging translations, and kicks.
 *
 * A CPU is "inside" while it may use a pointer into guest storage. Request and
 * "inside" are a pair of sequentially consistent accesses on both sides: who
 * posts a request and then sees the CPU outside need not wait, and a CPU that
 * comes inside and then sees no request has nothing to drop. Whoever waits is
 * itself outside, so two CPUs that purge never wait for each other.
 */
#include "sie/engine.h"
#include "sie/mem.h"

static void answer(struct sie_cpu *cpu)
{
	pthread_mutex_lock(&cpu->purge.lock);
	pthread_cond_broadcast(&cpu->purge.answered);
	pthread_mutex_unlock(&cpu->purge.lock);
}

void engine_leave(struct sie_cpu *cpu)
{
	atomic_store(&cpu->inside, false);
	if (atomic_load(&cpu->pending) & PENDING_PURGE)
		answer(cpu);
}

void engine_enter(struct sie_cpu *cpu)
{
	atomic_store(&cpu->inside, true);
	if (atomic_load(&cpu->pending) & PENDING_PURGE)
		purge_handle(cpu);
}

void purge_handle(struct sie_cpu *cpu)
{
	struct purge *p = &cpu->purge;

	pthread_mutex_lock(&p->lock);
	tlb_drop_all(cpu);
	for (unsigned int i = 0; i < p->n; i++)
		code_drop(cpu, p->ranges[i].gpa, p->ranges[i].len);
	if (p->everything)
		code_drop(cpu, 0, UINT64_MAX);
	p->n = 0;
	p->everything = false;
	p->done = p->asked;
	atomic_fetch_and(&cpu->pending, ~PENDING_PURGE);
	pthread_cond_broadcast(&p->answered);
	pthread_mutex_unlock(&p->lock);
}

static uint64_t post(struct sie_cpu *cpu, gpa_t gpa, uint64_t len)
{
	struct purge *p = &cpu->purge;
	uint64_t number;

	pthread_mutex_lock(&p->lock);
	if (p->n < PURGE_RANGES && len != UINT64_MAX)
		p->ranges[p->n++] = (struct purge_range){gpa, len};
	else
		p->everything = true;
	number = ++p->asked;
	atomic_fetch_or(&cpu->pending, PENDING_PURGE);
	pthread_mutex_unlock(&p->lock);
	return number;
}

static void wait_for_answer(struct sie_cpu *cpu, uint64_t number)
{
	struct purge *p = &cpu->purge;

	pthread_mutex_lock(&p->lock);
	while (atomic_load(&cpu->inside) && p->done < number)
		pthread_cond_wait(&p->answered, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

static void purge_cpus(struct sie_vm *vm, gpa_t gpa, uint64_t len)
{
	pthread_mutex_lock(&vm->lock);
	for (struct sie_cpu *cpu = vm->cpus; cpu; cpu = cpu->next_cpu)
		wait_for_answer(cpu, post(cpu, gpa, len));
	pthread_mutex_unlock(&vm->lock);
}

/* The guests of the VM's guests see its pages at addresses that are not known here */
static void purge_nested(struct sie_vm *vm, uint64_t len)
{
	struct sie_vm *nested = atomic_load(&vm->nested);

	if (nested)
		purge_cpus(nested, 0, len ? UINT64_MAX : 0);
}

void sie_purge(struct sie_vm *vm, gpa_t gpa, uint64_t len)
{
	purge_cpus(vm, gpa, len);
	purge_nested(vm, len);
}

/*
 * The order is that of requests: a CPU that changes to the table after we looked sees the lock of
 * the frame, or what its word has become.
 */
void sie_purge_table(struct sie_vm *vm, uint64_t asce, gpa_t gpa, uint64_t len)
{
	pthread_mutex_lock(&vm->lock);
	for (struct sie_cpu *cpu = vm->cpus; cpu; cpu = cpu->next_cpu)
		if (!((atomic_load(&cpu->asce) ^ asce) & PAGE_MASK))
			wait_for_answer(cpu, post(cpu, gpa, len));
	pthread_mutex_unlock(&vm->lock);
	purge_nested(vm, len);
}

void sie_cpu_drop(struct sie_cpu *cpu)
{
	post(cpu, 0, UINT64_MAX);
}

void sie_kick(struct sie_cpu *cpu)
{
	atomic_fetch_or(&cpu->pending, PENDING_KICK);
	if (cpu->nested)
		atomic_fetch_or(&cpu->nested->pending, PENDING_KICK);
}
