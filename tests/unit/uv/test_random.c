/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random calls, from two threads at once, with values that are often right.
 *
 * No answer is predicted. What must hold: every call is answered, no assertion is
 * reached, the sanitizers are silent, and at power-off nothing is left over.
 * PROTVIRT_SEED repeats a run of one thread; the seed is printed.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/uv/fixture.h"
#include "tests/unit/uv/se_image.h"
#include "uv/call.h"

#define CALLS    100000
#define GUESTS   2
#define CPUS     4
#define AREAS    24
#define GUEST_MB 1

/* Slots of handles: one configuration a guest, CPUs by number */
#define HANDLES          (GUESTS * (1 + CPUS))
#define CONFIG_SLOT(g)   (g)
#define CPU_SLOT(g, num) (GUESTS + (g)*CPUS + (num))

static struct se_image img;

/* What blocks are filled from; shared by the threads */
struct pool {
	struct fixture *f;
	abs_t area[AREAS];
	abs_t header;
	_Atomic uint64_t handle[HANDLES];
	_Atomic uint64_t answered;
	_Atomic uint64_t executed;
	_Atomic uint64_t verified;
	_Atomic uint64_t entered;
};

/* One thread's random numbers: xorshift, so that a seed means the same everywhere */
struct dice {
	struct pool *p;
	uint64_t state;
};

static uint64_t roll(struct dice *d)
{
	d->state ^= d->state << 13;
	d->state ^= d->state >> 7;
	d->state ^= d->state << 17;
	return d->state;
}

static uint64_t below(struct dice *d, uint64_t n)
{
	return roll(d) % n;
}

static bool seldom(struct dice *d)
{
	return !below(d, 40);
}

static abs_t any_area(struct dice *d)
{
	return seldom(d) ? roll(d) : d->p->area[below(d, AREAS)] + (seldom(d) ? 8 : 0);
}

static uint64_t any_handle(struct dice *d)
{
	return seldom(d) ? roll(d) : atomic_load(&d->p->handle[below(d, HANDLES)]);
}

/* A few pages only, so that calls meet. */
static gpa_t any_page(struct dice *d)
{
	gpa_t gpa = below(d, 2) ? img.addr + below(d, 2) * PAGE_SIZE : below(d, 8) * PAGE_SIZE;

	return seldom(d) ? roll(d) : gpa;
}

static const struct fx_guest *any_guest(struct dice *d)
{
	return &d->p->f->guest[below(d, GUESTS)];
}

/* A slot loses its handle only to the next one of the same name, so nothing is out of reach. */
static void keep_config(struct dice *d, const struct uv_cb_cgc *u)
{
	size_t g = be64_get(u->guest_asce) == d->p->f->guest[1].asce;

	atomic_store(&d->p->handle[CONFIG_SLOT(g)], be64_get(u->guest_handle));
}

static void keep_cpu(struct dice *d, const struct uv_cb_csc *u)
{
	for (size_t g = 0; g < GUESTS; g++) {
		if (atomic_load(&d->p->handle[CONFIG_SLOT(g)]) == be64_get(u->guest_handle))
			atomic_store(&d->p->handle[CPU_SLOT(g, be16_get(u->num))],
				     be64_get(u->cpu_handle));
	}
}

static void fill_create(struct dice *d, struct uv_cb_cgc *u)
{
	const struct fx_guest *g = any_guest(d);

	u->conf_base_stor_origin = be64_make(any_area(d));
	u->conf_virt_stor_origin = be64_make(any_area(d));
	u->guest_stor_len = be64_make(GUEST_MB * SEGMENT_SIZE);
	u->guest_sca = be64_make(g->sca);
	u->guest_asce = be64_make(g->asce);
}

static void fill_create_cpu(struct dice *d, struct uv_cb_csc *u)
{
	u->guest_handle = be64_make(any_handle(d));
	u->stor_origin = be64_make(any_area(d));
	u->state_origin = be64_make(any_area(d));
	u->num = be16_make((uint16_t)below(d, CPUS));
}

