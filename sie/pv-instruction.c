/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions of a protected CPU that the host carries out, ultravisor.md 5.2
 * and 5.3.
 *
 * The host sees fixed register numbers in the text, only the registers that the
 * instruction needs, and storage operands in the SIDA. With 68 it answers with
 * the listed registers, the SIDA and the condition code; with 6c nothing comes
 * back.
 */
#include <string.h>

#include "sie/insn-operands.h"
#include "sie/intercept.h"
#include "sie/pv.h"
#include "uv/sigp.h"

/** struct pv_exit - how an instruction leaves, and what comes back
 * @opcode: of its row
 * @ipa: text shown
 * @ipb: text shown
 * @takes_cc: the condition code comes from the host
 * @show: registers and SIDA before the exit; may end in a program interruption or a fault
 * @take: after the host's answer; may be NULL
 */
struct pv_exit {
	uint16_t opcode;
	uint16_t ipa;
	uint32_t ipb;
	bool takes_cc;
	enum exec (*show)(struct sie_cpu *cpu, const struct op *op);
	enum exec (*take)(struct sie_cpu *cpu);
};

/* DIAG and SIGP: r1 = 0, r3 = 2, base 5, displacement 0 */
#define TEXT_BASE_5 0x50000000U

static void show_register(struct sie_cpu *cpu, unsigned int n, uint64_t value)
{
	cpu->scb->pv_grregs[n] = be64_make(value);
}

static uint64_t taken_register(const struct sie_cpu *cpu, unsigned int n)
{
	return cpu->pv.grs[n];
}

static uint8_t *sida(struct sie_cpu *cpu, size_t *len)
{
	return uv_cpu_sida(cpu->secure, len);
}

/* Bytes of the guest at a logical address; a page at most */
static enum exec show_storage(struct sie_cpu *cpu, uint64_t address, uint32_t len)
{
	uint8_t buf[PAGE_SIZE];
	size_t room;
	uint8_t *area = sida(cpu, &room);

	TRY(read_bytes(cpu, address, buf, len));
	memset(area, 0, PAGE_SIZE);
	memcpy(area, buf, len);
	cpu->pv.address = address;
	cpu->pv.length = len;
	return EXEC_NEXT;
}

/* The host's result goes where the guest wanted it. The SIDA is the host's: read once. */
static enum exec take_storage(struct sie_cpu *cpu)
{
	uint8_t buf[PAGE_SIZE];
	size_t room;
	const uint8_t *area = sida(cpu, &room);

	raw_copy(buf, area, cpu->pv.length);
	return write_bytes(cpu, cpu->pv.address, buf, cpu->pv.length);
}

/* A result will be stored: the place is tested before the host does anything. */
static enum exec reserve_storage(struct sie_cpu *cpu, uint64_t address, uint32_t len)
{
	size_t room;

	TRY(test_store(cpu, address, len));
	memset(sida(cpu, &room), 0, PAGE_SIZE);
	cpu->pv.address = address;
	cpu->pv.length = len;
	return EXEC_NEXT;
}

static uint8_t host_cc(const struct sie_cpu *cpu)
{
	return cpu->pv.cc;
}

static enum exec leave(struct sie_cpu *cpu, const struct op *op, const struct pv_exit *exit,
		       uint8_t code)
{
	struct kvm_s390_sie_block *scb = cpu->scb;

	scb->icptcode = code;
	scb->icptstatus = 0;
	scb->ipa = be16_make(exit->ipa);
	scb->ipb = be32_make(exit->ipb);
	cpu->pv.answer = code == ICPT_PV_INSTR ? exit : NULL;
	cpu->pv.captured = false;
	cpu->pv.r1 = op->r1;
	cpu->pv.r2 = op->r2;
	cpu->pv.r3 = op->r3;
	cpu->pv.ilc = cpu->in_execute ? cpu->execute_length : (uint8_t)(op->halfwords * 2);
	return EXEC_INTERCEPT;
}

/* ---- DIAGNOSE ---- */

#define DIAG_YIELD        0x44
#define DIAG_YIELD_TO     0x9c
#define DIAG_WATCHDOG     0x288
#define DIAG_IPL          0x308
#define DIAG_VIRTIO       0x500
#define DIAG308_CLEAR     0
#define DIAG308_NORMAL    1
#define DIAG308_LOAD      3
#define DIAG308_SET       5
#define DIAG308_STORE     6
#define DIAG308_DONE      1
#define IPL_BLOCK_LEN_MIN 8

static enum exec take_watchdog(struct sie_cpu *cpu)
{
	return EXEC_NEXT;
}

