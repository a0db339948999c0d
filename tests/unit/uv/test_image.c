/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the SE header to a verified image. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "storage/frame.h"
#include "storage/inject.h"
#include "tests/unit/uv/fixture.h"
#include "tests/unit/uv/se_image.h"
#include "uv/config.h"

static struct se_image img;

static struct fixture *setup(struct fx_guest **g, size_t pages)
{
	struct fixture *f = fx_create(NULL);

	*g = fx_guest_create(f, 0, 1);
	se_image_make(&img, pages, 0x15000, 0xe0);
	return f;
}

static uint32_t verify(struct fixture *f, const struct fx_guest *g)
{
	return fx_nodata(f, UVC_CMD_VERIFY_IMG, g->handle);
}

/* What the guest would read at one of its pages. */
static const uint8_t *guest_page(struct fixture *f, const struct fx_guest *g, gpa_t gpa)
{
	struct uv_object *o = uv_handle_find(uv_handles(f->uv), g->handle, UV_HANDLE_CONFIG);
	uint8_t *bytes;

	assert_int_equal(UV_ACCESS_OK,
			 uv_frame_access(f->uv, uv_config_of(o), fx_frame(g, gpa), gpa, &bytes));
	uv_object_put(o);
	return bytes;
}

static void assert_plain(struct fixture *f, const struct fx_guest *g)
{
	for (size_t n = 0; n < img.pages; n++) {
		const uint8_t *page = guest_page(f, g, img.addr + n * PAGE_SIZE);

		for (size_t i = 0; i < PAGE_SIZE; i++)
			assert_int_equal(se_image_plain(n, i), page[i]);
	}
}

/* The published vector: two pages, their digests, their plain text. */
static void test_vector(void **state)
{
	struct fx_guest *g;
	struct fixture *f = setup(&g, 2);

	(void)state;
	se_image_start(f, g, &img);
	assert_plain(f, g);
	fx_destroy(f);
}

static void test_not_encrypted(void **state)
{
	struct fx_guest *g;
	struct fixture *f = setup(&g, 1);

	(void)state;
	se_image_make(&img, 3, 0x15000, 0xe0 | SE_PCF_NO_DECRYPT);
	se_image_start(f, g, &img);
	assert_plain(f, g);
	fx_destroy(f);
}

static void test_wrong_states(void **state)
{
	struct fx_guest *g;
	struct fixture *f = setup(&g, 2);

	(void)state;
	assert_int_equal(0x101, verify(f, g));
	assert_int_equal(0x101, se_image_unpack(f, g, &img, 0));
	assert_int_equal(1, se_image_load_header(f, g, &img));
	assert_int_equal(0x101, se_image_load_header(f, g, &img));
	assert_int_equal(1, se_image_unpack(f, g, &img, 0));
	assert_int_equal(1, se_image_unpack(f, g, &img, 1));
	assert_int_equal(1, verify(f, g));
	assert_int_equal(0x101, verify(f, g));
	assert_int_equal(0x101, se_image_unpack(f, g, &img, 1));
	assert_int_equal(0x101, se_image_load_header(f, g, &img));
	fx_destroy(f);
}

/* ---- SET_SEC_CONF_PARAMS ---- */

static uint16_t load_at(struct fixture *f, const struct fx_guest *g, abs_t origin, uint32_t len)
{
	struct uv_cb_ssc u = FX_BLOCK(uv_cb_ssc, UVC_CMD_SET_SEC_CONF_PARAMS);

	u.guest_handle = be64_make(g->handle);
	u.sec_header_origin = be64_make(origin);
	u.sec_header_len = be32_make(len);
	fx_uvc(f, &u);
	return fx_rc(&u);
}

static void test_header_access(void **state)
{
	struct fx_guest *g;
	struct fixture *f = setup(&g, 1);
	abs_t copy = storage_alloc(f->st, PAGE_SIZE, PAGE_SIZE, ALLOC_PAGE);

	(void)state;
	memcpy(storage_ptr(f->st, copy, PAGE_SIZE), img.header, PAGE_SIZE);
	assert_int_equal(0x103, load_at(f, g, ABS_LIMIT, 0x1000));
	assert_int_equal(0x103, load_at(f, g, 0, 0x1000));
	assert_int_equal(0x103, load_at(f, g, copy + PAGE_SIZE - 8, 0x1000));
	assert_int_equal(0x103, load_at(f, g, copy, UINT32_MAX));
	assert_int_equal(0x103, load_at(f, g, g->base, 640));
	assert_int_equal(0x10a, load_at(f, g, copy, 0));
	assert_int_equal(0x10a, load_at(f, g, copy, 639));
	assert_int_equal(1, load_at(f, g, copy, 640));
	storage_free(f->st, copy);
	fx_destroy(f);
}

