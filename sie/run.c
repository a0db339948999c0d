/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SIE loop: enter, execute, settle what instructions end in, leave. */
#include "sie/sie.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sie/intercept.h"
#include "sie/mem.h"

/* ---- objects ---- */

struct sie_vm *sie_vm_create(struct uv *uv, const struct sie_env *env, void *owner)
{
	struct sie_vm *vm = calloc(1, sizeof(*vm));

	if (!vm)
		return NULL;
	insn_tables_init();
	vm->uv = uv;
	vm->env = env;
	vm->owner = owner;
	sie_host_facilities(vm->facilities);
	pthread_mutex_init(&vm->lock, NULL);
	pthread_mutex_init(&vm->locked_operation, NULL);
	return vm;
}

void sie_vm_destroy(struct sie_vm *vm)
{
	if (!vm)
		return;
	if (vm->parent)
		atomic_store(&vm->parent->nested, NULL);
	pthread_mutex_destroy(&vm->locked_operation);
	pthread_mutex_destroy(&vm->lock);
	free(vm);
}

void sie_vm_set_facilities(struct sie_vm *vm, const uint64_t *list, size_t n)
{
	struct sie_vm *nested = atomic_load(&vm->nested);

	memset(vm->facilities, 0, sizeof(vm->facilities));
	memcpy(vm->facilities, list, (n < 4 ? n : 4) * sizeof(*list));
	if (nested)
		memcpy(nested->facilities, vm->facilities, sizeof(vm->facilities));
}

void sie_set_trace(struct sie_vm *vm, struct sie_trace *trace, uint32_t number)
{
	vm->number = number;
	atomic_store(&vm->trace, trace);
}

struct sie_cpu *sie_cpu_create(struct sie_vm *vm)
{
	struct sie_cpu *cpu = calloc(1, sizeof(*cpu));

	if (!cpu)
		return NULL;
	cpu->vm = vm;
	cpu->epoch = 1;
	pthread_mutex_init(&cpu->purge.lock, NULL);
	pthread_cond_init(&cpu->purge.answered, NULL);
	tlb_drop_all(cpu);
	pthread_mutex_lock(&vm->lock);
	cpu->next_cpu = vm->cpus;
	vm->cpus = cpu;
	pthread_mutex_unlock(&vm->lock);
	return cpu;
}

void sie_cpu_destroy(struct sie_cpu *cpu)
{
	struct sie_cpu **at;

	if (!cpu)
		return;
	if (cpu->outer)
		cpu->outer->nested = NULL;
	pthread_mutex_lock(&cpu->vm->lock);
	for (at = &cpu->vm->cpus; *at != cpu; at = &(*at)->next_cpu)
		;
	*at = cpu->next_cpu;
	pthread_mutex_unlock(&cpu->vm->lock);
	code_drop_all(cpu);
	pthread_cond_destroy(&cpu->purge.answered);
	pthread_mutex_destroy(&cpu->purge.lock);
	free(cpu);
}

void sie_get_stats(const struct sie_cpu *cpu, struct sie_stats *stats)
{
	*stats = cpu->stats;
}

/* ---- modes ---- */

void psw_update_modes(struct sie_cpu *cpu)
{
	static const enum space data[] = {SPACE_PRIMARY, SPACE_PRIMARY, SPACE_SECONDARY,
					  SPACE_HOME};
	unsigned int as = (unsigned int)(cpu->mask >> 46) & 3, key = psw_key(cpu);

	cpu->amask = cpu->mask & PSW_MASK_EA     ? UINT64_MAX
		     : cpu->mask & PSW_MASK_BASE ? 0x7fffffffUL
						 : 0xffffffUL;
	if (cpu->mask & PSW_MASK_DAT) {
		cpu->space = tag_make(data[as], key);
		cpu->ispace = tag_make(as == 3 ? SPACE_HOME : SPACE_PRIMARY, key);
	} else {
		cpu->space = tag_make(SPACE_REAL, key);
		cpu->ispace = cpu->space;
	}
	cpu->space2 = cpu->space;
}

/* ---- between instructions ---- */

/* Taken branches between two looks at clock and cpuflags: some 20 microseconds */
#define BUDGET 1024

/* EXEC_KICKED is no instruction's outcome, but travels the same way */
#define EXEC_KICKED ((enum exec)64)

