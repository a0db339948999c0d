/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all calls have in common: order of checks, queries, injection, trace, cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "crypto/se_format.h"
#include "storage/inject.h"
#include "tests/unit/uv/fixture.h"
#include "tests/unit/uv/se_image.h"
#include "uv/call.h"
#include "uv/state.h"

#define BIT(n) (1UL << (63 - (n)))

/* Every command of the public interface, with its length. */
static const struct {
	uint16_t cmd;
	uint16_t len;
} host_commands[] = {
	{UVC_CMD_QUERY_KEYS, 0x200},      {UVC_CMD_CREATE_SEC_CONF, 0x80},
	{UVC_CMD_DESTROY_SEC_CONF, 0x40}, {UVC_CMD_DESTROY_SEC_CONF_FAST, 0x48},
	{UVC_CMD_CREATE_SEC_CPU, 0x60},   {UVC_CMD_DESTROY_SEC_CPU, 0x40},
	{UVC_CMD_CONV_TO_SEC_STOR, 0x28}, {UVC_CMD_CONV_FROM_SEC_STOR, 0x20},
	{UVC_CMD_DESTR_SEC_STOR, 0x20},   {UVC_CMD_SET_SEC_CONF_PARAMS, 0x50},
	{UVC_CMD_UNPACK_IMG, 0x50},       {UVC_CMD_VERIFY_IMG, 0x40},
	{UVC_CMD_CPU_RESET, 0x40},        {UVC_CMD_CPU_RESET_INITIAL, 0x40},
	{UVC_CMD_PREPARE_RESET, 0x40},    {UVC_CMD_CPU_RESET_CLEAR, 0x40},
	{UVC_CMD_CPU_SET_STATE, 0x50},    {UVC_CMD_SET_UNSHARE_ALL, 0x40},
	{UVC_CMD_PIN_PAGE_SHARED, 0x20},  {UVC_CMD_UNPIN_PAGE_SHARED, 0x28},
	{UVC_CMD_DUMP_INIT, 0x40},        {UVC_CMD_DUMP_CONF_STOR_STATE, 0x50},
	{UVC_CMD_DUMP_CPU, 0x50},         {UVC_CMD_DUMP_COMPLETE, 0x50},
};

