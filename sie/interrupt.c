/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interruptions: store the old PSW and parameters in the prefix area, load the
 * new PSW. guest-execution 2.2 to 2.6.
 */
#include "sie/intercept.h"
#include "sie/mem.h"

/* Offsets in the prefix area */
#define LC_EXT_PARAMETER     0x80
#define LC_EXT_CPU_ADDRESS   0x84
#define LC_EXT_CODE          0x86
#define LC_SVC_LENGTH        0x88
#define LC_SVC_CODE          0x8a
#define LC_PGM_LENGTH        0x8c
#define LC_PGM_CODE          0x8e
#define LC_DXC               0x90
#define LC_MONITOR_CLASS     0x94
#define LC_ACCESS_ID         0xa0
#define LC_OPERAND_ACCESS_ID 0xa2
#define LC_TEID              0xa8
#define LC_TEID_SPACE        0xac
#define LC_MONITOR_CODE      0xb0
#define LC_IO_ID             0xb8
#define LC_IO_NR             0xba
#define LC_IO_PARAMETER      0xbc
#define LC_IO_WORD           0xc0
#define LC_MCIC              0xe8
#define LC_EXTERNAL_DAMAGE   0xf4
#define LC_FAILING_STORAGE   0xf8
#define LC_BREAKING_EVENT    0x110
#define LC_RESTART_OLD       0x120
#define LC_EXT_OLD           0x130
#define LC_SVC_OLD           0x140
#define LC_PGM_OLD           0x150
#define LC_MCHK_OLD          0x160
#define LC_IO_OLD            0x170
#define LC_NEW_OF_OLD        0x80 /* the new PSW stands that far behind the old one */

/* In the second page of the prefix area */
#define LC2_FPRS   0x200
#define LC2_GPRS   0x280
#define LC2_PSW    0x300
#define LC2_PREFIX 0x318
#define LC2_FPC    0x31c
#define LC2_TODPR  0x324
#define LC2_TIMER  0x328
#define LC2_CKC    0x330
#define LC2_ACRS   0x340
#define LC2_CRS    0x380

enum exec program_interrupt(struct sie_cpu *cpu, uint16_t code)
{
	cpu->pgm = (struct pgm){.code = code};
	return EXEC_PGM;
}

#define CR0_AFP 0x00040000UL

enum exec data_exception(struct sie_cpu *cpu, uint8_t dxc)
{
	cpu->pgm = (struct pgm){.code = PGM_DATA, .dxc = dxc};
	if (cpu->state->crs[0] & CR0_AFP)
		cpu->state->fpc = (cpu->state->fpc & ~0xff00U) | (uint32_t)dxc << 8;
	return EXEC_PGM;
}

struct psw current_psw(const struct sie_cpu *cpu, uint64_t address)
{
	return (struct psw){
		.mask = (cpu->mask & ~PSW_MASK_CC) | (uint64_t)cpu->cc << 44,
		.addr = address,
	};
}

/* Bits 0, 2-4, 12, 24-30 and 33-63: zero */
#define PSW_MUST_BE_ZERO 0xb80800fe7fffffffUL

bool psw_valid(const struct psw *psw)
{
	uint64_t reach = psw->mask & PSW_MASK_EA     ? UINT64_MAX
			 : psw->mask & PSW_MASK_BASE ? 0x7fffffffUL
						     : 0xffffffUL;

	if (psw->mask & PSW_MUST_BE_ZERO)
		return false;
	if ((psw->mask & PSW_MASK_64) == PSW_MASK_EA)
		return false;
	return !(psw->addr & ~reach);
}

void load_psw(struct sie_cpu *cpu, const struct psw *psw)
{
	cpu->mask = psw->mask & ~PSW_MASK_CC;
	cpu->cc = psw->mask >> 44 & 3;
	cpu->ia = psw->addr;
	cpu->psw_invalid = !psw_valid(psw);
	cpu->psw_invalid_length = 0;
	psw_update_modes(cpu);
}

/* Nobody can be told that it is not there; a guest that took it from its own guest gets that back
 */
static enum exec prefix_page(struct sie_cpu *cpu, uint8_t **page)
{
	enum exec st = absolute_store_page(cpu, cpu->state->prefix, page);

	if (st != EXEC_PGM || !is_nested_ordinary(cpu))
		return st;
	cpu->fault = (struct sie_fault){.gpa = cpu->state->prefix, .write = true};
	return EXEC_FAULT;
}

enum exec interruption_ready(struct sie_cpu *cpu)
{
	uint8_t *page;

	return prefix_page(cpu, &page);
}

static void swap_psw(struct sie_cpu *cpu, uint8_t *page, unsigned int old_at, uint64_t old_address)
{
	struct psw old = current_psw(cpu, old_address);
	struct psw new = {
		.mask = raw_load8(page + old_at + LC_NEW_OF_OLD),
		.addr = raw_load8(page + old_at + LC_NEW_OF_OLD + 8),
	};

	raw_store8(page + old_at, old.mask);
	raw_store8(page + old_at + 8, old.addr);
	load_psw(cpu, &new);
	cpu->after_program = false;
	serialise();
}