/* KVM looks at its queues whatever it is told; a guest's guest leaves as on the machine */
static enum exec requested(struct sie_cpu *cpu, uint8_t code)
{
	return is_nested(cpu) ? nested_request(cpu, code) : EXEC_KICKED;
}

/* In the order of priority. What the host has comes before the timers: among external interruptions
 * they are the last but for the service signal, and the host knows which of them it is. */
static enum exec look_at_requests(struct sie_cpu *cpu)
{
	uint32_t flags = __atomic_load_n(&cpu->scb->cpuflags.raw, __ATOMIC_ACQUIRE);

	flags = be32_get((be32_t){flags});
	if (is_nested(cpu) && nested_deadline(cpu))
		return EXEC_KICKED;
	if ((flags & CPUSTAT_EXT_INT) && (cpu->mask & PSW_MASK_EXT))
		return requested(cpu, ICPT_EXTREQ);
	TRY(present_timers(cpu));
	if ((flags & CPUSTAT_IO_INT) && (cpu->mask & PSW_MASK_IO))
		return requested(cpu, ICPT_IOREQ);
	if (flags & CPUSTAT_STOP_INT) {
		intercept_code(cpu, ICPT_STOP);
		return EXEC_INTERCEPT_AT;
	}
	return EXEC_NEXT;
}

/* Everything that can come between two instructions */
static enum exec look_around(struct sie_cpu *cpu)
{
	uint32_t pending = atomic_load(&cpu->pending);

	cpu->budget = BUDGET;
	if (pending & PENDING_PURGE)
		purge_handle(cpu);
	if (pending & PENDING_KICK) {
		atomic_fetch_and(&cpu->pending, ~PENDING_KICK);
		return EXEC_KICKED;
	}
	if (cpu->psw_invalid)
		return EXEC_NEXT;
	TRY(look_at_requests(cpu));
	if ((cpu->mask & PSW_MASK_WAIT) && !cpu->psw_invalid) {
		intercept_code(cpu, ICPT_WAIT);
		return EXEC_INTERCEPT_AT;
	}
	return EXEC_NEXT;
}

/* The PSW just loaded is bad: its own address is the old one. The length is 0, or SSM's or STOSM's.
 * If it is the program new PSW itself, this cannot end. */
static enum exec present_invalid_psw(struct sie_cpu *cpu)
{
	program_interrupt(cpu, PGM_SPECIFICATION);
	if (cpu->after_program && cpu->program_at == cpu->stats.instructions)
		return intercept_program(cpu, 0);
	return present_program(cpu, cpu->ia, cpu->psw_invalid_length, cpu->ia);
}

/* ---- execution ---- */

static enum exec execute_operations(struct sie_cpu *cpu, const struct op **at)
{
	const struct op *op = *at;
	uint64_t n = 0;
	enum exec st;

	for (;;) {
		st = op->fn(cpu, op);
		n++;
		if (likely(st == EXEC_NEXT)) {
			op += op->halfwords;
			continue;
		}
		if (likely(st == EXEC_BRANCH)) {
			op = cpu->next;
			continue;
		}
		break;
	}
	cpu->stats.instructions += n;
	*at = op;
	return st;
}

/* The same, a line for each instruction */
static enum exec trace_operations(struct sie_cpu *cpu, const struct op **at)
{
	const struct op *op = *at;
	enum exec st;

	for (;;) {
		trace_insn(cpu, op);
		st = op->fn(cpu, op);
		cpu->stats.instructions++;
		if (st == EXEC_NEXT)
			op += op->halfwords;
		else if (st == EXEC_BRANCH)
			op = cpu->next;
		else
			break;
	}
	*at = op;
	return st;
}

static enum exec present_pgm(struct sie_cpu *cpu, uint64_t address, unsigned int length)
{
	uint64_t old = cpu->pgm.nullify ? address : (address + length) & cpu->amask;

	return present_program(cpu, address, length, old);
}

/* What the instruction at @op ended in. Return: EXEC_NEXT to go on at cpu->ia. */
static enum exec settle(struct sie_cpu *cpu, const struct op *op, enum exec st, bool *look)
{
	uint64_t address = cpu->page_address + (uint64_t)(op - cpu->page->ops) * 2;
	unsigned int length = op->halfwords * 2U;
	uint64_t behind = (address + length) & cpu->amask;

