/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows about access registers, the FPC and the PSW, and those that are told functions in GR0. */
#include "cases.h"

#include <string.h>

/* Access registers that the frame loads and stores: 2 to 11 */
static unsigned int access_register(void)
{
	return 2 + below(10);
}

static uint8_t *gprs_of(struct test_case *t)
{
	return t->wire + CODE_BYTES + DATA_SIZE + CTX_GPRS;
}

static void fix_access_registers(uint8_t *i, const struct insn *row)
{
	unsigned int a = access_register(), b = access_register();

	if (!strcmp(row->name, "SAR"))
		i[3] = (uint8_t)(a << 4 | (i[3] & 0xf));
	else if (!strcmp(row->name, "EAR"))
		i[3] = (uint8_t)((i[3] & 0xf0) | b);
	else if (!strcmp(row->name, "CPYA"))
		i[3] = (uint8_t)(a << 4 | b);
	else if (!strncmp(row->name, "LAE", 3))
		i[1] = (uint8_t)((2 + below(6)) << 4 | (i[1] & 0xf));
	else /* LAM, STAM: no wrap through the frame's */
		i[1] = (uint8_t)(a < b ? a << 4 | b : b << 4 | a);
	if (i[0] == 0x9a || i[0] == 0x9b || (i[0] == 0xeb && (i[5] == 0x9a || i[5] == 0x9b)))
		i[3] &= (uint8_t)(below(8) ? 0xfc : 0xff);
}

/* Bits of the FPC that exist, whatever is installed; one in eight with a bit that nobody has: those
 * of decimal numbers and of the newest rounding mode are the reference's */
static uint32_t fpc_value(void)
{
	uint32_t v = ((uint32_t)random64() & 0xf8f8ff00) | below(4);

	return below(8) ? v : v | (below(2) ? 0x03030088 : 1U << (24 + below(2)));
}

static void fix_fpc(struct test_case *t, uint8_t *i)
{
	uint8_t *data = t->wire + CODE_BYTES;

	for (unsigned int n = 0; n < STREAM_AT - DATA_AT; n += 8)
		put8(data + n, (uint64_t)fpc_value() << 32 | fpc_value());
	for (unsigned int n = 0; n < 8; n++)
		put8(gprs_of(t) + n * 8UL, (random64() << 32) | fpc_value());
	if (i[1] == 0x9d || i[1] == 0xbd)
		i[3] &= 0xfc;
}

/* Of the PSW only what is of the program: its mask and the mode. The condition code is lost in
 * qemu 7.2. risbgn r1,r1,52,128+55 */
static unsigned int fix_extract_psw(uint8_t *i)
{
	unsigned int r1 = 1 + below(7), r2 = below(2) ? 0 : 1 + below(7);

	while (r2 == r1)
		r2 = 1 + below(7);
	i[3] = (uint8_t)(r1 << 4 | r2);
	memcpy(i + 4, (const uint8_t[]){0xec, (uint8_t)(r1 << 4 | r1), 52, 0x80 | 55, 0, 0x59}, 6);
	return 6;
}

/* Two pages behind the code, and some of the copy to where it is looked at: mvc 200(100,8),0(9) */
static unsigned int fix_move_page(struct test_case *t, uint8_t *i)
{
	unsigned int to = 1 + below(7), from = 1 + below(7), at = below(0x600);

	while (from == to)
		from = 1 + below(7);
	i[3] = (uint8_t)(to << 4 | from);
	put8(gprs_of(t), (below(2) ? 0x100 : 0) | (below(8) ? 0 : 1UL << (12 + below(4))));
	put8(gprs_of(t) + to * 8UL, DATA_AT + 0x3000 + below(0x1000));
	put8(gprs_of(t) + from * 8UL, DATA_AT + below(0x1000));
	put8(gprs_of(t) + 9 * 8UL, DATA_AT + 0x3000 + at);
	memcpy(i + 4, (const uint8_t[]){0xd2, 0xff, 0x82, 0, 0x90, 0}, 6);
	return 6;
}

/* EXTRACT CPU TIME: the difference in GR0 is of the CPU timer. lghi 0,0 */
static unsigned int fix_cpu_time(struct test_case *t, uint8_t *i)
{
	unsigned int r3 = 2 + below(6);

	i[1] = (uint8_t)((i[1] & 0xf) | r3 << 4);
	put8(gprs_of(t) + r3 * 8UL, DATA_AT + below(0x300));
	memcpy(i + 6, (const uint8_t[]){0xa7, 0x09, 0, 0}, 4);
	return 4;
}

/* A query or a function that there is not; what functions there are is of the machine: xc 0(16,1)
 */
static unsigned int fix_crypto(struct test_case *t, uint8_t *i, const struct insn *row)
{
	put8(gprs_of(t), below(4) ? 0 : 120 + below(4) + (below(2) ? 0x80 : 0));
	put8(gprs_of(t) + 8, DATA_AT + 0x300);
	if (row->format == FMT_RRF)
		i[2] = (uint8_t)(2 * (1 + below(3)) << 4);
	i[3] = (uint8_t)(below(8) << 4 | below(8));
	if (below(4)) /* mostly pairs */
		i[3] = (uint8_t)(0x24 + 0x20 * below(2));
	memcpy(i + 4, (const uint8_t[]){0xd7, 0x0f, 0x10, 0, 0x10, 0}, 6);
	return 6;
}

bool wants_dat(const struct insn *row)
{
	return !strcmp(row->name, "MVPG");
}

unsigned int fix_state(struct test_case *t, const struct insn *row)
{
	static const char *const access[] = {"SAR", "EAR",  "CPYA", "LAE",   "LAEY",
					     "LAM", "LAMY", "STAM", "STAMY", NULL};
	static const char *const fpc[] = {"LFPC", "SFPC", "LFAS", "SFASR", NULL};
	static const char *const crypto[] = {"KM",   "KMC",  "KMF", "KMO",  "KMCTR", "KMAC",
					     "KIMD", "KLMD", "PCC", "PRNO", NULL};
	uint8_t *i = t->wire + INSN_AT - CODE_AT;

	if (name_in(row, access))
		fix_access_registers(i, row);
	else if (name_in(row, fpc))
		fix_fpc(t, i);
	else if (!strcmp(row->name, "MVPG"))
		return fix_move_page(t, i);
	else if (!strcmp(row->name, "ECTG"))
		return fix_cpu_time(t, i);
	else if (!strcmp(row->name, "EPSW"))
		return fix_extract_psw(i);
	else if (name_in(row, crypto))
		return fix_crypto(t, i, row);
	return 0;
}
