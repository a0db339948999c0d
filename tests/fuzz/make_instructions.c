/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes inputs with every instruction of the engine: make_instructions DIRECTORY
 *
 * For the harnesses guest and pv_guest. They are not kept in the tree, as the rows
 * of the engine are their source.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "sie/insn.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/make_corpus.h"

#define CODE      0x2000U
#define PSW_64    0x0000000180000000UL
#define A_PROGRAM 40U /* instructions; one that loops or jumps away keeps few others from running */

/* Register 2 or pair 2 and 3; storage by base 8, which lies before the end of a page */
static const uint8_t operands[6] = {0x00, 0x28, 0x80, 0x28, 0x80, 0x10};

/* What selects a row stands in one of four places. Return: is @text the row's? */
static bool encode(const struct insn *row, uint8_t text[6])
{
	const uint8_t select = (uint8_t)row->opcode;

	for (int place = 0; place < 4; place++) {
		memcpy(text, operands, 6);
		text[0] = (uint8_t)(row->opcode >> 8);
		if (place == 1)
			text[1] = select;
		if (place == 2)
			text[1] = (uint8_t)(0x20 | (select & 0xf));
		if (place == 3)
			text[5] = select;
		if (insn_find(text) == row)
			return true;
	}
	return false;
}

static void put_register(uint8_t nr, uint64_t v)
{
	put_number(nr, 1);
	put_number(v, 8);
}

static void put_head(bool secure)
{
	if (!secure)
		put_number(1, 1); /* traced */
	put_number(PSW_64, 8);
	put_number(CODE, 8);
	put_number(4, 1);
	put_register(2, 0x8000);
	put_register(3, 0x20);
	put_register(8, 0x9ff0);
	put_register(secure ? 16 : 32, 0x40000); /* CR 0: floating-point registers */
	if (secure)
		put_number(0, 1);
}

/* Return: the first row that is not in it */
static unsigned int write_program(unsigned int row, bool secure, unsigned int *encoded)
{
	unsigned int end = row + A_PROGRAM < insn_rows_nr ? row + A_PROGRAM : insn_rows_nr;
	uint16_t at = CODE;
	char name[32];

	snprintf(name, sizeof(name), "instructions-%03u", row);
	put_head(secure);
	for (; row < end; row++) {
		uint8_t text[6], len;

		if (!encode(&insn_rows[row], text))
			continue;
		++*encoded;
		len = (uint8_t)insn_length(text[0]);
		put_number(at, 2);
		put_number(len, 1);
		put(text, len);
		at = (uint16_t)(at + len);
	}
	save(secure ? "pv_guest" : "guest", name);
	return row;
}

int main(int argc, char **argv)
{
	unsigned int encoded = 0;

	if (argc != 2 || (mkdir(argv[1], 0777) && access(argv[1], W_OK))) {
		fprintf(stderr, "usage: make_instructions DIRECTORY\n");
		return 1;
	}
	insn_tables_init();
	save_below(argv[1]);
	for (int secure = 0; secure < 2; secure++)
		for (unsigned int row = 0; row < insn_rows_nr;)
			row = write_program(row, secure, &encoded);
	if (encoded != 2 * insn_rows_nr) {
		fprintf(stderr, "%u of %u rows have no text\n", 2 * insn_rows_nr - encoded,
			2 * insn_rows_nr);
		return 1;
	}
	return 0;
}
