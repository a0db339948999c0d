/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sequences of Ultravisor calls on a small machine: two guests of 1 MiB, a few
 * areas to donate, and an image.
 *
 * An input is a list of steps: a place in fuzz_commands and the fields of its block,
 * or one of enum step. A field is a doubleword, given as a *term*:
 * handles are random numbers, so an input can only say which of them it means.
 */
#include <stdatomic.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/uvcb.h"
#include "tests/unit/uv/fixture.h"
#include "tests/unit/uv/se_image.h"
#include "uv/call.h"

#define MAX_STEPS  256
#define GUESTS     2
#define AREAS      12
#define HANDLES    16
#define FIELDS_AT  0x18U
#define HEADER_LEN 0x2000UL

static struct se_image img;

struct world {
	struct fixture *f;
	abs_t area[AREAS];
	abs_t header;
	uint64_t handle[HANDLES];
	unsigned int made;
};

static const struct fx_guest *guest(const struct world *w, unsigned int n)
{
	return &w->f->guest[n % GUESTS];
}

static abs_t frame(const struct world *w, unsigned int page)
{
	return fx_frame(guest(w, page >> 8), (gpa_t)(page & 0xff) * PAGE_SIZE);
}

static uint64_t constant(const struct world *w, unsigned int n)
{
	const struct fx_guest *g = guest(w, n >> 2);

	switch (n & 3) {
	case 0:
		return g->asce;
	case 1:
		return g->sca;
	case 2:
		return g->msl;
	default:
		return (uint64_t)img.len << 32;
	}
}

static uint64_t term(const struct world *w, struct fuzz_input *in)
{
	uint8_t tag = fuzz_u8(in);
	unsigned int n = tag >> 3;

	switch (tag & 7) {
	case TERM_RAW:
		return fuzz_u64(in);
	case TERM_HANDLE:
		return w->handle[n % HANDLES];
	case TERM_AREA:
		return w->area[n % AREAS];
	case TERM_PAGE:
		return n * PAGE_SIZE;
	case TERM_FRAME:
		return frame(w, n >> 4 << 8 | fuzz_u8(in));
	case TERM_SMALL:
		return fuzz_u16(in);
	case TERM_CONSTANT:
		return constant(w, n);
	default:
		return w->header;
	}
}

static void keep(struct world *w, uint16_t cmd, const union uv_block *u)
{
	if (cmd == UVC_CMD_CREATE_SEC_CONF)
		w->handle[w->made++ % HANDLES] = be64_get(u->cgc.guest_handle);
	if (cmd == UVC_CMD_CREATE_SEC_CPU)
		w->handle[w->made++ % HANDLES] = be64_get(u->csc.cpu_handle);
}

/* As many bytes as are said to be accessible, and no more: reading on is found. */
static enum uv_cc issue(struct world *w, union uv_block *u, size_t size)
{
	uint8_t *exact = malloc(size);
	enum uv_cc cc;

	fuzz_must(exact);
	memcpy(exact, u, size);
	cc = uv_call(w->f->uv, exact, size);
	memcpy(u, exact, size);
	free(exact);
	return cc;
}

/* What the list does not have follows it, so that no command is left out. */
static const struct uv_command *row_of(size_t place)
{
	if (place >= FUZZ_COMMANDS)
		return &uv_commands[(place - FUZZ_COMMANDS) % uv_nr_commands];
	for (size_t i = 0; i < uv_nr_commands; i++)
		if (uv_commands[i].cmd == fuzz_commands[place])
			return &uv_commands[i];
	return &uv_commands[0];
}

static void call(struct world *w, struct fuzz_input *in, const struct uv_command *row)
{
	union uv_block u = {.header = {.cmd = be16_make(row->cmd)}};
	uint8_t shape = fuzz_u8(in);
	bool odd = shape >> 4 == 0xf;
	uint16_t len = odd ? fuzz_u16(in) : row->len;
	size_t size = odd ? sizeof(u.header) + fuzz_u16(in) % (sizeof(u) - 7) : sizeof(u);
	enum uv_cc cc;

	u.header.len = be16_make(len);
	for (unsigned int n = shape & 0xf; n; n--) {
		unsigned int at = FIELDS_AT + 8U * (fuzz_u8(in) % 8);
		be64_t v = be64_make(term(w, in));

		memcpy(u.bytes + at, &v, sizeof(v));
	}
	cc = issue(w, &u, size);
	fuzz_must(cc <= UV_CC_PARTIAL && fx_rc(&u));
	fuzz_must(cc != UV_CC_OK || fx_rc(&u) == UVC_RC_EXECUTED);
	fuzz_must(be16_get(u.header.cmd) == row->cmd && be16_get(u.header.len) == len);
	if (cc == UV_CC_OK)
		keep(w, row->cmd, &u);
}