/* rc and rrc of the opening come through, and a good header may follow. */
static void test_header_refused(void **state)
{
	struct fx_guest *g;
	struct fixture *f = setup(&g, 1);

	(void)state;
	img.fixed.version = be32_make(0x200);
	assert_int_equal(0x00010104, se_image_load_header(f, g, &img));
	se_image_seal(&img);
	img.header[0x1a0] ^= 1;
	assert_int_equal(0x00050108, se_image_load_header(f, g, &img));
	img.header[0x1a0] ^= 1;
	img.len = SE_HDR_MAX_SIZE;
	img.fixed.phs = be32_make(SE_HDR_MAX_SIZE);
	assert_int_equal(0x0031010a, se_image_load_header(f, g, &img));
	/* equal halves are no XTS key */
	memset(img.area.xts, 0x5a, sizeof(img.area.xts));
	se_image_seal(&img);
	assert_int_equal(0x0039010a, se_image_load_header(f, g, &img));
	se_image_make(&img, 1, 0x15000, 0xe0);
	assert_int_equal(1, se_image_load_header(f, g, &img));
	fx_destroy(f);
}

/* ---- UNPACK_IMG ---- */

static uint16_t unpack_at(struct fixture *f, const struct fx_guest *g, gpa_t gaddr)
{
	struct uv_cb_unp u = FX_BLOCK(uv_cb_unp, UVC_CMD_UNPACK_IMG);

	u.guest_handle = be64_make(g->handle);
	u.gaddr = be64_make(gaddr);
	fx_uvc(f, &u);
	return fx_rc(&u);
}

/* A page that is refused has not been hashed: the image still verifies. */
static void test_unpack_refused(void **state)
{
	struct fx_guest *g;
	struct fixture *f = setup(&g, 2);

	(void)state;
	assert_int_equal(1, se_image_load_header(f, g, &img));
	assert_int_equal(0x101, unpack_at(f, g, 0x15008));
	assert_int_equal(0x101, unpack_at(f, g, g->msl));
	assert_int_equal(0x101, unpack_at(f, g, UINT64_MAX & PAGE_MASK));
	atomic_store(&g->mapped[0x15], false);
	assert_int_equal(0x10a, se_image_unpack(f, g, &img, 0));
	assert_int_equal(0x10a, se_image_unpack(f, g, &img, 0));
	atomic_store(&g->mapped[0x15], true);
	assert_int_equal(1, se_image_unpack(f, g, &img, 0));
	assert_int_equal(0x104, unpack_at(f, g, 0x15000));
	assert_int_equal(1, se_image_unpack(f, g, &img, 1));
	assert_int_equal(1, verify(f, g));
	assert_plain(f, g);
	fx_destroy(f);
}

static void test_unpack_frame_of_another(void **state)
{
	struct fx_guest *g;
	struct fixture *f = setup(&g, 1);
	struct fx_guest *other = fx_guest_create(f, 1, 1);
	struct backing *own = g->b;

	(void)state;
	assert_int_equal(1, fx_import(f, other, 0x15000));
	assert_int_equal(1, se_image_load_header(f, g, &img));
	g->b = other->b;
	assert_int_equal(0x106, unpack_at(f, g, 0x15000));
	g->b = own;
	fx_destroy(f);
}

/* ---- VERIFY_IMG ---- */

static void test_wrong_count(void **state)
{
	struct fx_guest *g;
	struct fixture *f = setup(&g, 3);

	(void)state;
	assert_int_equal(1, se_image_load_header(f, g, &img));
	assert_int_equal(0x001d0102, verify(f, g));
	assert_int_equal(1, se_image_unpack(f, g, &img, 0));
	assert_int_equal(1, se_image_unpack(f, g, &img, 1));
	assert_int_equal(0x001d0102, verify(f, g));
	/* the missing page may still come */
	assert_int_equal(1, se_image_unpack(f, g, &img, 2));
	assert_int_equal(1, verify(f, g));
	fx_destroy(f);
}

static void test_wrong_order(void **state)
{
	struct fx_guest *g;
	struct fixture *f = setup(&g, 2);

	(void)state;
	assert_int_equal(1, se_image_load_header(f, g, &img));
	assert_int_equal(1, se_image_unpack(f, g, &img, 1));
	assert_int_equal(1, se_image_unpack(f, g, &img, 0));
	assert_int_equal(0x001b0102, verify(f, g));
	fx_destroy(f);
}

/* One digest at a time is wrong in the header. */
static void test_wrong_digests(void **state)
{
	const struct {
		uint8_t *digest;
		uint32_t answer;
	} wrong[] = {{img.pld, 0x001b0102}, {img.ald, 0x001a0102}, {img.tld, 0x001c0102}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct fx_guest *g;
		struct fixture *f = setup(&g, 2);

		wrong[i].digest[0] ^= 0x80;
		se_image_seal(&img);
		assert_int_equal(1, se_image_load_header(f, g, &img));
		assert_int_equal(1, se_image_unpack(f, g, &img, 0));
		assert_int_equal(1, se_image_unpack(f, g, &img, 1));
		assert_int_equal(wrong[i].answer, verify(f, g));
		fx_destroy(f);
	}
}

