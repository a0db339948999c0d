/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes the inputs that fuzzing begins with: make_corpus DIRECTORY
 *
 * They are scripted lives and real structures, in the encodings of the harnesses.
 * What is written is the same each time; a test compares it with the corpus in the
 * tree. Inputs of other names there are findings.
 */
#include <stdio.h>

#include "crypto/se_format.h"
#include "tests/fuzz/make_corpus.h"
#include "tests/unit/uv/se_image.h"

/* ---- SE headers and images ---- */

static struct se_image img;

static void write_header_in_clear(const char *name)
{
	put_number(1, 1);
	put(&img.fixed, sizeof(img.fixed));
	put_number(img.nks, 1);
	put(&img.area, sizeof(img.area));
	save("se_header", name);
}

static void write_header(const char *harness, const char *name)
{
	put_number(0, 1);
	put(img.header, img.len);
	save(harness, name);
}

static void write_headers(void)
{
	se_image_make(&img, 2, 0x15000, 0xe0);
	write_header("se_header", "one-slot");
	write_header_in_clear("clear-one-slot");
	write_header("se_image", "bare-header");
	img.nks = 3;
	se_image_seal(&img);
	write_header("se_header", "three-slots");
	write_header_in_clear("clear-three-slots");
	img.area.noi = be32_make(1);
	se_image_seal(&img);
	write_header_in_clear("clear-optional-items");
}

static void put_change(uint32_t at, uint64_t v, size_t bytes)
{
	put_number(at, 3);
	put_number(bytes, 1);
	put_number(v, bytes);
}

static void write_images(void)
{
	put_number(1, 1);
	save("se_image", "unchanged");
	put_number(1, 1);
	put_number(0xf00000 + 0x16000, 3);
	save("se_image", "cut");
	put_number(1, 1);
	put_change(0xc000, 0x786c6e676d496553, 8); /* the newer tool's magic, offsets follow */
	put_change(0xc008, 0, 8);
	put_change(0xc010, 0x01000000, 4);
	put_change(0xc014, 0x0040010000000000, 8);
	save("se_image", "metadata");
}

/* ---- IPL blocks ---- */

static void put_block(uint32_t components)
{
	struct pv_ipib block = {
		.len = be32_make(4096),
		.pbt = PV_IPIB_TYPE,
		.num_comp = be32_make(components),
		.pv_header_addr = be64_make(0x2000),
		.pv_header_len = be64_make(640),
	};

	put(&block, sizeof(block));
	for (uint32_t i = 0; i < components; i++) {
		struct pv_ipib_component c = {
			.tweak_prefix = be64_make((uint64_t)i << 48),
			.addr = be64_make(0x4000 + 0x2000UL * i),
			.len = be64_make(0x1800),
		};

		put(&c, sizeof(c));
	}
}

static void put_diag(uint8_t registers, uint16_t subcode, uint64_t address)
{
	put_number(registers, 1);
	put_number(subcode, 2);
	put_number(address >> 8, 2);
}

/* A protected guest sets the block and stores it; the registers are as the machine says. */
static void put_set_and_store(uint8_t registers)
{
	put_number(3 | 2 << 2, 1);
	put_diag(registers, 5, 0x1000);
	put_diag(registers, 6, 0x1000);
}

static void write_blocks(void)
{
	put_number(2 | 5 << 2, 1);
	put_diag(0x24, 8, 0x1000);
	put_diag(0x24, 9, 0x3000);
	put_diag(0x24, 10, 0);
	put_diag(0x24, 0, 0);
	put_diag(0x24, 5, 0x1000);
	put_block(4);
	save("ipib", "set-store-enter");
	put_set_and_store(0x24);
	put_block(1);
	save("ipib", "protected");
	/* An odd register number from the machine: the answer went behind the registers. */
	put_set_and_store(0xf4);
	save("ipib", "regression-last-register");
	put_number(2 | 1 << 2, 1);
	put_diag(0x24, 8, 0x1000);
	put_block(PV_IPIB_MAX_COMPONENTS);
	save("ipib", "full");
}

/* ---- guests ---- */

#define PSW_64 0x0000000180000000UL
#define CODE   0x2000U

static void put_psw(uint8_t flags, uint64_t mask, uint64_t addr)
{
	put_number(flags, 1);
	put_number(mask, 8);
	put_number(addr, 8);
}