static const uint16_t unknown_commands[] = {
	0x0000,
	0x0003,
	0x0103,
	0x0203,
	0xffff,
	0x0404,
	UVC_CMD_SET_SHARED_ACCESS,
	UVC_CMD_REMOVE_SHARED_ACCESS,
	UVC_CMD_RETR_ATTEST,
	UVC_CMD_ADD_SECRET,
	UVC_CMD_LIST_SECRETS,
	UVC_CMD_LOCK_SECRETS,
	UVC_CMD_RETR_SECRET,
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A call of the public interface that this machine's model lacks is as unknown as the others. */
static bool installed(const struct fixture *f, uint16_t cmd)
{
	switch (cmd) {
	case UVC_CMD_DESTROY_SEC_CONF_FAST:
		return uv_has(f->uv, UV_FEATURE_DESTROY_FAST);
	case UVC_CMD_QUERY_KEYS:
		return uv_has(f->uv, UV_FEATURE_QUERY_KEYS);
	}
	return true;
}

/* A block of 512 bytes with a command and a length; the rest is ones. */
static uint16_t call_raw(struct fixture *f, uint16_t cmd, uint16_t len)
{
	union uv_block u;
	union uv_block before;
	enum uv_cc cc;

	memset(&u, 0xff, sizeof(u));
	u.header.cmd = be16_make(cmd);
	u.header.len = be16_make(len);
	before = u;
	cc = fx_uvc(f, &u);
	assert_int_equal(cc, fx_rc(&u) != UVC_RC_EXECUTED);
	if (fx_rc(&u) != UVC_RC_EXECUTED)
		assert_memory_equal(&u.bytes[8], &before.bytes[8], sizeof(u) - 8);
	return fx_rc(&u);
}

static void expect_raw(struct fixture *f, uint16_t rc, uint16_t cmd, uint16_t len)
{
	assert_int_equal(installed(f, cmd) ? rc : UVC_RC_INV_CMD, call_raw(f, cmd, len));
}

static void test_order_of_common_checks(void **state)
{
	struct fixture *f = fx_power_on(NULL);

	(void)state;
	/* unknown before uninitialised before length */
	for (size_t i = 0; i < COUNT(unknown_commands); i++)
		assert_int_equal(UVC_RC_INV_CMD, call_raw(f, unknown_commands[i], 4));
	for (size_t i = 0; i < COUNT(host_commands); i++) {
		expect_raw(f, UVC_RC_INV_STATE, host_commands[i].cmd, 4);
		expect_raw(f, UVC_RC_INV_STATE, host_commands[i].cmd, host_commands[i].len);
	}
	assert_int_equal(UVC_RC_INV_LEN, call_raw(f, UVC_CMD_INIT_UV, 0x40));
	fx_destroy(f);
}

static void test_lengths(void **state)
{
	struct fixture *f = fx_create(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(unknown_commands); i++)
		assert_int_equal(UVC_RC_INV_CMD, call_raw(f, unknown_commands[i], 4));
	for (size_t i = 0; i < COUNT(host_commands); i++) {
		uint16_t len = host_commands[i].len;

		expect_raw(f, UVC_RC_INV_LEN, host_commands[i].cmd, len - 8);
		expect_raw(f, UVC_RC_INV_LEN, host_commands[i].cmd, len + 8);
		expect_raw(f, UVC_RC_INV_LEN, host_commands[i].cmd, 0);
	}
	fx_destroy(f);
}

/* A block that is shorter than it says: nothing behind its end is touched. */
static void test_short_buffer(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct uv_cb_header *u = calloc(1, sizeof(*u));

	(void)state;
	u->len = be16_make(sizeof(struct uv_cb_nodata));
	u->cmd = be16_make(UVC_CMD_VERIFY_IMG);
	assert_int_equal(UV_CC_ERROR, uv_call(f->uv, u, sizeof(*u)));
	assert_int_equal(UVC_RC_INV_LEN, fx_rc(u));
	free(u);
	fx_destroy(f);
}

static void test_handles_before_all_else(void **state)
{
	struct fixture *f = fx_create(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(host_commands); i++) {
		uint16_t rc = call_raw(f, host_commands[i].cmd, host_commands[i].len);

		if (!installed(f, host_commands[i].cmd)) {
			assert_int_equal(UVC_RC_INV_CMD, rc);
			continue;
		}
		switch (host_commands[i].cmd) {
		case UVC_CMD_DESTROY_SEC_CPU:
		case UVC_CMD_CPU_RESET:
		case UVC_CMD_CPU_RESET_INITIAL:
		case UVC_CMD_CPU_RESET_CLEAR:
		case UVC_CMD_CPU_SET_STATE:
		case UVC_CMD_DUMP_CPU:
			assert_int_equal(UVC_RC_INV_CHANDLE, rc);
			break;
		case UVC_CMD_QUERY_KEYS:
			assert_int_equal(UVC_RC_EXECUTED, rc);
			break;
		case UVC_CMD_CREATE_SEC_CONF:
		case UVC_CMD_CONV_FROM_SEC_STOR:
		case UVC_CMD_DESTR_SEC_STOR:
		case UVC_CMD_PIN_PAGE_SHARED:
			assert_int_equal(0x101, rc);
			break;
		default:
			assert_int_equal(UVC_RC_INV_GHANDLE, rc);
		}
	}
	fx_destroy(f);
}

/* ---- queries ---- */

static void test_query_lengths(void **state)
{
	static const struct {
		uint16_t len;
		uint16_t rc;
	} query[] = {
		{0x08, UVC_RC_INV_LEN},    {0xa0, UVC_RC_INV_LEN},   {0xa8, UVC_RC_MORE_DATA},
		{0x100, UVC_RC_MORE_DATA}, {0x120, UVC_RC_EXECUTED}, {0x200, UVC_RC_EXECUTED},
	};
	struct fixture *f = fx_power_on(NULL);
	struct uv_cb_qui whole = FX_BLOCK(uv_cb_qui, UVC_CMD_QUI);

	(void)state;
	fx_expect(f, &whole, UVC_RC_EXECUTED, 0);
	for (size_t i = 0; i < COUNT(query); i++) {
		size_t stored = query[i].len < 0x120 ? query[i].len : 0x120;
		union uv_block u;

		memset(&u, 0xff, sizeof(u));
		u.header.len = be16_make(query[i].len);
		u.header.cmd = be16_make(UVC_CMD_QUI);
		fx_expect(f, &u, query[i].rc, 0);
		if (query[i].rc == UVC_RC_INV_LEN)
			stored = 8;
		assert_memory_equal(&u.bytes[8], (uint8_t *)&whole + 8, stored - 8);
		for (size_t at = stored; at < sizeof(u); at++)
			assert_int_equal(0xff, u.bytes[at]);
	}
	fx_destroy(f);
}

static void test_query_host(void **state)
{
	struct fixture *f = fx_power_on("z17");
	struct uv_cb_qui u = FX_BLOCK(uv_cb_qui, UVC_CMD_QUI);

	(void)state;
	fx_expect(f, &u, UVC_RC_EXECUTED, 0);
	assert_int_equal(BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7) |
				 BIT(11) | BIT(13) | BIT(14) | BIT(15) | BIT(16) | BIT(17) |
				 BIT(18) | BIT(19) | BIT(20) | BIT(21) | BIT(22) | BIT(23) |
				 BIT(24) | BIT(25) | BIT(26) | BIT(27) | BIT(34),
			 be64_get(u.inst_calls_list[0]));
	for (size_t i = 1; i < 4; i++)
		assert_int_equal(0, be64_get(u.inst_calls_list[i]));
	assert_int_equal(0x200000, be64_get(u.uv_base_stor_len));
	assert_int_equal(0x4000, be64_get(u.conf_base_phys_stor_len));
	assert_int_equal(0x1000, be64_get(u.conf_base_virt_stor_len));
	assert_int_equal(0x2000, be64_get(u.conf_virt_var_stor_len));
	assert_int_equal(0x1000, be64_get(u.cpu_stor_len));
	assert_int_equal(64, be32_get(u.max_num_sec_conf));
	assert_int_equal(1UL << 40, be64_get(u.max_guest_stor_addr));
	assert_int_equal(247, be16_get(u.max_guest_cpu_id));
	assert_int_equal(BIT(0), be64_get(u.uv_feature_indications));
	assert_int_equal(BIT(0), be64_get(u.supp_se_hdr_versions));
	assert_int_equal(0x300000f2, be64_get(u.supp_se_hdr_pcf));
	assert_int_equal(0x1000, be64_get(u.conf_dump_storage_state_len));
	assert_int_equal(0x1000, be64_get(u.conf_dump_finalize_len));
	assert_int_equal(0, be64_get(u.supp_att_req_hdr_ver));
	fx_destroy(f);
}

