/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random code and PSWs in the engine, as an ordinary guest or as the guest of one.
 *
 * The guest's pages are every other frame of its memory. Those between belong to
 * nobody: address sanitizer is told so, and without it their bytes are compared.
 * Whoever reads or writes across the end of a page's frame is found.
 *
 * Input: a byte of flags, PSW mask and address, a byte with the number of registers
 * (number, 8 bytes each: general, control, floating-point, access registers, then
 * others), and pieces of storage: address (2 bytes), length, bytes.
 */
#include <errno.h>

#include "sie/sie.h"
#include "storage/storage.h"
#include "tests/fuzz/budget.h"
#include "tests/fuzz/fuzz.h"
#include "uv/ultravisor.h"

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#ifdef WITH_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, len)   ((void)(at), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#endif

#define PAGES    16U
#define SIZE     (PAGES * PAGE_SIZE)
#define ASCE     0x1234000UL
#define MAX_RUNS 64
#define HANDLER  0xf000U
#define CANARY   0xa5

/* Bits of the first byte */
#define FLAG_TRACE             1
#define FLAG_HOLES             2 /* the upper half of storage appears on the first fault only */
#define FLAG_NESTED            4 /* as the guest of a guest; some pages of the upper half are protected */
#define NESTED_CONTROLS(flags) ((flags) >> 4) /* what its state description asks for */

static struct storage *st;
static struct uv *uv;
static struct sie_trace *nowhere;

struct guest {
	struct backing *b;
	struct sie_vm *vm;
	struct sie_vm *nested;
	bool mapped[PAGES];
	_Atomic uint8_t keys[PAGES];
	uint64_t tod;
};

static uint8_t *page_bytes(const struct guest *g, unsigned int frame)
{
	return backing_ordinary(g->b) + frame * PAGE_SIZE;
}

static int translate(void *owner, uint64_t asce, gpa_t gpa, abs_t *frame)
{
	struct guest *g = owner;

	fuzz_must(asce == ASCE && gpa % PAGE_SIZE == 0);
	if (gpa >= SIZE || !g->mapped[gpa / PAGE_SIZE])
		return -ENXIO;
	*frame = backing_abs(g->b) + 2 * gpa;
	return 0;
}

static bool is_protected(unsigned int page)
{
	return page >= PAGES / 2 && page % 2;
}

static int translate_nested(void *owner, uint64_t asce, gpa_t gpa, abs_t *frame)
{
	int rc;

	if (gpa >= SIZE)
		return -EFAULT;
	rc = translate(owner, asce, gpa, frame);
	if (!rc && is_protected((unsigned int)(gpa / PAGE_SIZE)))
		*frame |= SIE_FRAME_PROTECTED;
	return rc;
}

static uint64_t tod(void *owner)
{
	struct guest *g = owner;

	return g->tod += 4096;
}

static _Atomic uint8_t *storage_key(void *owner, uint64_t asce, gpa_t gpa)
{
	struct guest *g = owner;

	return gpa < SIZE ? &g->keys[gpa / PAGE_SIZE] : NULL;
}

static void purge(void *machine, uint64_t asce, gpa_t gpa, uint64_t len)
{
}

static int machine_translate(void *machine, uint64_t asce, gpa_t gpa, abs_t *frame)
{
	return -ENXIO;
}

static int machine_random(void *machine, void *buf, size_t len)
{
	memset(buf, 0x5a, len);
	return 0;
}

static uint64_t machine_tod(void *machine)
{
	return 1UL << 40;
}

static void power_on(void)
{
	static const struct uv_machine_ops ops = {
		.purge = purge,
		.translate = machine_translate,
		.random = machine_random,
		.tod = machine_tod,
	};
	struct uv_params params = {.model = uv_model_find(NULL), .ops = &ops};

	if (st)
		return;
	st = storage_create();
	params.storage = st;
	uv = uv_create(&params);
	nowhere = sie_trace_open("/dev/null");
	fuzz_must(st && uv && nowhere);
}

static void guest_create(struct guest *g, uint8_t flags)
{
	static const struct sie_env env = {
		.translate = translate, .tod = tod, .storage_key = storage_key};
	static const struct sie_env nested_env = {
		.translate = translate_nested, .tod = tod, .storage_key = storage_key};
	uint64_t facilities[4];

	g->b = backing_create(st, 2 * SIZE, NULL, NULL);
	fuzz_must(g->b);
	for (unsigned int page = 0; page < PAGES; page++) {
		g->mapped[page] = !(flags & FLAG_HOLES) || page < PAGES / 2;
		memset(page_bytes(g, 2 * page + 1), CANARY, PAGE_SIZE);
		ASAN_POISON_MEMORY_REGION(page_bytes(g, 2 * page + 1), PAGE_SIZE);
	}
	g->tod = 1UL << 40;
	g->vm = sie_vm_create(uv, &env, g);
	fuzz_must(g->vm);
	sie_host_facilities(facilities);
	sie_vm_set_facilities(g->vm, facilities, 4);
	if (flags & FLAG_TRACE)
		sie_set_trace(g->vm, nowhere, 1);
	if (flags & FLAG_NESTED)
		g->nested = sie_vm_create_nested(g->vm, &nested_env, g);
	fuzz_must(!(flags & FLAG_NESTED) || g->nested);
}

static void guest_destroy(struct guest *g)
{
	for (unsigned int page = 0; page < PAGES; page++) {
		const uint8_t *bytes = page_bytes(g, 2 * page + 1);

		ASAN_UNPOISON_MEMORY_REGION(bytes, PAGE_SIZE);
		for (size_t i = 0; i < PAGE_SIZE; i++)
			fuzz_must(bytes[i] == CANARY);
	}
	sie_vm_destroy(g->nested);
	sie_vm_destroy(g->vm);
	backing_put(g->b);
}