/* A CPU enters SIE, its guest shares and unshares pages, and it leaves. */
static void enter(struct world *w, struct fuzz_input *in)
{
	const struct fx_guest *g = guest(w, fuzz_u8(in));
	struct kvm_s390_sie_block scb = {.sdf = SDF_FORMAT4};
	unsigned int calls = fuzz_u8(in) % 4;
	struct uv_cpu *cpu;

	scb.pv_handle_config = be64_make(term(w, in));
	scb.pv_handle_cpu = be64_make(term(w, in));
	scb.sidad = be64_make(term(w, in));
	scb.scaoh = be32_make((uint32_t)(g->sca >> 32));
	scb.scaol = be32_make((uint32_t)g->sca);
	if (uv_sie_enter(w->f->uv, g->asce, &scb, &cpu))
		return;
	while (calls--) {
		struct uv_cb_share u =
			FX_BLOCK(uv_cb_share, UVC_CMD_SET_SHARED_ACCESS + (fuzz_u8(in) & 1));
		gpa_t fault;

		u.paddr = be64_make(term(w, in));
		(void)uv_call_guest(cpu, &u, sizeof(u), &fault);
	}
	uv_guest_reset_pending(cpu);
	uv_sie_leave(cpu);
}

/* The image's pages into ordinary storage, as they are in the file. */
static void load_pages(struct world *w, struct fuzz_input *in)
{
	const struct fx_guest *g = guest(w, fuzz_u8(in));

	for (size_t n = 0; n < img.pages; n++) {
		gpa_t gpa = img.addr + n * PAGE_SIZE;

		if (!uv_make_accessible(w->f->uv, fx_frame(g, gpa)))
			memcpy(backing_ordinary(g->b) + gpa, img.data[n], PAGE_SIZE);
	}
}

static void patch_header(struct world *w, struct fuzz_input *in)
{
	size_t at = fuzz_u16(in) % HEADER_LEN;
	uint8_t *byte = storage_ptr(w->f->st, w->header + at, 1);

	/* A call may have donated it: then the host does not reach it. */
	if (byte)
		*byte = fuzz_u8(in);
}

static void map_page(struct world *w, struct fuzz_input *in)
{
	unsigned int page = fuzz_u16(in);
	const struct fx_guest *g = guest(w, page >> 8);

	atomic_store(&g->mapped[page & 0xff], fuzz_u8(in) & 1);
}

static void destroy_range(struct world *w, struct fuzz_input *in)
{
	const struct fx_guest *g = guest(w, fuzz_u8(in));
	uint32_t owner = uv_config_owner(w->f->uv, term(w, in));
	size_t first = fuzz_u8(in);

	if (owner == UV_OWNER_NONE)
		return;
	(void)uv_destroy_range(w->f->uv, owner, g->b, first, 256 - first, NULL, NULL);
	uv_owner_put(w->f->uv, owner);
}

static void special(struct world *w, struct fuzz_input *in, enum step step)
{
	switch (step) {
	case STEP_ENTER:
		enter(w, in);
		break;
	case STEP_LOAD:
		load_pages(w, in);
		break;
	case STEP_PATCH_HEADER:
		patch_header(w, in);
		break;
	case STEP_MAP:
		map_page(w, in);
		break;
	case STEP_ACCESS:
		(void)uv_make_accessible(w->f->uv, frame(w, fuzz_u16(in)));
		break;
	case STEP_DESTROY_RANGE:
		destroy_range(w, in);
		break;
	}
}

static void power_on(struct world *w, uint8_t model)
{
	static const char *const models[] = {"z16", "z15", "z17", "proposal"};

	if (!img.len)
		se_image_make(&img, 2, 0x15000, 0xe0 | SE_PCF_DUMP);
	w->f = fx_create(models[model % 4]);
	for (size_t i = 0; i < AREAS; i++) {
		w->area[i] =
			storage_alloc(w->f->st, UV_CONF_BASE_LEN, UV_CONF_BASE_ALIGN, ALLOC_PAGE);
		fuzz_must(w->area[i]);
	}
	w->header = storage_alloc(w->f->st, HEADER_LEN, PAGE_SIZE, ALLOC_PAGE);
	memcpy(storage_ptr(w->f->st, w->header, img.len), img.header, img.len);
	for (unsigned int n = 0; n < GUESTS; n++)
		(void)fx_guest_prepare(w->f, n, 1);
}

/* A host destroys what fast destroys left; live pages it exports. Then nothing may be left. */
static void power_off(struct world *w)
{
	for (unsigned int page = 0; page < GUESTS << 8; page++) {
		if (fx_frame_call(w->f, UVC_CMD_DESTR_SEC_STOR, frame(w, page)) != UVC_RC_EXECUTED)
			fuzz_must(fx_frame_call(w->f, UVC_CMD_CONV_FROM_SEC_STOR, frame(w, page)) ==
				  UVC_RC_EXECUTED);
	}
	fx_power_off(w->f);
	for (size_t i = 0; i < AREAS; i++)
		storage_free(w->f->st, w->area[i]);
	storage_free(w->f->st, w->header);
	fx_destroy(w->f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	struct world w = {0};

	power_on(&w, fuzz_u8(&in));
	for (unsigned int n = 0; in.left && n < MAX_STEPS; n++) {
		uint8_t step = fuzz_u8(&in);

		if (step >= STEP_FIRST)
			special(&w, &in, (enum step)step);
		else
			call(&w, &in, row_of(step));
	}
	power_off(&w);
	return 0;
}