static void test_models(void **state)
{
	static const struct {
		const char *name;
		uint64_t calls;
		uint64_t features;
		uint64_t own_calls; /* bits 192 to 255 */
	} model[] = {
		{"z15", 0, 0, 0},
		{"z16", BIT(23), BIT(0), 0},
		{"z17", BIT(23) | BIT(34), BIT(0), 0},
		{"proposal", BIT(23) | BIT(34), BIT(0), BIT(63)},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(model); i++) {
		struct fixture *f = fx_create(model[i].name);
		struct uv_cb_qui u = FX_BLOCK(uv_cb_qui, UVC_CMD_QUI);

		assert_string_equal(model[i].name, uv_model(f->uv)->name);
		fx_expect(f, &u, UVC_RC_EXECUTED, 0);
		assert_int_equal(model[i].calls,
				 be64_get(u.inst_calls_list[0]) & (BIT(23) | BIT(34)));
		/* a dump is possible on each */
		assert_int_equal(BIT(24) | BIT(25) | BIT(26) | BIT(27),
				 be64_get(u.inst_calls_list[0]) &
					 (BIT(24) | BIT(25) | BIT(26) | BIT(27)));
		assert_int_equal(model[i].features, be64_get(u.uv_feature_indications));
		assert_int_equal(model[i].own_calls, be64_get(u.inst_calls_list[3]));
		assert_int_equal(model[i].own_calls ? UVC_RC_INV_GHANDLE : UVC_RC_INV_CMD,
				 call_raw(f, UVC_CMD_CONDEMN_SEC_CONF, 0x40));
		assert_int_equal(model[i].calls & BIT(23) ? UVC_RC_INV_GHANDLE : UVC_RC_INV_CMD,
				 call_raw(f, UVC_CMD_DESTROY_SEC_CONF_FAST, 0x48));
		assert_int_equal(model[i].calls & BIT(34) ? UVC_RC_EXECUTED : UVC_RC_INV_CMD,
				 call_raw(f, UVC_CMD_QUERY_KEYS, 0x200));
		fx_destroy(f);
	}
	assert_string_equal("z17", uv_model_find(NULL)->name);
	assert_null(uv_model_find("z14"));
}