/* GR2 is the answer; the guest's registers are the text's own here */
static enum exec take_virtio(struct sie_cpu *cpu)
{
	cpu->gr[2] = taken_register(cpu, 2);
	return EXEC_NEXT;
}

static enum exec take_ipl_block(struct sie_cpu *cpu)
{
	uint64_t rc = taken_register(cpu, 1);
	size_t room;

	if (rc == DIAG308_DONE && cpu->pv.length) {
		cpu->pv.length = raw_load4(sida(cpu, &room));
		if (cpu->pv.length > PAGE_SIZE)
			cpu->pv.length = PAGE_SIZE;
		if (cpu->pv.length)
			TRY(take_storage(cpu));
	}
	cpu->gr[(cpu->pv.r1 + 1) & 15] = rc;
	return EXEC_NEXT;
}

static const struct pv_exit diag_yield = {0x8300, 0x8302, TEXT_BASE_5, false, NULL, NULL};
static const struct pv_exit diag_watchdog = {0x8300, 0x8302, TEXT_BASE_5,
					     false,  NULL,   take_watchdog};
static const struct pv_exit diag_virtio = {0x8300, 0x8302, TEXT_BASE_5, false, NULL, take_virtio};
static const struct pv_exit diag_ipl = {0x8300, 0x8302, TEXT_BASE_5, false, NULL, NULL};
static const struct pv_exit diag_ipl_block = {0x8300, 0x8302, TEXT_BASE_5,
					      false,  NULL,   take_ipl_block};

static enum exec ipl_block(struct sie_cpu *cpu, const struct op *op, bool store)
{
	uint64_t address = cpu->gr[op->r1] & cpu->amask;

	if ((op->r1 & 1) || (address & ~PAGE_MASK))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if (store) {
		TRY(reserve_storage(cpu, address, PAGE_SIZE));
	} else {
		TRY(show_storage(cpu, address, PAGE_SIZE));
		cpu->pv.length = 0; /* nothing comes back */
	}
	show_register(cpu, 0, address);
	return leave(cpu, op, &diag_ipl_block, ICPT_PV_INSTR);
}

/* Subcodes that load another image, or nothing known: impossible from inside */
static enum exec diagnose_ipl(struct sie_cpu *cpu, const struct op *op)
{
	uint64_t subcode = cpu->gr[op->r3];

	show_register(cpu, 2, subcode);
	switch (subcode) {
	case DIAG308_CLEAR:
	case DIAG308_NORMAL:
		uv_guest_reset_pending(cpu->secure);
		return leave(cpu, op, &diag_ipl, ICPT_PV_NOTIFY);
	case DIAG308_LOAD:
		return leave(cpu, op, &diag_ipl, ICPT_PV_NOTIFY);
	case DIAG308_SET:
	case DIAG308_STORE:
		return ipl_block(cpu, op, subcode == DIAG308_STORE);
	default:
		return program_interrupt(cpu, PGM_SPECIFICATION);
	}
}

static enum exec diagnose(struct sie_cpu *cpu, const struct op *op)
{
	uint64_t function = operand_address(cpu, op) & 0xffff;

	show_register(cpu, 5, function);
	switch (function) {
	case DIAG_YIELD:
	case DIAG_YIELD_TO:
		show_register(cpu, 0, cpu->gr[op->r1]);
		return leave(cpu, op, &diag_yield, ICPT_PV_NOTIFY);
	case DIAG_WATCHDOG:
		if (op->r1 & 1)
			return program_interrupt(cpu, PGM_SPECIFICATION);
		show_register(cpu, 0, cpu->gr[op->r1]);
		show_register(cpu, 1, cpu->gr[op->r1 + 1U]);
		show_register(cpu, 2, cpu->gr[op->r3]);
		return leave(cpu, op, &diag_watchdog, ICPT_PV_INSTR);
	case DIAG_IPL:
		return diagnose_ipl(cpu, op);
	case DIAG_VIRTIO:
		for (unsigned int i = 1; i <= 4; i++)
			show_register(cpu, i, cpu->gr[i]);
		return leave(cpu, op, &diag_virtio, ICPT_PV_INSTR);
	default:
		return program_interrupt(cpu, PGM_SPECIFICATION);
	}
}

/* ---- SERVICE CALL ---- */

#define SCCB_HEADER    8
#define SERVC_TEXT_IPB 0x00010000U /* r1 = 0: command; r2 = 1: SCCB */
#define SCCB_SHOWN     0x4000U     /* the host learns no address of the guest's */

