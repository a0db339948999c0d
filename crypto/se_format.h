/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On-disk and in-storage formats of Secure Execution: SE header, key slot, PV IPL block. */
#ifndef CRYPTO_SE_FORMAT_H
#define CRYPTO_SE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "protvirt/be.h"

/** SE_HDR_MAGIC - "IBMSecEx" */
#define SE_HDR_MAGIC 0x49424d5365634578UL
#define SE_HDR_VERSION 0x100U
#define SE_HDR_MAX_SIZE 8192U

/** Plaintext control flags */
#define SE_PCF_DUMP (1UL << (63 - 34))
#define SE_PCF_NO_DECRYPT (1UL << (63 - 35))
#define SE_PCF_PCKMO 0xf0UL
#define SE_PCF_BACKUP_KEYS 0x2UL
#define SE_PCF_SUPPORTED (SE_PCF_DUMP | SE_PCF_NO_DECRYPT | SE_PCF_PCKMO | SE_PCF_BACKUP_KEYS)

/** Secret control flags */
#define SE_SCF_EXT_SECRET 0x4000000000000000UL
#define SE_SCF_CCK_UPDATE 0x2000000000000000UL
#define SE_SCF_SUPPORTED (SE_SCF_EXT_SECRET | SE_SCF_CCK_UPDATE)

struct se_hdr_fixed {
	be64_t magic;              /* 0x000 */
	be32_t version;            /* 0x008 */
	be32_t phs;                /* 0x00c, total size with tag */
	uint8_t iv[12];            /* 0x010 */
	be32_t reserved1c;         /* 0x01c */
	be64_t nks;                /* 0x020, key slots */
	be64_t sea;                /* 0x028, size of the encrypted area */
	be64_t nep;                /* 0x030, encrypted pages */
	be64_t pcf;                /* 0x038 */
	uint8_t cust_pub_key[160]; /* 0x040 */
	uint8_t pld[64];           /* 0x0e0 */
	uint8_t ald[64];           /* 0x120 */
	uint8_t tld[64];           /* 0x160 */
};
_Static_assert(sizeof(struct se_hdr_fixed) == 0x1a0, "SE header");
_Static_assert(offsetof(struct se_hdr_fixed, nks) == 0x20, "nks");
_Static_assert(offsetof(struct se_hdr_fixed, cust_pub_key) == 0x40, "cust_pub_key");
_Static_assert(offsetof(struct se_hdr_fixed, pld) == 0xe0, "pld");

struct se_key_slot {
	uint8_t phkh[32];   /* 0x00 */
	uint8_t wrapped[32]; /* 0x20 */
	uint8_t tag[16];    /* 0x40 */
};
_Static_assert(sizeof(struct se_key_slot) == 80, "key slot");

struct se_hdr_encrypted {
	uint8_t cck[32];   /* 0x00 */
	uint8_t xts[64];   /* 0x20 */
	be64_t psw_mask;   /* 0x60 */
	be64_t psw_addr;   /* 0x68 */
	be64_t scf;        /* 0x70 */
	be32_t noi;        /* 0x78 */
	be32_t reserved7c; /* 0x7c */
};
_Static_assert(sizeof(struct se_hdr_encrypted) == 128, "encrypted area");

struct pv_ipib_component {
	be64_t tweak_prefix; /* 0x00 */
	be64_t addr;         /* 0x08 */
	be64_t len;          /* 0x10 */
};

/** struct pv_ipib - IPL parameter block type 5 */
struct pv_ipib {
	be32_t len;             /* 0x00 */
	uint8_t flags;          /* 0x04 */
	uint8_t reserved05[2];  /* 0x05 */
	uint8_t version;        /* 0x07 */
	be32_t blk0_len;        /* 0x08 */
	uint8_t pbt;            /* 0x0c, 5 */
	uint8_t reserved0d[3];  /* 0x0d */
	uint8_t loadparm[8];    /* 0x10 */
	uint8_t reserved18[84]; /* 0x18 */
	uint8_t reserved6c[3];  /* 0x6c */
	uint8_t pv_version;     /* 0x6f */
	uint8_t reserved70[4];  /* 0x70 */
	be32_t num_comp;        /* 0x74 */
	be64_t pv_header_addr;  /* 0x78 */
	be64_t pv_header_len;   /* 0x80 */
	struct pv_ipib_component components[]; /* 0x88 */
};
_Static_assert(offsetof(struct pv_ipib, num_comp) == 0x74, "num_comp");
_Static_assert(offsetof(struct pv_ipib, pv_header_addr) == 0x78, "pv_header_addr");
_Static_assert(offsetof(struct pv_ipib, components) == 0x88, "components");

#define PV_IPIB_TYPE 5
#define PV_IPIB_MAX_COMPONENTS 165U

#endif