static void test_query_keys(void **state)
{
	static const uint8_t phkh[4] = {0xa2, 0x1a, 0x7c, 0x62};
	static const uint8_t zero[448];
	struct fixture *f = fx_create(NULL);
	struct uv_cb_query_keys u = FX_BLOCK(uv_cb_query_keys, UVC_CMD_QUERY_KEYS);

	(void)state;
	memset(u.key_hashes, 0xff, sizeof(u.key_hashes));
	if (!installed(f, UVC_CMD_QUERY_KEYS)) {
		fx_expect(f, &u, UVC_RC_INV_CMD, 0);
		fx_destroy(f);
		return;
	}
	fx_expect(f, &u, UVC_RC_EXECUTED, 0);
	assert_memory_equal(phkh, u.key_hashes, 4);
	assert_memory_equal(zero, u.key_hashes + 32, sizeof(zero));
	fx_destroy(f);
}

/* ---- the guest's side ---- */

static void test_guest_context(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	struct uv_cb_qui u = FX_BLOCK(uv_cb_qui, UVC_CMD_QUI);
	static struct se_image img;
	struct fx_cpu host_cpu;
	struct uv_cpu *cpu;
	gpa_t fault;

	(void)state;
	se_image_make(&img, 1, 0x10000, 0xe0);
	se_image_start(f, g, &img);
	fx_cpu_create(f, g, &host_cpu, 0);
	assert_int_equal(1, fx_set_state(f, &host_cpu, PV_CPU_STATE_OPR));
	assert_int_equal(0, uv_sie_enter(f->uv, g->asce, host_cpu.scb, &cpu));
	assert_int_equal(UV_CC_OK, uv_call_guest(cpu, &u, sizeof(u), &fault));
	assert_int_equal(BIT(0) | BIT(8) | BIT(9) |
				 (installed(f, UVC_CMD_QUERY_KEYS) ? BIT(34) : 0),
			 be64_get(u.inst_calls_list[0]));
	assert_int_equal(0, be64_get(u.uv_base_stor_len));
	assert_int_equal(0, be64_get(u.conf_base_phys_stor_len));
	assert_int_equal(0, be64_get(u.conf_base_virt_stor_len));
	assert_int_equal(0, be64_get(u.conf_virt_var_stor_len));
	assert_int_equal(0, be64_get(u.cpu_stor_len));
	assert_int_equal(0, be32_get(u.max_num_sec_conf));
	assert_int_equal(0, be64_get(u.max_guest_stor_addr));
	assert_int_equal(0, be16_get(u.max_guest_cpu_id));
	assert_int_equal(0, be64_get(u.conf_dump_storage_state_len));
	assert_int_equal(0, be64_get(u.conf_dump_finalize_len));
	for (size_t i = 1; i < COUNT(host_commands); i++) { /* QUERY_KEYS is for guests, too */
		union uv_block b = {.header = {.len = be16_make(4)}};

		b.header.cmd = be16_make(host_commands[i].cmd);
		assert_int_equal(UV_CC_ERROR, uv_call_guest(cpu, &b, sizeof(b), &fault));
		assert_int_equal(UVC_RC_INV_CMD, fx_rc(&b));
	}
	uv_sie_leave(cpu);
	fx_cpu_destroy(f, &host_cpu);
	fx_destroy(f);
}

/* ---- injection ---- */

static struct {
	uint32_t cmd;
	uint64_t subject;
	int left;
	struct inject_outcome outcome;
} rule;

static bool hook(enum inject_point point, uint32_t detail, uint64_t subject,
		 struct inject_outcome *outcome)
{
	if (point != INJECT_UVC || detail != rule.cmd || !rule.left)
		return false;
	if (rule.subject && subject != rule.subject)
		return false;
	rule.left--;
	*outcome = rule.outcome;
	return true;
}

