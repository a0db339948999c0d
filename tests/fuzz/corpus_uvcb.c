/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lives of guests as Ultravisor calls, for the harness uvcb. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/make_corpus.h"
#include "tests/fuzz/uvcb.h"
#include "tests/unit/uv/se_image.h"

/* A field: doubleword of the block, and the term that fills it */
struct field {
	uint8_t dword;
	uint8_t tag;
	uint8_t extra_len;
	uint64_t extra;
};

#define TAG(kind, n)       ((uint8_t)((kind) | (n) << 3))
#define DWORD(at)          ((uint8_t)(((at)-0x18) / 8))
#define HANDLE(at, n)      {DWORD(at), TAG(TERM_HANDLE, n), 0, 0}
#define AREA(at, n)        {DWORD(at), TAG(TERM_AREA, n), 0, 0}
#define PAGE(at, n)        {DWORD(at), TAG(TERM_PAGE, n), 0, 0}
#define FRAME(at, g, page) {DWORD(at), TAG(TERM_FRAME, (g) << 4), 1, page}
#define SMALL(at, v)       {DWORD(at), TAG(TERM_SMALL, 0), 2, v}
#define RAW(at, v)         {DWORD(at), TAG(TERM_RAW, 0), 8, v}
#define CONSTANT(at, g, n) {DWORD(at), TAG(TERM_CONSTANT, (g) << 2 | (n)), 0, 0}
#define HEADER(at)         {DWORD(at), TAG(TERM_HEADER, 0), 0, 0}

static uint8_t place_of(uint16_t cmd)
{
	uint8_t place = 0;

	while (fuzz_commands[place] != cmd)
		fuzz_must(++place < FUZZ_COMMANDS);
	return place;
}

static void put_call(uint16_t cmd, const struct field *fields, size_t n)
{
	put_number(place_of(cmd), 1);
	put_number(n, 1);
	for (size_t i = 0; i < n; i++) {
		put_number(fields[i].dword, 1);
		put_number(fields[i].tag, 1);
		put_number(fields[i].extra, fields[i].extra_len);
	}
}

#define CALL(cmd, ...)                                                                             \
	put_call((cmd), (const struct field[]){__VA_ARGS__},                                       \
		 sizeof((const struct field[]){__VA_ARGS__}) / sizeof(struct field))

static void create(uint8_t guest, uint8_t area)
{
	CALL(UVC_CMD_CREATE_SEC_CONF, AREA(0x20, area), AREA(0x28, area + 1),
	     CONSTANT(0x40, guest, 2), CONSTANT(0x48, guest, 1), CONSTANT(0x50, guest, 0));
}

static void create_cpu(uint8_t config, uint8_t area, uint8_t num)
{
	CALL(UVC_CMD_CREATE_SEC_CPU, HANDLE(0x20, config), AREA(0x28, area), SMALL(0x30, num),
	     AREA(0x38, area + 1));
}

static void load(uint8_t guest, uint8_t config)
{
	CALL(UVC_CMD_SET_SEC_CONF_PARAMS, HANDLE(0x18, config), HEADER(0x20), CONSTANT(0x28, 0, 3));
	put_number(STEP_LOAD, 1);
	put_number(guest, 1);
	for (uint8_t n = 0; n < 2; n++)
		CALL(UVC_CMD_UNPACK_IMG, HANDLE(0x18, config), PAGE(0x20, 0x15 + n),
		     RAW(0x28, SE_IMAGE_PREFIX), SMALL(0x30, (uint64_t)n << 12));
	CALL(UVC_CMD_VERIFY_IMG, HANDLE(0x18, config));
}

static void start_cpu(uint8_t cpu)
{
	CALL(UVC_CMD_CPU_SET_STATE, HANDLE(0x18, cpu), SMALL(0x20, PV_CPU_STATE_OPR));
}

static void enter(uint8_t guest, uint8_t config, uint8_t cpu)
{
	put_number(STEP_ENTER, 1);
	put_number(guest, 1);
	put_number(3, 1);
	put_number(TAG(TERM_HANDLE, config), 1);
	put_number(TAG(TERM_HANDLE, cpu), 1);
	put_number(TAG(TERM_AREA, 11), 1);
	for (uint8_t i = 0; i < 3; i++) {
		put_number(i / 2, 1);
		put_number(TAG(TERM_PAGE, 0x15 + i % 2), 1);
	}
}

static void pages(uint8_t guest, uint8_t config)
{
	CALL(UVC_CMD_CONV_TO_SEC_STOR, HANDLE(0x18, config), PAGE(0x20, 1));
	CALL(UVC_CMD_CONV_FROM_SEC_STOR, FRAME(0x18, guest, 1));
	CALL(UVC_CMD_CONV_TO_SEC_STOR, HANDLE(0x18, config), PAGE(0x20, 1));
	CALL(UVC_CMD_PIN_PAGE_SHARED, FRAME(0x18, guest, 0x16));
	CALL(UVC_CMD_UNPIN_PAGE_SHARED, HANDLE(0x18, config), PAGE(0x20, 0x16));
	CALL(UVC_CMD_DESTR_SEC_STOR, FRAME(0x18, guest, 1));
}