/* Fill the fields of a command with values that make sense for it, mostly. */
static void fill(struct dice *d, union uv_block *u, uint16_t cmd)
{
	u->nodata.handle = be64_make(any_handle(d));
	switch (cmd) {
	case UVC_CMD_CREATE_SEC_CONF:
		fill_create(d, &u->cgc);
		break;
	case UVC_CMD_CREATE_SEC_CPU:
		fill_create_cpu(d, &u->csc);
		break;
	case UVC_CMD_CPU_SET_STATE:
		u->set_state.state = (uint8_t)(1 + below(d, 5));
		break;
	case UVC_CMD_SET_SEC_CONF_PARAMS:
		u->ssc.sec_header_origin = be64_make(d->p->header);
		u->ssc.sec_header_len = be32_make((uint32_t)img.len);
		break;
	case UVC_CMD_UNPACK_IMG:
		u->unp.tweak[0] = be64_make(SE_IMAGE_PREFIX);
		u->unp.gaddr = be64_make(any_page(d));
		u->unp.tweak[1] = be64_make(be64_get(u->unp.gaddr) - img.addr);
		break;
	case UVC_CMD_CONV_TO_SEC_STOR:
	case UVC_CMD_UNPIN_PAGE_SHARED:
		u->cts.gaddr = be64_make(any_page(d));
		break;
	case UVC_CMD_CONV_FROM_SEC_STOR:
	case UVC_CMD_DESTR_SEC_STOR:
	case UVC_CMD_PIN_PAGE_SHARED:
		u->cfs.paddr =
			be64_make(seldom(d) ? any_area(d) : fx_frame(any_guest(d), any_page(d)));
		break;
	}
}

static void random_call(struct dice *d)
{
	const struct uv_command *row = &uv_commands[below(d, uv_nr_commands)];
	union uv_block u = {.header = {.len = be16_make(row->len)}};
	enum uv_cc cc;

	u.header.cmd = be16_make(row->cmd);
	if (seldom(d))
		u.header.len = be16_make((uint16_t)below(d, 0x200));
	fill(d, &u, row->cmd);
	cc = uv_call(d->p->f->uv, &u, sizeof(u));
	if (cc > UV_CC_PARTIAL || !fx_rc(&u) || (!cc && fx_rc(&u) != UVC_RC_EXECUTED))
		abort();
	atomic_fetch_add(&d->p->answered, 1);
	if (cc)
		return;
	atomic_fetch_add(&d->p->executed, 1);
	if (row->cmd == UVC_CMD_CREATE_SEC_CONF)
		keep_config(d, &u.cgc);
	if (row->cmd == UVC_CMD_CREATE_SEC_CPU)
		keep_cpu(d, &u.csc);
}

static void random_guest_call(struct dice *d, struct uv_cpu *cpu)
{
	struct uv_cb_share u =
		FX_BLOCK(uv_cb_share, UVC_CMD_SET_SHARED_ACCESS + (uint16_t)below(d, 2));
	gpa_t fault;

	u.paddr = be64_make(any_page(d));
	(void)uv_call_guest(cpu, &u, sizeof(u), &fault);
	if (seldom(d))
		uv_guest_reset_pending(cpu);
}

static void random_entry(struct dice *d)
{
	size_t n = below(d, GUESTS);
	const struct fx_guest *g = &d->p->f->guest[n];
	struct kvm_s390_sie_block scb = {.sdf = SDF_FORMAT4};
	struct uv_cpu *cpu;

	scb.pv_handle_config = be64_make(atomic_load(&d->p->handle[CONFIG_SLOT(n)]));
	scb.pv_handle_cpu =
		be64_make(seldom(d) ? any_handle(d)
				    : atomic_load(&d->p->handle[CPU_SLOT(n, below(d, CPUS))]));
	scb.sidad = be64_make(any_area(d));
	scb.scaoh = be32_make((uint32_t)(g->sca >> 32));
	scb.scaol = be32_make((uint32_t)g->sca);
	if (uv_sie_enter(d->p->f->uv, g->asce, &scb, &cpu))
		return;
	atomic_fetch_add(&d->p->entered, 1);
	for (unsigned int i = 0; i < 4; i++)
		random_guest_call(d, cpu);
	uv_sie_leave(cpu);
}