static bool sccb_valid(const struct sie_cpu *cpu, uint64_t sccb)
{
	uint64_t block = sccb & ~0x1fffUL;

	return !(sccb & 7) && sccb < 1UL << 31 && block != 0 && block != cpu->state->prefix;
}

static enum exec show_service_call(struct sie_cpu *cpu, const struct op *op)
{
	uint64_t sccb = gr32(cpu, op->r2);
	uint8_t header[SCCB_HEADER], buf[PAGE_SIZE];
	uint32_t len;
	size_t room;

	if (!sccb_valid(cpu, sccb))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(read_space(cpu, SPACE_ABSOLUTE, sccb, header, sizeof(header)));
	len = raw_load2(header);
	if (len < SCCB_HEADER)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if (len > PAGE_SIZE)
		len = PAGE_SIZE;
	TRY(read_space(cpu, SPACE_ABSOLUTE, sccb, buf, len));
	memset(sida(cpu, &room), 0, PAGE_SIZE);
	memcpy(sida(cpu, &room), buf, len);
	cpu->pv.address = sccb;
	cpu->pv.length = len;
	show_register(cpu, 0, gr32(cpu, op->r1));
	show_register(cpu, 1, SCCB_SHOWN);
	return EXEC_NEXT;
}

static const struct pv_exit service_signal_path = {0xb220, 0xb220, SERVC_TEXT_IPB,
						   false,  NULL,   NULL};

/* After the answer the host is told that the guest waits for the service signal. */
static enum exec take_service_call(struct sie_cpu *cpu)
{
	uint8_t buf[PAGE_SIZE];
	struct op none = {.r1 = 0};
	size_t room;

	if (host_cc(cpu))
		return EXEC_NEXT;
	raw_copy(buf, sida(cpu, &room), cpu->pv.length);
	TRY(write_space(cpu, SPACE_ABSOLUTE, cpu->pv.address, buf, cpu->pv.length));
	uv_service_call(cpu->secure, (uint32_t)cpu->pv.address);
	cpu->cc = 0;
	memset(cpu->scb->pv_grregs, 0, sizeof(cpu->scb->pv_grregs));
	leave(cpu, &none, &service_signal_path, ICPT_PV_NOTIFY);
	return EXEC_INTERCEPT_AT;
}

/* ---- SIGP, STSI ---- */

static enum exec show_sigp(struct sie_cpu *cpu, const struct op *op)
{
	show_register(cpu, 0, cpu->gr[op->r1]);
	show_register(cpu, 1, cpu->gr[op->r1 | 1U]);
	show_register(cpu, 2, cpu->gr[op->r3]);
	cpu->pv.order = (uint8_t)operand_address(cpu, op);
	show_register(cpu, 5, cpu->pv.order);
	return EXEC_NEXT;
}

/* What the host calls accepted is only so when it was carried out here. */
static void carry_out_set_prefix(struct sie_cpu *cpu)
{
	uint32_t status = 0;

	cpu->pv.cc = (uint8_t)uv_sigp_set_prefix(cpu->secure, (uint16_t)cpu->gr[cpu->pv.r3],
						 gr32(cpu, cpu->pv.r1 | 1U), &status);
	cpu->pv.grs[0] = status;
}

/* Status comes with cc 1 only */
static enum exec take_sigp(struct sie_cpu *cpu)
{
	if (host_cc(cpu) == SIGP_CC_ACCEPTED && cpu->pv.order == SIGP_SET_PREFIX)
		carry_out_set_prefix(cpu);
	if (host_cc(cpu) == SIGP_CC_STATUS)
		set_gr32(cpu, cpu->pv.r1, (uint32_t)taken_register(cpu, 0));
	return EXEC_NEXT;
}

static enum exec show_stsi(struct sie_cpu *cpu, const struct op *op)
{
	uint64_t address = operand_address(cpu, op);
	bool basic = (gr32(cpu, 0) & 0xf0000000U) == 0;

	if ((cpu->gr[0] & 0x0fffff00UL) || (gr32(cpu, 1) & 0xffff0000UL))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if (!basic && (address & ~PAGE_MASK))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if (!basic)
		TRY(reserve_storage(cpu, address, PAGE_SIZE));
	else
		cpu->pv.length = 0;
	show_register(cpu, 0, cpu->gr[0]);
	show_register(cpu, 1, cpu->gr[1]);
	return EXEC_NEXT;
}

static enum exec take_stsi(struct sie_cpu *cpu)
{
	if (host_cc(cpu) == 0 && cpu->pv.length)
		TRY(take_storage(cpu));
	if (host_cc(cpu) == 0 && !cpu->pv.length)
		set_gr32(cpu, 0, (uint32_t)taken_register(cpu, 0));
	return EXEC_NEXT;
}