	*look = true;
	switch (st) {
	case EXEC_NEXT:
	case EXEC_BRANCH:
		break;
	case EXEC_JUMP:
		*look = cpu->budget <= 0 ||
			atomic_load_explicit(&cpu->pending, memory_order_relaxed);
		return EXEC_NEXT;
	case EXEC_SYNC:
		*look = false;
		cpu->ia = behind;
		cpu->epoch++;
		return EXEC_NEXT;
	case EXEC_ENABLE:
		cpu->ia = behind;
		return EXEC_NEXT;
	case EXEC_PSW:
		cpu->epoch++;
		return EXEC_NEXT;
	case EXEC_AGAIN:
		cpu->ia = address;
		return EXEC_NEXT;
	case EXEC_PGM:
		cpu->ia = address;
		cpu->epoch++;
		if (cpu->pgm.code == PGM_OPERATION && !is_protected(cpu)) {
			cpu->in_execute = false;
			intercept_text(cpu, op);
		}
		return present_pgm(cpu, address, length);
	case EXEC_PGM_DONE:
		cpu->ia = behind;
		cpu->epoch++;
		return present_pgm(cpu, address, length);
	case EXEC_PGM_THERE:
		cpu->epoch++;
		return present_program(cpu, address, length, cpu->ia);
	case EXEC_SVC:
		cpu->ia = address;
		cpu->epoch++;
		return present_svc(cpu, behind, length);
	case EXEC_FAULT:
	case EXEC_NO_MEMORY:
		cpu->ia = address;
		return st;
	case EXEC_INTERCEPT:
		cpu->ia = behind;
		return st;
	case EXEC_INTERCEPT_AT:
		return st;
	}
	return EXEC_NEXT;
}

/* Fetching the instruction failed; the length is unpredictable then, 2 here */
static enum exec settle_fetch(struct sie_cpu *cpu, enum exec st)
{
	if (st != EXEC_PGM)
		return st;
	return present_pgm(cpu, cpu->ia, 2);
}

static enum exec step(struct sie_cpu *cpu, bool *look)
{
	const struct op *op;
	enum exec st;

	if (cpu->ia & 1) {
		program_interrupt(cpu, PGM_SPECIFICATION);
		*look = true;
		return present_pgm(cpu, cpu->ia, 2);
	}
	st = code_lookup(cpu, &op);
	if (unlikely(st != EXEC_NEXT)) {
		*look = true;
		return settle_fetch(cpu, st);
	}
	st = unlikely(tracing(cpu)) ? trace_operations(cpu, &op) : execute_operations(cpu, &op);
	return settle(cpu, op, st, look);
}

static enum exec run_guest(struct sie_cpu *cpu)
{
	bool look = true;

	for (;;) {
		if (unlikely(look))
			TRY(look_around(cpu));
		if (unlikely(cpu->psw_invalid)) {
			TRY(present_invalid_psw(cpu));
			look = true;
			continue;
		}
		TRY(step(cpu, &look));
	}
}

/* ---- state ---- */

static void load_ordinary(struct sie_cpu *cpu)
{
	const struct kvm_s390_sie_block *scb = cpu->scb;
	struct cpu_state *s = cpu->state;

	s->psw.mask = be64_get(scb->gpsw_mask);
	s->psw.addr = be64_get(scb->gpsw_addr);
	s->prefix = be32_get(scb->prefix) & 0x7fffe000;
	s->cpu_timer = be64_get(scb->cputm);
	s->clock_comparator = be64_get(scb->ckc);
	s->todpr = be32_get(scb->todpr);
	s->gbea = be64_get(scb->gbea);
	memcpy(&s->pp, scb->pp, sizeof(s->pp));
	s->pp = PROTVIRT_SWAP(64, s->pp);
	for (unsigned int i = 0; i < 16; i++)
		s->crs[i] = be64_get(scb->gcr[i]);
}

static void store_ordinary(struct sie_cpu *cpu)
{
	struct kvm_s390_sie_block *scb = cpu->scb;
	const struct cpu_state *s = cpu->state;
	uint64_t pp = PROTVIRT_SWAP(64, s->pp);

	scb->gpsw_mask = be64_make(s->psw.mask);
	scb->gpsw_addr = be64_make(s->psw.addr);
	scb->cputm = be64_make(s->cpu_timer);
	scb->ckc = be64_make(s->clock_comparator);
	scb->todpr = be32_make(s->todpr);
	scb->gbea = be64_make(s->gbea);
	memcpy(scb->pp, &pp, sizeof(pp));
	for (unsigned int i = 0; i < 16; i++)
		scb->gcr[i] = be64_make(s->crs[i]);
}