static void store_program_parameters(struct sie_cpu *cpu, uint8_t *page, unsigned int length)
{
	const struct pgm *pgm = &cpu->pgm;

	raw_store2(page + LC_PGM_LENGTH, (uint16_t)length);
	raw_store2(page + LC_PGM_CODE, pgm->code);
	raw_store8(page + LC_BREAKING_EVENT, cpu->gbea);
	if (pgm->code == PGM_DATA)
		raw_store4(page + LC_DXC, pgm->dxc);
	if (pgm->teid_valid) {
		raw_store8(page + LC_TEID, pgm->teid);
		raw_store1(page + LC_OPERAND_ACCESS_ID, pgm->operand_access_id);
	}
	if (pgm->space_valid)
		raw_store4(page + LC_TEID_SPACE, pgm->space);
	if (pgm->teid_valid || pgm->access_id)
		raw_store1(page + LC_ACCESS_ID, pgm->access_id);
	if (pgm->code == PGM_MONITOR) {
		raw_store2(page + LC_MONITOR_CLASS, pgm->monitor_class);
		raw_store8(page + LC_MONITOR_CODE, pgm->monitor_code);
	}
}

/*
 * The new PSW cannot be loaded, or the instruction it points at has just made this interruption
 * and would make it for ever: interception 08.
 */
static bool program_loop(const struct sie_cpu *cpu, const uint8_t *page, uint64_t address)
{
	struct psw new = {
		.mask = raw_load8(page + LC_PGM_OLD + LC_NEW_OF_OLD),
		.addr = raw_load8(page + LC_PGM_OLD + LC_NEW_OF_OLD + 8),
	};

	return cpu->after_program && cpu->stats.instructions - cpu->program_at <= 1 &&
	       new.addr == address && (new.mask & ~PSW_MASK_CC) == (cpu->mask & ~PSW_MASK_CC);
}

enum exec intercept_program(struct sie_cpu *cpu, unsigned int length)
{
	static const struct pgm hidden;
	const struct pgm *pgm = is_protected(cpu) ? &hidden : &cpu->pgm;
	struct kvm_s390_sie_block *scb = cpu->scb;

	scb->iprcc = be16_make(pgm->code);
	scb->pgmilc = be16_make(is_protected(cpu) ? 0 : (uint16_t)length);
	scb->dxc = be32_make(pgm->dxc);
	scb->mcn = be16_make(pgm->monitor_class);
	scb->tecmc = be64_make(pgm->code == PGM_MONITOR ? pgm->monitor_code : pgm->teid);
	scb->eai = pgm->access_id;
	scb->oai = pgm->operand_access_id;
	intercept_code(cpu, ICPT_PROGI);
	return EXEC_INTERCEPT_AT;
}

enum exec present_program(struct sie_cpu *cpu, uint64_t address, unsigned int length,
			  uint64_t old_address)
{
	uint8_t *page;

	if (!is_protected(cpu) && cpu->pgm.code == PGM_OPERATION &&
	    (be32_get(cpu->scb->ictl) & ICTL_OPEREXC)) {
		cpu->ia = old_address;
		cpu->scb->icptcode = ICPT_OPEREXC;
		return EXEC_INTERCEPT_AT;
	}
	if (is_nested_ordinary(cpu) && nested_program_intercepted(cpu)) {
		cpu->ia = old_address;
		return intercept_program(cpu, length);
	}
	/* From here on a missing prefix page must not replace cpu->pgm: it does not, EXEC_FAULT
	 * comes with cpu->fault, and the instruction is executed again. */
	TRY(prefix_page(cpu, &page));
	if (program_loop(cpu, page, address)) {
		cpu->ia = address;
		return intercept_program(cpu, length);
	}
	if (tracing(cpu))
		trace_interruption(cpu, "program", cpu->pgm.code);
	store_program_parameters(cpu, page, length);
	swap_psw(cpu, page, LC_PGM_OLD, old_address);
	cpu->after_program = true;
	cpu->program_at = cpu->stats.instructions;
	return EXEC_NEXT;
}

enum exec present_svc(struct sie_cpu *cpu, uint64_t old_address, unsigned int length)
{
	uint8_t *page;

	TRY(prefix_page(cpu, &page));
	if (tracing(cpu))
		trace_interruption(cpu, "supervisor call", is_protected(cpu) ? 0 : cpu->svc);
	raw_store2(page + LC_SVC_LENGTH, (uint16_t)length);
	raw_store2(page + LC_SVC_CODE, cpu->svc);
	swap_psw(cpu, page, LC_SVC_OLD, old_address);
	return EXEC_NEXT;
}

enum exec present_external(struct sie_cpu *cpu, const struct external *ext)
{
	uint8_t *page;

	TRY(prefix_page(cpu, &page));
	if (tracing(cpu))
		trace_interruption(cpu, "external", ext->code);
	raw_store4(page + LC_EXT_PARAMETER, ext->parameter);
	raw_store2(page + LC_EXT_CPU_ADDRESS, ext->cpu_address);
	raw_store2(page + LC_EXT_CODE, ext->code);
	swap_psw(cpu, page, LC_EXT_OLD, cpu->ia);
	return EXEC_NEXT;
}