/* ---- I/O: subchannel in GR1, blocks in the SIDA ---- */

#define ORB_LEN   32
#define SCHIB_LEN 52
#define IRB_LEN   96
#define CRW_LEN   4

static enum exec show_subchannel(struct sie_cpu *cpu, const struct op *op)
{
	cpu->pv.length = 0;
	show_register(cpu, 1, cpu->gr[1]);
	return EXEC_NEXT;
}

static enum exec show_block(struct sie_cpu *cpu, const struct op *op, uint32_t len)
{
	uint64_t address = operand_address(cpu, op);

	if (address & 3)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(show_storage(cpu, address, len));
	show_register(cpu, 1, cpu->gr[1]);
	return EXEC_NEXT;
}

static enum exec show_ssch(struct sie_cpu *cpu, const struct op *op)
{
	return show_block(cpu, op, ORB_LEN);
}

static enum exec show_msch(struct sie_cpu *cpu, const struct op *op)
{
	return show_block(cpu, op, SCHIB_LEN);
}

static enum exec reserve_block(struct sie_cpu *cpu, const struct op *op, uint32_t len)
{
	uint64_t address = operand_address(cpu, op);

	if (address & 3)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(reserve_storage(cpu, address, len));
	show_register(cpu, 1, cpu->gr[1]);
	return EXEC_NEXT;
}

static enum exec show_stsch(struct sie_cpu *cpu, const struct op *op)
{
	return reserve_block(cpu, op, SCHIB_LEN);
}

static enum exec show_tsch(struct sie_cpu *cpu, const struct op *op)
{
	return reserve_block(cpu, op, IRB_LEN);
}

static enum exec show_stcrw(struct sie_cpu *cpu, const struct op *op)
{
	return reserve_block(cpu, op, CRW_LEN);
}

/* cc 3: not operational, nothing stored */
static enum exec take_block(struct sie_cpu *cpu)
{
	return host_cc(cpu) == 3 ? EXEC_NEXT : take_storage(cpu);
}

static enum exec show_chsc(struct sie_cpu *cpu, const struct op *op)
{
	uint64_t address = cpu->gr[op->r1] & cpu->amask;

	if (address & ~PAGE_MASK)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(test_store(cpu, address, PAGE_SIZE));
	return show_storage(cpu, address, PAGE_SIZE);
}

/* ---- SET PREFIX: a notification, the change is made here ---- */

static const struct pv_exit set_prefix_exit = {0xb210, 0xb210, 0, false, NULL, NULL};

static enum exec set_prefix(struct sie_cpu *cpu, const struct op *op)
{
	uint64_t address = operand_address(cpu, op);
	uint32_t prefix;
	size_t room;

	if (address & 3)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(read4(cpu, address, &prefix));
	prefix &= 0x7fffe000;
	if (!uv_config_has_gpa(cpu->config, prefix + PAGE_SIZE))
		return program_interrupt(cpu, PGM_ADDRESSING);
	cpu->state->prefix = prefix;
	tlb_drop_all(cpu);
	raw_store4(sida(cpu, &room), prefix);
	return leave(cpu, op, &set_prefix_exit, ICPT_PV_NOTIFY);
}

/* ---- all with an answer ---- */

static const struct pv_exit exits[] = {
	{0xae00, 0xae02, TEXT_BASE_5, true, show_sigp, take_sigp},
	{0xb220, 0xb220, SERVC_TEXT_IPB, true, show_service_call, take_service_call},
	{0xb27d, 0xb27d, 0, true, show_stsi, take_stsi},
	{0xb230, 0xb230, 0, true, show_subchannel, NULL}, /* CSCH */
	{0xb231, 0xb231, 0, true, show_subchannel, NULL}, /* HSCH */
	{0xb232, 0xb232, 0, true, show_msch, NULL},
	{0xb233, 0xb233, 0, true, show_ssch, NULL},
	{0xb234, 0xb234, 0, true, show_stsch, take_block},
	{0xb235, 0xb235, 0, true, show_tsch, take_block},
	{0xb238, 0xb238, 0, true, show_subchannel, NULL}, /* RSCH */
	{0xb239, 0xb239, 0, true, show_stcrw, take_block},
	{0xb23b, 0xb23b, 0, true, show_subchannel, NULL}, /* RCHP */
	{0xb23c, 0xb23c, 0, true, show_subchannel, NULL}, /* SCHM */
	{0xb25f, 0xb25f, 0, true, show_chsc, take_block},
	{0xb276, 0xb276, 0, true, show_subchannel, NULL}, /* XSCH */
};