static void test_tampered_page(void **state)
{
	struct fx_guest *g;
	struct fixture *f = setup(&g, 2);

	(void)state;
	img.data[1][4095] ^= 1;
	assert_int_equal(1, se_image_load_header(f, g, &img));
	assert_int_equal(1, se_image_unpack(f, g, &img, 0));
	assert_int_equal(1, se_image_unpack(f, g, &img, 1));
	assert_int_equal(0x001b0102, verify(f, g));
	fx_destroy(f);
}

/* Main storage that does not begin at 0: image addresses are the guest's own, all the same. */
static void test_storage_origin(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct uv_cb_cgc u = fx_guest_prepare(f, 0, 1);
	struct fx_guest *g = &f->guest[0];

	(void)state;
	g->mso = 0x40000000;
	u.guest_stor_origin = be64_make(g->mso);
	fx_expect(f, &u, UVC_RC_EXECUTED, 0);
	g->handle = be64_get(u.guest_handle);
	se_image_make(&img, 2, 0x15000, 0xe0);
	se_image_start(f, g, &img);
	assert_plain(f, g);
	fx_destroy(f);
}

/* No memory for digests and cipher: nothing is kept, the header may come again. */
static bool no_memory(enum inject_point point, uint32_t detail, uint64_t subject,
		      struct inject_outcome *outcome)
{
	(void)detail;
	(void)subject;
	(void)outcome;
	return point == INJECT_ALLOC;
}

static void test_no_memory(void **state)
{
	struct fx_guest *g;
	struct fixture *f = setup(&g, 1);
	const struct uv_conf_base *base = storage_ptr(f->st, g->base, sizeof(*base));
	static const struct uv_image nothing;
	abs_t copy = storage_alloc(f->st, PAGE_SIZE, PAGE_SIZE, ALLOC_PAGE);
	uint16_t rc;

	(void)state;
	memcpy(storage_ptr(f->st, copy, PAGE_SIZE), img.header, PAGE_SIZE);
	atomic_store(&inject_hook, no_memory);
	rc = load_at(f, g, copy, (uint32_t)img.len);
	atomic_store(&inject_hook, NULL);
	assert_int_equal(0x10e, rc);
	assert_memory_equal(&nothing, &base->image, sizeof(nothing));
	assert_int_equal(1, load_at(f, g, copy, (uint32_t)img.len));
	storage_free(f->st, copy);
	fx_destroy(f);
}

/* Keys lie in the donated storage while they are needed, and not longer. */
static void test_keys_are_wiped(void **state)
{
	struct fx_guest *g;
	struct fixture *f = setup(&g, 1);
	const struct uv_conf_base *base = storage_ptr(f->st, g->base, sizeof(*base));
	static const uint8_t zero[SE_XTS_KEY_LEN];

	(void)state;
	img.header[img.len - 1] ^= 1;
	assert_int_equal(0x107, se_image_load_header(f, g, &img));
	assert_memory_equal(zero, base->image.xts, sizeof(zero));
	img.header[img.len - 1] ^= 1;
	assert_int_equal(1, se_image_load_header(f, g, &img));
	assert_memory_equal(img.area.xts, base->image.xts, sizeof(zero));
	assert_int_equal(1, se_image_unpack(f, g, &img, 0));
	assert_int_equal(1, verify(f, g));
	assert_memory_equal(zero, base->image.xts, sizeof(zero));
	assert_memory_equal(img.area.cck, base->image.cck, SE_KEY_LEN);
	assert_int_equal(1, fx_nodata(f, UVC_CMD_DESTROY_SEC_CONF, g->handle));
	g->handle = 0;
	assert_memory_equal(zero, base->image.cck, SE_KEY_LEN);
	fx_destroy(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vector),
		cmocka_unit_test(test_not_encrypted),
		cmocka_unit_test(test_wrong_states),
		cmocka_unit_test(test_header_access),
		cmocka_unit_test(test_header_refused),
		cmocka_unit_test(test_unpack_refused),
		cmocka_unit_test(test_unpack_frame_of_another),
		cmocka_unit_test(test_wrong_count),
		cmocka_unit_test(test_wrong_order),
		cmocka_unit_test(test_wrong_digests),
		cmocka_unit_test(test_tampered_page),
		cmocka_unit_test(test_storage_origin),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_keys_are_wiped),
	};

	return cmocka_run_group_tests_name("uv-image", tests, NULL, NULL);
}