enum exec present_io(struct sie_cpu *cpu, const struct io_interruption *io)
{
	uint8_t *page;

	TRY(prefix_page(cpu, &page));
	if (tracing(cpu))
		trace_interruption(cpu, "I/O", io->nr);
	raw_store2(page + LC_IO_ID, io->id);
	raw_store2(page + LC_IO_NR, io->nr);
	raw_store4(page + LC_IO_PARAMETER, io->parameter);
	raw_store4(page + LC_IO_WORD, io->word);
	swap_psw(cpu, page, LC_IO_OLD, cpu->ia);
	return EXEC_NEXT;
}

enum exec present_restart(struct sie_cpu *cpu)
{
	uint8_t *page;

	TRY(prefix_page(cpu, &page));
	if (tracing(cpu))
		trace_interruption(cpu, "restart", 0);
	swap_psw(cpu, page, LC_RESTART_OLD, cpu->ia);
	return EXEC_NEXT;
}

static void store_save_area(struct sie_cpu *cpu, uint8_t *second)
{
	const struct cpu_state *s = cpu->state;
	struct psw psw = current_psw(cpu, cpu->ia);

	cpu_timer_sync(cpu);
	for (unsigned int i = 0; i < 16; i++) {
		raw_store8(second + LC2_FPRS + i * 8, s->fprs[i]);
		raw_store8(second + LC2_GPRS + i * 8, cpu->gr[i]);
		raw_store4(second + LC2_ACRS + i * 4, s->acrs[i]);
		raw_store8(second + LC2_CRS + i * 8, s->crs[i]);
	}
	raw_store8(second + LC2_PSW, psw.mask);
	raw_store8(second + LC2_PSW + 8, psw.addr);
	raw_store4(second + LC2_PREFIX, s->prefix);
	raw_store4(second + LC2_FPC, s->fpc);
	raw_store4(second + LC2_TODPR, s->todpr);
	raw_store8(second + LC2_TIMER, s->cpu_timer);
	raw_store8(second + LC2_CKC, s->clock_comparator >> 8);
}

enum exec present_machine_check(struct sie_cpu *cpu, const struct machine_check *mchk)
{
	uint8_t *page, *second;
	uint64_t drops;

	do {
		drops = cpu->drops;
		TRY(prefix_page(cpu, &page));
		TRY(absolute_store_page(cpu, cpu->state->prefix + PAGE_SIZE, &second));
	} while (drops != cpu->drops);
	if (tracing(cpu))
		trace_interruption(cpu, "machine check", (uint32_t)(mchk->code >> 32));
	store_save_area(cpu, second);
	raw_store8(page + LC_MCIC, mchk->code);
	raw_store4(page + LC_EXTERNAL_DAMAGE, mchk->external_damage);
	raw_store8(page + LC_FAILING_STORAGE, mchk->failing_storage);
	swap_psw(cpu, page, LC_MCHK_OLD, cpu->ia);
	return EXEC_NEXT;
}

/* ---- timers ---- */

#define EXT_CLOCK_COMPARATOR 0x1004
#define EXT_CPU_TIMER        0x1005
#define CR0_CLOCK_COMPARATOR 0x800UL
#define CR0_CPU_TIMER        0x400UL

/* Both are levels: a new PSW that is enabled too would be interrupted for ever. */
static enum exec present_timer(struct sie_cpu *cpu, uint16_t code)
{
	struct external ext = {.code = code};
	uint8_t *page;

	TRY(prefix_page(cpu, &page));
	if (raw_load8(page + LC_EXT_OLD + LC_NEW_OF_OLD) & PSW_MASK_EXT) {
		cpu->scb->eic = be16_make(code);
		if (is_protected(cpu)) {
			cpu->scb->gpsw_mask =
				be64_make(raw_load8(page + LC_EXT_OLD + LC_NEW_OF_OLD));
			cpu->scb->gpsw_addr =
				be64_make(raw_load8(page + LC_EXT_OLD + LC_NEW_OF_OLD + 8));
		}
		intercept_code(cpu, ICPT_EXTINT);
		return EXEC_INTERCEPT_AT;
	}
	return present_external(cpu, &ext);
}

enum exec present_timers(struct sie_cpu *cpu)
{
	const struct cpu_state *s = cpu->state;
	uint64_t now;

	if (!(cpu->mask & PSW_MASK_EXT) || !(s->crs[0] & (CR0_CLOCK_COMPARATOR | CR0_CPU_TIMER)))
		return EXEC_NEXT;
	now = tod_now(cpu);
	if ((s->crs[0] & CR0_CLOCK_COMPARATOR) && now > s->clock_comparator)
		return present_timer(cpu, EXT_CLOCK_COMPARATOR);
	if ((s->crs[0] & CR0_CPU_TIMER) && (int64_t)(s->cpu_timer - (now - cpu->timer_base)) < 0)
		return present_timer(cpu, EXT_CPU_TIMER);
	return EXEC_NEXT;
}
