// SPDX-License-Identifier: GPL-2.0-or-later
/* Subfunctions of a machine's instructions: what its query functions answer. */
#include <stddef.h>
#include <string.h>

#include "kvm/kvm_main.h"
#include "sie/sie.h"

/* PERFORM LOCKED OPERATION is a part of z/Architecture: facility 1 */
static const struct {
	uint16_t opcode;
	uint16_t facility;
	uint16_t offset;
	uint16_t size;
} queries[] = {
#define QUERY(opcode, facility, field)                                                             \
	{                                                                                          \
		opcode, facility, offsetof(struct kvm_s390_vm_cpu_subfunc, field),                 \
			sizeof(((struct kvm_s390_vm_cpu_subfunc *)0)->field)                       \
	}
	QUERY(0xee00, 1, plo),     QUERY(0x0104, 28, ptff),    QUERY(0xb91e, 17, kmac),
	QUERY(0xb92f, 17, kmc),    QUERY(0xb92e, 17, km),      QUERY(0xb93e, 17, kimd),
	QUERY(0xb93f, 17, klmd),   QUERY(0xb928, 76, pckmo),   QUERY(0xb92d, 77, kmctr),
	QUERY(0xb92a, 77, kmf),    QUERY(0xb92b, 77, kmo),     QUERY(0xb92c, 77, pcc),
	QUERY(0xb93c, 57, ppno),   QUERY(0xb929, 146, kma),    QUERY(0xb93a, 155, kdsa),
	QUERY(0xb938, 150, sortl), QUERY(0xb939, 151, dfltcc), QUERY(0xeb16, 201, pfcr),
#undef QUERY
};

void kvm_s390_available_subfunc(const uint64_t *fac_list, struct kvm_s390_vm_cpu_subfunc *subfunc)
{
	memset(subfunc, 0, sizeof(*subfunc));
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		unsigned int nr = queries[i].facility;
		uint8_t mask[SIE_QUERY_BYTES];

		if (!(fac_list[nr / 64] & 1UL << (63 - nr % 64)))
			continue;
		sie_query_functions(queries[i].opcode, mask);
		memcpy((uint8_t *)subfunc + queries[i].offset, mask, queries[i].size);
	}
}