static void reset(uint8_t config, uint8_t cpu)
{
	static const uint16_t resets[] = {
		UVC_CMD_CPU_RESET,
		UVC_CMD_CPU_RESET_INITIAL,
		UVC_CMD_CPU_RESET_CLEAR,
	};

	CALL(UVC_CMD_CPU_SET_STATE, HANDLE(0x18, cpu), SMALL(0x20, PV_CPU_STATE_STP));
	for (size_t i = 0; i < 3; i++)
		CALL(resets[i], HANDLE(0x18, cpu));
	CALL(UVC_CMD_PREPARE_RESET, HANDLE(0x18, config));
	CALL(UVC_CMD_SET_UNSHARE_ALL, HANDLE(0x18, config));
}

static void put_life(uint8_t model)
{
	put_number(model, 1);
	create(0, 0);
	create_cpu(0, 2, 0);
	load(0, 0);
	start_cpu(1);
	enter(0, 0, 1);
	pages(0, 0);
	reset(0, 1);
	CALL(UVC_CMD_DESTROY_SEC_CPU, HANDLE(0x18, 1));
}

static void put_dump(uint8_t guest, uint8_t config, uint8_t cpu)
{
	CALL(UVC_CMD_DUMP_INIT, HANDLE(0x18, config));
	CALL(UVC_CMD_DUMP_CPU, HANDLE(0x18, cpu), AREA(0x20, 8));
	CALL(UVC_CMD_DUMP_CONF_STOR_STATE, HANDLE(0x18, config), AREA(0x20, 8), PAGE(0x28, 0));
	CALL(UVC_CMD_CONV_FROM_SEC_STOR, FRAME(0x18, guest, 0x15));
	CALL(UVC_CMD_DUMP_CONF_STOR_STATE, HANDLE(0x18, config), AREA(0x20, 8), PAGE(0x28, 1));
	CALL(UVC_CMD_DUMP_COMPLETE, HANDLE(0x18, config), AREA(0x20, 0));
	CALL(UVC_CMD_DUMP_COMPLETE, HANDLE(0x18, config), AREA(0x20, 8));
}

void write_uvcb(void)
{
	put_number(0, 1);
	CALL(UVC_CMD_QUI, SMALL(0x18, 0));
	CALL(UVC_CMD_QUERY_KEYS, SMALL(0x18, 0));
	CALL(UVC_CMD_INIT_UV, AREA(0x18, 0), SMALL(0x20, 0x1000));
	save("uvcb", "queries");
	put_number(0, 1);
	for (unsigned int len = 0; len < 0x200; len += 0x18) {
		put_number(place_of(UVC_CMD_QUI), 1);
		put_number(0xf0, 1);
		put_number(len, 2);
		put_number(len / 2, 2);
	}
	save("uvcb", "lengths");
	put_life(1);
	CALL(UVC_CMD_DESTROY_SEC_CONF, HANDLE(0x18, 0));
	save("uvcb", "life");
	put_life(0);
	CALL(UVC_CMD_DESTROY_SEC_CONF_FAST, HANDLE(0x18, 0));
	create(0, 4);
	CALL(UVC_CMD_CONV_TO_SEC_STOR, HANDLE(0x18, 2), PAGE(0x20, 0x15));
	CALL(UVC_CMD_CONV_TO_SEC_STOR, HANDLE(0x18, 2), PAGE(0x20, 2));
	save("uvcb", "fast-destroy-and-next");
	put_life(3);
	CALL(UVC_CMD_CONDEMN_SEC_CONF, HANDLE(0x18, 0));
	CALL(UVC_CMD_CONV_TO_SEC_STOR, HANDLE(0x18, 0), PAGE(0x20, 2));
	CALL(UVC_CMD_DESTROY_SEC_CONF, HANDLE(0x18, 0));
	create(0, 4);
	CALL(UVC_CMD_CONV_TO_SEC_STOR, HANDLE(0x18, 2), PAGE(0x20, 0x15));
	put_hex("fe 16 00");
	save("uvcb", "condemn-and-next");
	put_life(2);
	create(1, 4);
	CALL(UVC_CMD_CONV_TO_SEC_STOR, HANDLE(0x18, 2), PAGE(0x20, 3));
	put_hex("ff 00 01 00"); /* STEP_DESTROY_RANGE of handle 0 */
	put_hex("fe 15 00 fd 03 00 00");
	CALL(UVC_CMD_CONV_TO_SEC_STOR, HANDLE(0x18, 2), PAGE(0x20, 3));
	save("uvcb", "two-guests");
	put_number(2, 1);
	create(0, 0);
	create_cpu(0, 2, 0);
	load(0, 0);
	start_cpu(1);
	put_dump(0, 0, 1);
	enter(0, 0, 1);
	CALL(UVC_CMD_DUMP_INIT, HANDLE(0x18, 0));
	CALL(UVC_CMD_DESTROY_SEC_CPU, HANDLE(0x18, 1));
	CALL(UVC_CMD_DESTROY_SEC_CONF, HANDLE(0x18, 0));
	save("uvcb", "dump");
	put_number(0, 1);
	create(0, 0);
	put_hex("fc 0c 00 ff fc 2f 00 ff"); /* STEP_PATCH_HEADER: its size fields */
	load(0, 0);
	save("uvcb", "bad-header");
}
