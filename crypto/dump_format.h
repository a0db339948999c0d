/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the dump of a protected guest is made of: secure-execution-formats, section 9. */
#ifndef CRYPTO_DUMP_FORMAT_H
#define CRYPTO_DUMP_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "protvirt/be.h"

#define PV_DUMP_VERSION 1U

#define PV_DUMP_ASSERT(type, field, at) _Static_assert(offsetof(struct type, field) == (at), #field)

/** struct pv_dump_completion - the last block of a dump: how to decrypt the pages */
struct pv_dump_completion {
	be32_t version;          /* 0 */
	be32_t length;           /* 4 */
	uint8_t reserved8[8];    /* 8 */
	uint8_t seed[64];        /* 16, salt of the dump key */
	uint8_t iv[12];          /* 80 */
	be32_t reserved92;       /* 92 */
	uint8_t nonce[16];       /* 96, encrypted from here on */
	uint8_t xts[64];         /* 112, data key first */
	uint8_t reserved176[96]; /* 176 */
	uint8_t tag[16];         /* 272 */
};
_Static_assert(sizeof(struct pv_dump_completion) == 288, "completion block");
PV_DUMP_ASSERT(pv_dump_completion, version, 0);
PV_DUMP_ASSERT(pv_dump_completion, length, 4);
PV_DUMP_ASSERT(pv_dump_completion, reserved8, 8);
PV_DUMP_ASSERT(pv_dump_completion, seed, 16);
PV_DUMP_ASSERT(pv_dump_completion, iv, 80);
PV_DUMP_ASSERT(pv_dump_completion, reserved92, 92);
PV_DUMP_ASSERT(pv_dump_completion, nonce, 96);
PV_DUMP_ASSERT(pv_dump_completion, xts, 112);
PV_DUMP_ASSERT(pv_dump_completion, reserved176, 176);
PV_DUMP_ASSERT(pv_dump_completion, tag, 272);

/** PV_DUMP_CPU_EMULATED - the host was emulating an instruction: the state may be incomplete */
#define PV_DUMP_CPU_EMULATED 0x8000U

/** struct pv_dump_cpu - registers of one CPU */
struct pv_dump_cpu {
	be32_t version;           /* 0 */
	be32_t length;            /* 4 */
	uint8_t iv[12];           /* 8 */
	uint8_t reserved20[12];   /* 20 */
	be64_t gprs[16];          /* 32, encrypted from here on */
	be64_t psw_mask;          /* 160 */
	be64_t psw_addr;          /* 168 */
	uint8_t reserved176[8];   /* 176 */
	be32_t prefix;            /* 184 */
	be32_t fpc;               /* 188 */
	be32_t reserved192;       /* 192 */
	be32_t todpr;             /* 196 */
	be64_t cpu_timer;         /* 200 */
	be64_t clock_comparator;  /* 208 */
	uint8_t reserved216[8];   /* 216 */
	be32_t acrs[16];          /* 224 */
	be64_t crs[16];           /* 288 */
	be64_t vrs[32][2];        /* 416, [n][0] of the first 16: floating-point register n */
	uint8_t reserved928[512]; /* 928 */
	be64_t reserved1440;      /* 1440 */
	be64_t gsd;               /* 1448, guarded storage */
	be64_t gssm;              /* 1456 */
	be64_t gs_epl_a;          /* 1464 */
	uint8_t reserved1472[64]; /* 1472 */
	be16_t flags;             /* 1536 */
	uint8_t reserved1538[14]; /* 1538 */
	uint8_t tag[16];          /* 1552 */
};
_Static_assert(sizeof(struct pv_dump_cpu) == 1568, "CPU block");
PV_DUMP_ASSERT(pv_dump_cpu, version, 0);
PV_DUMP_ASSERT(pv_dump_cpu, length, 4);
PV_DUMP_ASSERT(pv_dump_cpu, iv, 8);
PV_DUMP_ASSERT(pv_dump_cpu, reserved20, 20);
PV_DUMP_ASSERT(pv_dump_cpu, gprs, 32);
PV_DUMP_ASSERT(pv_dump_cpu, psw_mask, 160);
PV_DUMP_ASSERT(pv_dump_cpu, psw_addr, 168);
PV_DUMP_ASSERT(pv_dump_cpu, reserved176, 176);
PV_DUMP_ASSERT(pv_dump_cpu, prefix, 184);
PV_DUMP_ASSERT(pv_dump_cpu, fpc, 188);
PV_DUMP_ASSERT(pv_dump_cpu, reserved192, 192);
PV_DUMP_ASSERT(pv_dump_cpu, todpr, 196);
PV_DUMP_ASSERT(pv_dump_cpu, cpu_timer, 200);
PV_DUMP_ASSERT(pv_dump_cpu, clock_comparator, 208);
PV_DUMP_ASSERT(pv_dump_cpu, reserved216, 216);
PV_DUMP_ASSERT(pv_dump_cpu, acrs, 224);
PV_DUMP_ASSERT(pv_dump_cpu, crs, 288);
PV_DUMP_ASSERT(pv_dump_cpu, vrs, 416);
PV_DUMP_ASSERT(pv_dump_cpu, reserved928, 928);
PV_DUMP_ASSERT(pv_dump_cpu, reserved1440, 1440);
PV_DUMP_ASSERT(pv_dump_cpu, gsd, 1448);
PV_DUMP_ASSERT(pv_dump_cpu, gssm, 1456);
PV_DUMP_ASSERT(pv_dump_cpu, gs_epl_a, 1464);
PV_DUMP_ASSERT(pv_dump_cpu, reserved1472, 1472);
PV_DUMP_ASSERT(pv_dump_cpu, flags, 1536);
PV_DUMP_ASSERT(pv_dump_cpu, reserved1538, 1538);
PV_DUMP_ASSERT(pv_dump_cpu, tag, 1552);

/** PV_DUMP_SPECIAL - first word of a page that is not encrypted; no export counter gets there */
#define PV_DUMP_SPECIAL 0xffffffffU

/* Flags of such a page; MAPPED comes with one of the others only */
#define PV_DUMP_ZERO   0x01U /* zeros, whatever is in the file */
#define PV_DUMP_SHARED 0x02U /* the file has it in plain */
#define PV_DUMP_MAPPED 0x04U

/**
 * struct pv_dump_page - storage state of one page
 *
 * An encrypted page: @component is bytes 0 to 7 of the tweak, the rest zero; the tweak is all of
 * it or'ed with the nonce of the completion block.
 */
struct pv_dump_page {
	union {
		be64_t component; /* 0 */
		struct {
			be32_t special;       /* 0 */
			uint8_t reserved4[4]; /* 4 */
		};
	};
	uint8_t reserved8[7]; /* 8 */
	uint8_t flags;        /* 15 */
};
_Static_assert(sizeof(struct pv_dump_page) == 16, "storage state");
PV_DUMP_ASSERT(pv_dump_page, component, 0);
PV_DUMP_ASSERT(pv_dump_page, special, 0);
PV_DUMP_ASSERT(pv_dump_page, reserved8, 8);
PV_DUMP_ASSERT(pv_dump_page, flags, 15);

#endif