/* Whatever is in a frame, after an import and a destroy it is zeros. */
static void clear_frame(struct dice *d, const struct uv_cb_cgc *cgc, gpa_t gpa)
{
	struct uv_cb_cts import = FX_BLOCK(uv_cb_cts, UVC_CMD_CONV_TO_SEC_STOR);
	struct uv_cb_cfs destroy = FX_BLOCK(uv_cb_cfs, UVC_CMD_DESTR_SEC_STOR);
	struct fixture *f = d->p->f;
	size_t g = be64_get(cgc->guest_asce) == f->guest[1].asce;

	destroy.paddr = be64_make(fx_frame(&f->guest[g], gpa));
	import.guest_handle = cgc->guest_handle;
	import.gaddr = be64_make(gpa);
	fx_uvc(f, &destroy);
	fx_uvc(f, &import);
	fx_uvc(f, &destroy);
}

/* The image is two plain pages of zeros. */
static void random_load(struct dice *d, const struct uv_cb_cgc *cgc)
{
	struct uv_cb_ssc ssc = FX_BLOCK(uv_cb_ssc, UVC_CMD_SET_SEC_CONF_PARAMS);
	struct uv_cb_nodata verify = FX_BLOCK(uv_cb_nodata, UVC_CMD_VERIFY_IMG);
	struct fixture *f = d->p->f;

	ssc.guest_handle = verify.handle = cgc->guest_handle;
	ssc.sec_header_origin = be64_make(d->p->header);
	ssc.sec_header_len = be32_make((uint32_t)img.len);
	fx_uvc(f, &ssc);
	for (size_t n = 0; n < img.pages; n++) {
		struct uv_cb_unp unp = FX_BLOCK(uv_cb_unp, UVC_CMD_UNPACK_IMG);

		clear_frame(d, cgc, img.addr + n * PAGE_SIZE);
		unp.guest_handle = cgc->guest_handle;
		unp.gaddr = be64_make(img.addr + n * PAGE_SIZE);
		unp.tweak[0] = be64_make(SE_IMAGE_PREFIX);
		unp.tweak[1] = be64_make(n * PAGE_SIZE);
		fx_uvc(f, &unp);
	}
	if (!fx_uvc(f, &verify))
		atomic_fetch_add(&d->p->verified, 1);
}

static void random_end(struct dice *d)
{
	struct uv_cb_destroy_fast fast =
		FX_BLOCK(uv_cb_destroy_fast, UVC_CMD_DESTROY_SEC_CONF_FAST);
	struct uv_cb_nodata u = FX_BLOCK(uv_cb_nodata, UVC_CMD_DESTROY_SEC_CPU);
	struct fixture *f = d->p->f;
	size_t g = below(d, GUESTS);

	for (size_t num = 0; num < CPUS; num++) {
		u.handle = be64_make(atomic_load(&d->p->handle[CPU_SLOT(g, num)]));
		fx_uvc(f, &u);
	}
	fast.handle = u.handle = be64_make(atomic_load(&d->p->handle[CONFIG_SLOT(g)]));
	u.header.cmd = be16_make(UVC_CMD_DESTROY_SEC_CONF);
	if (below(d, 2))
		fx_uvc(f, &u);
	else
		fx_uvc(f, &fast);
}