static void put_register(uint8_t nr, uint64_t v)
{
	put_number(nr, 1);
	put_number(v, 8);
}

static void put_code(uint16_t at, const char *hex)
{
	size_t n = 0;

	for (const char *p = hex; *p; p++)
		n += *p != ' ';
	put_number(at, 2);
	put_number(n / 2, 1);
	put_hex(hex);
}

static void write_program(const char *name, uint8_t flags, const char *code)
{
	put_psw(flags, PSW_64, CODE);
	put_number(4, 1);
	put_register(2, 0x8000);
	put_register(3, 0xffe);
	put_register(8, 0x9ffc); /* operands cross the end of a page */
	put_register(9, 0xb000);
	put_code(CODE, code);
	save("guest", name);
}

static void write_guests(void)
{
	write_program("loop", 1, "a7190000 a72903e8 a71b0001 a727fffe 83120500");
	write_program("moves", 0, "d2ff8000 9000 0e28 d7ff8000 8000 a8280000 0e82 83120500");
	write_program("page-end", 2, "e31080000004 e31080000024 5010 8000 ba128000 eb12 8000 0014");
	write_program("execute", 1, "44009000 c6000000000e 83120500 07fe d2ff80009000");
	write_program("strings", 1, "b25500 28 b25d0028 b2a50028 b9930028 b2a60028 83120500");
	write_program("control", 1, "b7118000 eb118000 002f b2229000 b2210012 b24600 28 b2b28000");
	write_program("state", 1, "b2b08000 b2058000 b2088000 b2098000 b2118000 ae120000 b20a8000");
	write_program("floating", 1, "b3c10001 b31a0001 b30a0012 b3950012 6000 8000 b29c8000");
	write_program("self-modifying", 0, "92 00 2004 4400 2000 d2052000 8000 a7f4fff8");
	/* guests of guests: with everything interpreted, with all exceptions intercepted */
	write_program("nested", 0x75, "b2058000 b2540023 b9af0012 b2b08000 b2148000 e31090000024");
	write_program("nested-intercepted", 0x84, "b2540023 0000 e3109000 0004 b2b28000");
	/* DAT on, with a segment table that names itself */
	put_psw(1, PSW_64 | 0x0400000000000000, CODE);
	put_number(1, 1);
	put_register(33, 0x4000);
	put_code(0x4000, "0000000000005000 0000000000006000");
	put_code(0x5000, "0000000000002000 0000000000003000 0000000000002000");
	put_code(CODE, "e31080000004 83120500");
	save("guest", "dat");
	put_psw(1, 0xffffffffffffffff, 0xffffffffffffffff);
	save("guest", "bad-psw");
}

static void put_answer(uint8_t reg, uint64_t value, uint8_t psw, uint8_t iictl)
{
	put_register(reg, value);
	put_number(psw, 1);
	put_number(iictl, 1);
	put_number(0, 3);
}

static void write_protected(const char *name, uint8_t iictl, const char *code)
{
	put_number(PSW_64, 8);
	put_number(CODE, 8);
	put_number(3, 1);
	put_register(1, 0x8000);
	put_register(2, 0x8000);
	put_register(3, 8);
	put_number(2, 1);
	put_answer(2, 1, 0x10, iictl);
	put_answer(2, 0, 0x20, 0);
	put_code(CODE, code);
	save("pv_guest", name);
}

static void write_protected_guests(void)
{
	write_protected("diag-308", 0, "83230308 83230308");
	write_protected("diag-308-injected", 0x10, "83130308");
	write_protected("service-call", 0, "b2200012 b2200012");
	write_protected("share", 0, "a7190000 b9a40012 b9a40012");
	write_protected("store-information", 0, "a7090000 b27d8000 b2028000 b2128000");
	write_protected("signal", 0, "ae128000 b2b08000 b2118000 0a00");
	write_protected("io", 0, "b2338000 b2348000 b2358000 b2368000 b25f0000");
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: make_corpus DIRECTORY\n");
		return 1;
	}
	save_below(argv[1]);
	write_headers();
	write_images();
	write_blocks();
	write_guests();
	write_protected_guests();
	write_uvcb();
	write_ioctl();
	write_protocol();
	return 0;
}