static void set_rule(uint32_t cmd, uint64_t subject, int left, struct inject_outcome outcome)
{
	rule.cmd = cmd;
	rule.subject = subject;
	rule.left = left;
	rule.outcome = outcome;
	atomic_store(&inject_hook, hook);
}

static int drop_hook(void **state)
{
	(void)state;
	atomic_store(&inject_hook, NULL);
	return 0;
}

static void test_injected_answer(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	struct uv_stats stats;

	(void)state;
	set_rule(UVC_CMD_DESTROY_SEC_CONF, g->handle, 1,
		 (struct inject_outcome){UV_CC_ERROR, false, 0x10f, 0x42, 0});
	assert_int_equal(0x0042010f, fx_nodata(f, UVC_CMD_DESTROY_SEC_CONF, g->handle));
	uv_get_stats(f->uv, &stats);
	assert_int_equal(1, stats.configs);
	/* performed, but the answer is another: the configuration is gone */
	set_rule(UVC_CMD_DESTROY_SEC_CONF, g->handle, 1,
		 (struct inject_outcome){UV_CC_ERROR, true, 0x10f, 0, 0});
	assert_int_equal(0x10f, fx_nodata(f, UVC_CMD_DESTROY_SEC_CONF, g->handle));
	assert_int_equal(UVC_RC_INV_GHANDLE, fx_nodata(f, UVC_CMD_DESTROY_SEC_CONF, g->handle));
	g->handle = 0;
	fx_destroy(f);
}

static void test_injected_need_destroy(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct uv_cb_cgc u = fx_guest_prepare(f, 0, 1);

	(void)state;
	set_rule(UVC_CMD_CREATE_SEC_CONF, 0, 1,
		 (struct inject_outcome){UV_CC_ERROR, true, UVC_RC_NEED_DESTROY | 0x10d, 7, 0});
	fx_expect(f, &u, UVC_RC_NEED_DESTROY | 0x10d, 7);
	assert_int_not_equal(0, be64_get(u.guest_handle));
	assert_int_equal(UVC_RC_EXECUTED,
			 fx_nodata(f, UVC_CMD_DESTROY_SEC_CONF, be64_get(u.guest_handle)));
	fx_destroy(f);
}

/* A CPU's call is found by its configuration; busy and partly done are possible answers. */
static void test_injected_busy(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	struct uv_cb_nodata u = FX_BLOCK(uv_cb_nodata, UVC_CMD_CPU_RESET);
	struct fx_cpu cpu;

	(void)state;
	fx_cpu_create(f, g, &cpu, 0);
	u.handle = be64_make(cpu.handle);
	set_rule(UVC_CMD_CPU_RESET, g->handle, 1, (struct inject_outcome){UV_CC_BUSY, 0, 3, 0, 0});
	assert_int_equal(UV_CC_BUSY, fx_uvc(f, &u));
	rule.left = 1;
	rule.outcome.cc = UV_CC_PARTIAL;
	assert_int_equal(UV_CC_PARTIAL, fx_uvc(f, &u));
	assert_int_equal(UV_CC_OK, fx_uvc(f, &u));
	rule.left = 1;
	rule.subject = g->handle + 1;
	assert_int_equal(UV_CC_OK, fx_uvc(f, &u));
	fx_cpu_destroy(f, &cpu);
	fx_destroy(f);
}

/* ---- trace, statistics, cost ---- */

/* Take the durations out of a trace: they differ each time. */
static void without_durations(char *text)
{
	char *to = text;

	for (const char *from = text; *from;) {
		if (!strncmp(from, " us ", 4))
			from += strcspn(from, "\n");
		*to++ = *from++;
	}
	*to = '\0';
}

