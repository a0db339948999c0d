/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facilities of the engine. */
#include <string.h>

#include "sie/sie.h"

void sie_host_facilities(uint64_t list[4])
{
	static const uint8_t offered[] = {
		0,   /* instructions marked N3 */
		1,   /* z/Architecture installed */
		2,   /* z/Architecture active */
		3,   /* invalidate DAT table entry, compare and swap and purge of doublewords */
		7,   /* store facility list extended */
		8,   /* enhanced DAT, first part */
		10,  /* conditional SSKE */
		14,  /* nonquiescing key setting */
		16,  /* extended translation 2 */
		17,  /* message-security assist: query functions only */
		18,  /* long displacement */
		19,  /* the same, fast */
		21,  /* extended immediate */
		22,  /* extended translation 3 */
		24,  /* its enhancement: test character control */
		25,  /* store clock fast */
		26,  /* parsing enhancement */
		27,  /* move with optional specifications */
		30,  /* extended translation 3 enhancement: well-formedness */
		31,  /* extract CPU time */
		32,  /* compare and swap and store */
		33,  /* the same, 16 bytes */
		34,  /* general instructions extension */
		35,  /* execute extensions */
		40,  /* load program parameter */
		41,  /* floating-point support enhancement, IEEE exception simulation */
		45,  /* distinct operands, load on condition, high word, interlocked access */
		49,  /* execution hint, load and trap, RISBGN, processor assist */
		75,  /* access exceptions tell fetch from store */
		77,  /* message-security assist 4: query only */
		138, /* z/Architecture is the only mode */
	};

	memset(list, 0, 4 * sizeof(*list));
	for (size_t i = 0; i < sizeof(offered); i++)
		list[offered[i] / 64] |= 1UL << (63 - offered[i] % 64);
}