enum exec pv_instruction(struct sie_cpu *cpu, const struct op *op)
{
	uint16_t opcode = insn_rows[op->row].opcode;

	memset(cpu->scb->pv_grregs, 0, sizeof(cpu->scb->pv_grregs));
	if (opcode == 0x8300)
		return diagnose(cpu, op);
	if (opcode == 0xb210)
		return set_prefix(cpu, op);
	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
		if (exits[i].opcode != opcode)
			continue;
		TRY(exits[i].show(cpu, op));
		return leave(cpu, op, &exits[i], ICPT_PV_INSTR);
	}
	return program_interrupt(cpu, PGM_OPERATION);
}

void pv_capture_answer(struct sie_cpu *cpu)
{
	const struct kvm_s390_sie_block *scb = cpu->scb;

	if (!cpu->pv.answer || cpu->pv.captured)
		return;
	cpu->pv.cc = be64_get(scb->gpsw_mask) >> 44 & 3;
	for (unsigned int i = 0; i < 3; i++)
		cpu->pv.grs[i] = be64_get(scb->pv_grregs[i]);
	cpu->pv.captured = true;
}

enum exec pv_take_answer(struct sie_cpu *cpu)
{
	const struct pv_exit *exit = cpu->pv.answer;

	if (exit->take)
		TRY(exit->take(cpu));
	if (exit->takes_cc)
		cpu->cc = host_cc(cpu);
	cpu->pv.answer = NULL;
	return EXEC_NEXT;
}

/* ---- UVC ---- */

#define UVCB_HEADER 8

static const struct pv_exit unshare_pinned = {0xb9a4, 0xb9a4, 0, false, NULL, NULL};

/* The host drops its pin; then the instruction is executed again. */
static enum exec notify_unshare(struct sie_cpu *cpu, const struct op *op, const uint8_t *uvcb,
				uint32_t len)
{
	size_t room;

	memset(cpu->scb->pv_grregs, 0, sizeof(cpu->scb->pv_grregs));
	memset(sida(cpu, &room), 0, PAGE_SIZE);
	memcpy(sida(cpu, &room), uvcb, len);
	leave(cpu, op, &unshare_pinned, ICPT_PV_NOTIFY);
	cpu->ia = (next_address(cpu, op) - cpu->pv.ilc) & cpu->amask;
	return EXEC_INTERCEPT_AT;
}

static int call_ultravisor(struct sie_cpu *cpu, uint8_t *uvcb, uint32_t len)
{
	gpa_t gpa;
	int answer;

	engine_leave(cpu);
	answer = uv_call_guest(cpu->secure, uvcb, len, &gpa);
	engine_enter(cpu);
	if (answer == UV_GUEST_NOT_SECURE)
		cpu->fault =
			(struct sie_fault){.gpa = gpa, .code = UV_ACCESS_NOT_SECURE, .write = true};
	return answer;
}

/* Bytes that have to be accessible: ultravisor.md 1.4, an unknown command wins over the rest. */
static uint32_t accessible_length(const struct sie_cpu *cpu, const uint8_t *uvcb)
{
	uint32_t len = raw_load2(uvcb);

	if (len < UVCB_HEADER || !uv_guest_has_command(cpu->secure, raw_load2(uvcb + 2)))
		return UVCB_HEADER;
	return len > PAGE_SIZE ? (uint32_t)PAGE_SIZE : len;
}

enum exec pv_uvc(struct sie_cpu *cpu, const struct op *op)
{
	enum space space = cpu->mask & PSW_MASK_DAT ? SPACE_HOME : SPACE_REAL;
	uint64_t address = cpu->gr[op->r2] & cpu->amask;
	uint8_t uvcb[PAGE_SIZE];
	uint32_t len;
	int answer;

	if (problem_state(cpu))
		return program_interrupt(cpu, PGM_PRIVILEGED);
	if (op->r3 || op->i || (address & 7))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(read_space(cpu, space, address, uvcb, UVCB_HEADER));
	len = accessible_length(cpu, uvcb);
	TRY(read_space(cpu, space, address, uvcb, len));
	TRY(write_space(cpu, space, address, uvcb, len));
	answer = call_ultravisor(cpu, uvcb, len);
	if (answer == UV_GUEST_NOT_SECURE)
		return EXEC_FAULT;
	if (answer == UV_GUEST_NOTIFY)
		return notify_unshare(cpu, op, uvcb, len);
	TRY(write_space(cpu, space, address, uvcb, len));
	cpu->cc = (uint8_t)answer;
	return EXEC_SYNC;
}