static void set_register(struct kvm_s390_sie_block *scb, struct cpu_state *state, uint8_t nr,
			 uint64_t v)
{
	unsigned int n = nr & 15;

	switch (nr >> 4 & 7) {
	case 0:
	case 1:
		state->gprs[n] = v;
		break;
	case 2:
		scb->gcr[n] = be64_make(v);
		break;
	case 3:
		state->fprs[n] = v;
		break;
	case 4:
		state->acrs[n] = (uint32_t)v;
		break;
	case 5:
		scb->prefix = be32_make((uint32_t)v & (SIZE - 1) & ~0x1fffU);
		break;
	case 6:
		scb->ckc = be64_make(v);
		break;
	case 7:
		state->fpc = (uint32_t)v;
		break;
	}
}

static void read_state(struct fuzz_input *in, struct kvm_s390_sie_block *scb,
		       struct cpu_state *state)
{
	*scb = (struct kvm_s390_sie_block){
		.ckc = be64_make(UINT64_MAX),
		.cputm = be64_make(INT64_MAX),
	};
	scb->gcr[0] = be64_make(CR0_INITIAL);
	scb->gcr[14] = be64_make(CR14_INITIAL);
	scb->gpsw_mask = be64_make(fuzz_u64(in));
	scb->gpsw_addr = be64_make(fuzz_u64(in));
	for (unsigned int n = fuzz_u8(in) % 48; n; n--) {
		uint8_t nr = fuzz_u8(in);

		set_register(scb, state, nr, fuzz_u64(in));
	}
}

/*
 * Until the input says otherwise a program interruption goes on behind the instruction, so that
 * one program tries many, and any other interruption ends in a disabled wait.
 */
static void put_handlers(struct guest *g)
{
	const be64_t program[2] = {be64_make(PSW_MASK_64), be64_make(HANDLER)};
	const be64_t wait[2] = {be64_make(PSW_MASK_64 | PSW_MASK_WAIT), be64_make(HANDLER)};
	static const uint8_t go_on[] = {0xb2, 0xb2, 0x01, 0x50}; /* LPSWE of the old PSW */

	for (unsigned int at = 0x1a0; at <= 0x1f0; at += 0x10)
		memcpy(page_bytes(g, 0) + at, at == 0x1d0 ? program : wait, sizeof(wait));
	memcpy(page_bytes(g, 2 * (HANDLER / PAGE_SIZE)), go_on, sizeof(go_on));
}

static void read_storage(struct guest *g, struct fuzz_input *in)
{
	put_handlers(g);
	while (in->left) {
		unsigned int at = fuzz_u16(in);

		for (unsigned int n = fuzz_u8(in); n; n--, at++)
			*(page_bytes(g, 2 * (at / PAGE_SIZE % PAGES)) + at % PAGE_SIZE) =
				fuzz_u8(in);
	}
}

static void kick(void *cpu)
{
	sie_kick(cpu);
}

/* Return: go on? */
static bool run(struct guest *g, struct sie_cpu *cpu, struct kvm_s390_sie_block *scb,
		struct cpu_state *state)
{
	struct sie_fault fault = {0};
	enum sie_result result;

	budget_begin(kick, cpu);
	result = sie_run(cpu, ASCE, scb, state, &fault);
	budget_end();
	switch (result) {
	case SIE_INTERCEPT:
		fuzz_must(scb->icptcode);
		return scb->icptcode != ICPT_VALIDITY && scb->icptcode != ICPT_WAIT;
	case SIE_FAULT:
		fuzz_must(fault.gpa % PAGE_SIZE == 0);
		if (fault.code == SIE_FAULT_PROTECTED) {
			fuzz_must(g->nested && is_protected((unsigned int)(fault.gpa / PAGE_SIZE)));
			return false;
		}
		fuzz_must(fault.gpa >= SIZE || !g->mapped[fault.gpa / PAGE_SIZE]);
		if (fault.gpa >= SIZE)
			return false;
		return g->mapped[fault.gpa / PAGE_SIZE] = true;
	case SIE_KICKED:
	case SIE_NO_MEMORY:
		break;
	}
	return false;
}

static void set_controls(struct kvm_s390_sie_block *scb, uint8_t controls)
{
	scb->ecb = controls & 1 ? ECB_SPECI : 0;
	scb->eca = be32_make((controls & 2 ? ECA_PROTEXCI : 0) | (controls & 4 ? ECA_MVPGI : 0));
	scb->ictl = be32_make(controls & 8 ? ICTL_PINT : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	uint8_t flags = fuzz_u8(&in);
	struct kvm_s390_sie_block scb;
	struct cpu_state state = {0};
	struct guest g = {0};
	struct sie_cpu *cpu, *nested = NULL;

	power_on();
	guest_create(&g, flags);
	read_state(&in, &scb, &state);
	read_storage(&g, &in);
	cpu = sie_cpu_create(g.vm);
	fuzz_must(cpu);
	if (g.nested) {
		set_controls(&scb, NESTED_CONTROLS(flags));
		nested = sie_cpu_create_nested(g.nested, cpu);
		fuzz_must(nested);
	}
	for (int n = 0; n < MAX_RUNS && run(&g, nested ? nested : cpu, &scb, &state); n++)
		scb.icptcode = 0;
	sie_cpu_destroy(nested);
	sie_cpu_destroy(cpu);
	guest_destroy(&g);
	return 0;
}