/* Now and then the way to a running guest is gone in order; luck alone seldom finds it. */
static void random_start(struct dice *d)
{
	struct fixture *f = d->p->f;
	struct uv_cb_cgc cgc = FX_BLOCK(uv_cb_cgc, UVC_CMD_CREATE_SEC_CONF);

	random_end(d);
	fill_create(d, &cgc);
	if (fx_uvc(f, &cgc))
		return;
	keep_config(d, &cgc);
	random_load(d, &cgc);
	for (unsigned int i = 0; i < CPUS; i++) {
		struct uv_cb_csc csc = FX_BLOCK(uv_cb_csc, UVC_CMD_CREATE_SEC_CPU);
		struct uv_cb_cpu_set_state run =
			FX_BLOCK(uv_cb_cpu_set_state, UVC_CMD_CPU_SET_STATE);

		fill_create_cpu(d, &csc);
		csc.guest_handle = cgc.guest_handle;
		if (fx_uvc(f, &csc))
			continue;
		keep_cpu(d, &csc);
		run.cpu_handle = csc.cpu_handle;
		run.state = PV_CPU_STATE_OPR_LOAD;
		fx_uvc(f, &run);
	}
}

static void *play(void *arg)
{
	struct dice *d = arg;

	for (unsigned int i = 0; i < CALLS; i++) {
		if (!below(d, 200))
			random_start(d);
		else if (below(d, 10))
			random_call(d);
		else
			random_entry(d);
	}
	return NULL;
}

/* The guests' configurations are made by the calls; here are only their memory and tables. */
static void fill_pool(struct pool *p, struct fixture *f)
{
	p->f = f;
	for (size_t i = 0; i < AREAS; i++) {
		p->area[i] = storage_alloc(f->st, UV_CONF_BASE_LEN, UV_CONF_BASE_ALIGN, ALLOC_PAGE);
		assert_true(p->area[i]);
	}
	p->header = storage_alloc(f->st, img.len, PAGE_SIZE, ALLOC_PAGE);
	memcpy(storage_ptr(f->st, p->header, img.len), img.header, img.len);
	for (unsigned int n = 0; n < GUESTS; n++)
		(void)fx_guest_prepare(f, n, GUEST_MB);
}

static uint64_t first_seed(void)
{
	const char *text = getenv("PROTVIRT_SEED");
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (text ? strtoull(text, NULL, 0) : (uint64_t)ts.tv_nsec) | 1;
}

/* A host destroys what fast destroys left, page by page; live pages it exports. */
static void give_frames_back(struct fixture *f)
{
	for (size_t g = 0; g < GUESTS; g++) {
		for (gpa_t gpa = 0; gpa < f->guest[g].msl; gpa += PAGE_SIZE) {
			abs_t frame = fx_frame(&f->guest[g], gpa);

			if (fx_frame_call(f, UVC_CMD_DESTR_SEC_STOR, frame) != UVC_RC_EXECUTED)
				assert_int_equal(
					1, fx_frame_call(f, UVC_CMD_CONV_FROM_SEC_STOR, frame));
		}
	}
}

static void run(unsigned int threads)
{
	struct fixture *f = fx_create(NULL);
	struct pool p = {0};
	struct dice d[2];
	pthread_t thread[2];
	uint64_t seed = first_seed();

	print_message("# seed %#lx, %u threads\n", seed, threads);
	se_image_make(&img, 2, 0x15000, 0xe0 | SE_PCF_NO_DECRYPT);
	memset(img.data, 0, sizeof(img.data));
	se_image_hash(&img);
	se_image_seal(&img);
	fill_pool(&p, f);
	for (unsigned int i = 0; i < threads; i++) {
		d[i] = (struct dice){&p, seed * (i + 0x9e3779b97f4a7c15UL) | 1};
		assert_int_equal(0, pthread_create(&thread[i], NULL, play, &d[i]));
	}
	for (unsigned int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	print_message("# %lu calls, %lu executed, %lu images verified, %lu entries\n", p.answered,
		      p.executed, p.verified, p.entered);
	assert_true(p.executed && p.verified && p.entered);
	give_frames_back(f);
	fx_power_off(f);
	for (size_t i = 0; i < AREAS; i++)
		storage_free(f->st, p.area[i]);
	storage_free(f->st, p.header);
	fx_destroy(f);
}

static void test_one_thread(void **state)
{
	(void)state;
	run(1);
}

static void test_two_threads(void **state)
{
	(void)state;
	run(2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_thread),
		cmocka_unit_test(test_two_threads),
	};

	return cmocka_run_group_tests_name("uv-random", tests, NULL, NULL);
}