/* @tod: when state->cpu_timer was right */
static void load_state(struct sie_cpu *cpu, uint64_t tod)
{
	memcpy(cpu->gr, cpu->state->gprs, sizeof(cpu->state->gprs));
	cpu->gr[16] = 0;
	cpu->gbea = cpu->state->gbea;
	cpu->timer_base = tod;
	cpu->after_program = false;
	load_psw(cpu, &cpu->state->psw);
}

static void store_state(struct sie_cpu *cpu)
{
	memcpy(cpu->state->gprs, cpu->gr, sizeof(cpu->state->gprs));
	memset(cpu->gr, 0, sizeof(cpu->gr));
	cpu->state->gbea = cpu->gbea;
	cpu->state->psw = current_psw(cpu, cpu->ia);
	cpu_timer_sync(cpu);
}

static enum sie_result result_of(struct sie_cpu *cpu, enum exec st, struct sie_fault *fault)
{
	if (st == EXEC_KICKED)
		return SIE_KICKED;
	if (st == EXEC_NO_MEMORY)
		return SIE_NO_MEMORY;
	if (st == EXEC_FAULT) {
		cpu->stats.faults++;
		*fault = cpu->fault;
		return SIE_FAULT;
	}
	cpu->stats.intercepts++;
	if (tracing(cpu))
		trace_interception(cpu);
	return SIE_INTERCEPT;
}

static enum sie_result run_ordinary(struct sie_cpu *cpu, struct sie_fault *fault)
{
	enum exec st;

	load_ordinary(cpu);
	load_state(cpu, tod_now(cpu));
	engine_enter(cpu);
	st = run_guest(cpu);
	engine_leave(cpu);
	store_state(cpu);
	store_ordinary(cpu);
	return result_of(cpu, st, fault);
}

static enum sie_result run_protected(struct sie_cpu *cpu, struct sie_fault *fault)
{
	uint64_t asce = is_nested(cpu) ? cpu->host_asce : cpu->asce;
	uint16_t reason = uv_sie_enter(cpu->vm->uv, asce, cpu->scb, &cpu->secure);
	enum exec st;

	if (reason) {
		cpu->scb->ipb = be32_make((uint32_t)reason << 16);
		intercept_code(cpu, ICPT_VALIDITY);
		return result_of(cpu, EXEC_INTERCEPT, fault);
	}
	cpu->state = uv_cpu_state(cpu->secure);
	cpu->config = uv_cpu_config(cpu->secure);
	load_state(cpu, uv_sie_entered_at(cpu->secure) + tod_epoch(cpu));
	engine_enter(cpu);
	st = pv_enter(cpu);
	if (st == EXEC_NEXT)
		st = run_guest(cpu);
	engine_leave(cpu);
	store_state(cpu);
	pv_exit(cpu, st != EXEC_FAULT && st != EXEC_KICKED && st != EXEC_NO_MEMORY);
	uv_sie_leave_at(cpu->secure, cpu->timer_base - tod_epoch(cpu));
	cpu->secure = NULL;
	cpu->config = NULL;
	return result_of(cpu, st, fault);
}

enum sie_result sie_run(struct sie_cpu *cpu, uint64_t asce, struct kvm_s390_sie_block *scb,
			struct cpu_state *state, struct sie_fault *fault)
{
	bool secure = scb->sdf == SDF_FORMAT4;
	enum sie_result result;

	cpu->scb = scb;
	cpu->state = state;
	/* What an earlier run cached was found through other tables, or under other rules */
	if (asce != cpu->asce || secure != cpu->was_protected) {
		atomic_store(&cpu->asce, asce);
		cpu->was_protected = secure;
		tlb_drop_all(cpu);
		code_drop_all(cpu);
	}
	if (is_nested(cpu))
		nested_enter(cpu);
	if (cpu->ar_cached) /* the host may have loaded access registers */
		tlb_drop_all(cpu);
	cpu->epoch++;
	cpu->in_execute = false;
	result = secure ? run_protected(cpu, fault) : run_ordinary(cpu, fault);
	cpu->scb = NULL;
	cpu->state = NULL;
	return result;
}