static void test_trace_and_stats(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	struct uv_stats before, after;
	char expected[256];
	size_t len;
	char *text;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	uv_get_stats(f->uv, &before);
	assert_int_equal(0x101, fx_nodata(f, UVC_CMD_VERIFY_IMG, g->handle));
	assert_int_equal(UVC_RC_INV_CMD, call_raw(f, 0x0999, 8));
	assert_int_equal(1, fx_import(f, g, 0x3000));
	uv_get_stats(f->uv, &after);
	assert_int_equal(before.calls + 3, after.calls);
	assert_int_equal(before.calls_failed + 2, after.calls_failed);
	assert_int_equal(1, after.configs);
	assert_int_equal(0, after.cpus);
	uv_dump_trace(f->uv, out);
	fclose(out);
	without_durations(text);
	snprintf(expected, sizeof(expected),
		 "2 host VERIFY_IMG 0302 handle %016lx cc 1 rc 0101 rrc 0000\n"
		 "3 host unknown 0999 cc 1 rc 0002 rrc 0000\n"
		 "4 host CONV_TO_SEC_STOR 0200 handle %016lx addr 3000 cc 0 rc 0001 rrc 0000\n",
		 g->handle, g->handle);
	assert_non_null(strstr(text, expected));
	free(text);
	fx_destroy(f);
}

/*
 * Whatever stands in a block, only what its row calls a handle or an address is in the trace: no
 * tweak, no part of a header, no key.
 */
static void test_trace_has_no_content(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	size_t len;
	char *text;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	for (size_t i = 0; i < uv_nr_commands; i++) {
		const struct uv_command *row = &uv_commands[i];
		const be64_t handle = be64_make(g->handle), addr = be64_make(0x3000);
		union uv_block u;

		if (row->ends)
			continue; /* the fixture ends it */
		memset(&u, 0xa5, sizeof(u));
		u.header.cmd = be16_make(row->cmd);
		u.header.len = be16_make(row->len);
		if (row->handle_at)
			memcpy(&u.bytes[row->handle_at], &handle, sizeof(handle));
		if (row->addr_at)
			memcpy(&u.bytes[row->addr_at], &addr, sizeof(addr));
		fx_uvc(f, &u);
	}
	uv_dump_trace(f->uv, out);
	fclose(out);
	assert_non_null(strstr(text, "UNPACK_IMG"));
	assert_non_null(strstr(text, "SET_SEC_CONF_PARAMS"));
	/* shorter, and a random handle would have it now and then */
	assert_null(strstr(text, "a5a5a5"));
	assert_null(strstr(text, "\xa5"));
	free(text);
	fx_destroy(f);
}

static void test_trace_keeps_the_last(void **state)
{
	struct fixture *f = fx_create(NULL);
	size_t len, lines = 0;
	char first[64];
	char *text;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	for (unsigned int i = 0; i < UV_TRACE_LEN + 9; i++)
		assert_int_equal(UVC_RC_INV_CMD, call_raw(f, 0x0999, 8));
	uv_dump_trace(f->uv, out);
	fclose(out);
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(UV_TRACE_LEN, lines);
	snprintf(first, sizeof(first), "%u host unknown", 10); /* INIT_UV was number 0 */
	assert_memory_equal(first, text, strlen(first));
	free(text);
	fx_destroy(f);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000UL + (uint64_t)ts.tv_nsec;
}

static void test_cost(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	uint64_t start = now_ns();

	(void)state;
	uv_set_cost(f->uv, &(struct uv_cost){.page_ns = 2000000, .call_ns = 500});
	for (gpa_t gpa = 0; gpa < 5 * PAGE_SIZE; gpa += PAGE_SIZE)
		assert_int_equal(1, fx_import(f, g, gpa));
	/* the credit for oversleeping is at most 1 ms */
	assert_true(now_ns() - start >= 9000000);
	start = now_ns();
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(0x101, fx_nodata(f, UVC_CMD_VERIFY_IMG, g->handle));
	uv_set_cost(f->uv, &(struct uv_cost){0});
	fx_destroy(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_of_common_checks),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_short_buffer),
		cmocka_unit_test(test_handles_before_all_else),
		cmocka_unit_test(test_query_lengths),
		cmocka_unit_test(test_query_host),
		cmocka_unit_test(test_models),
		cmocka_unit_test(test_query_keys),
		cmocka_unit_test(test_guest_context),
		cmocka_unit_test_teardown(test_injected_answer, drop_hook),
		cmocka_unit_test_teardown(test_injected_need_destroy, drop_hook),
		cmocka_unit_test_teardown(test_injected_busy, drop_hook),
		cmocka_unit_test(test_trace_and_stats),
		cmocka_unit_test(test_trace_has_no_content),
		cmocka_unit_test(test_trace_keeps_the_last),
		cmocka_unit_test(test_cost),
	};

	return cmocka_run_group_tests_name("uv-call", tests, NULL, NULL);
}
