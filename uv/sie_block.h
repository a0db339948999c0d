/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SIE block (state description), big-endian, offsets as on the machine.
 * Field names are those of arch/s390/include/asm/kvm_host.h.
 */
#ifndef UV_SIE_BLOCK_H
#define UV_SIE_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "protvirt/be.h"

#define CPUSTAT_STOPPED    0x80000000U
#define CPUSTAT_WAIT       0x10000000U
#define CPUSTAT_ECALL_PEND 0x08000000U
#define CPUSTAT_STOP_INT   0x04000000U
#define CPUSTAT_IO_INT     0x02000000U
#define CPUSTAT_EXT_INT    0x01000000U
#define CPUSTAT_RUNNING    0x00800000U
#define CPUSTAT_RRF        0x00008000U
#define CPUSTAT_SLSV       0x00004000U
#define CPUSTAT_SLSR       0x00002000U
#define CPUSTAT_ZARCH      0x00000800U
#define CPUSTAT_KSS        0x00000200U
#define CPUSTAT_MCDS       0x00000100U
#define CPUSTAT_SM         0x00000080U
#define CPUSTAT_GED2       0x00000010U
#define CPUSTAT_GED        0x00000004U

#define ICPT_INST       0x04
#define ICPT_PROGI      0x08
#define ICPT_INSTPROGI  0x0c
#define ICPT_EXTREQ     0x10
#define ICPT_EXTINT     0x14
#define ICPT_IOREQ      0x18
#define ICPT_WAIT       0x1c
#define ICPT_VALIDITY   0x20
#define ICPT_STOP       0x28
#define ICPT_OPEREXC    0x2c
#define ICPT_PARTEXEC   0x38
#define ICPT_IOINST     0x40
#define ICPT_KSS        0x5c
#define ICPT_MCHKREQ    0x60
#define ICPT_INT_ENABLE 0x64
#define ICPT_PV_INSTR   0x68
#define ICPT_PV_NOTIFY  0x6c
#define ICPT_PV_PREF    0x70

#define IICTL_CODE_NONE          0x00
#define IICTL_CODE_MCHK          0x01
#define IICTL_CODE_EXT           0x02
#define IICTL_CODE_IO            0x03
#define IICTL_CODE_RESTART       0x04
#define IICTL_CODE_SPECIFICATION 0x10
#define IICTL_CODE_OPERAND       0x11

#define LCTL_CR0  0x8000
#define LCTL_CR6  0x0200
#define LCTL_CR9  0x0040
#define LCTL_CR10 0x0020
#define LCTL_CR11 0x0010
#define LCTL_CR14 0x0002

#define ICTL_OPEREXC 0x80000000U
#define ICTL_PINT    0x20000000U
#define ICTL_LPSW    0x00400000U
#define ICTL_STCTL   0x00040000U
#define ICTL_ISKE    0x00004000U
#define ICTL_SSKE    0x00002000U
#define ICTL_RRBE    0x00001000U
#define ICTL_TPROT   0x00000200U

#define ECA_MVPGI    0x01000000U
#define ECA_PROTEXCI 0x00002000U

#define ECB_SPECI 0x08

/** SDF_FORMAT4 - value of sdf for a protected CPU */
#define SDF_FORMAT4 2

struct kvm_s390_sie_block {
	be32_t cpuflags;         /* 0x000, changed by other threads: access atomically */
	be32_t prefix;           /* 0x004, bits 1-18 = prefix bits, as the hardware has it */
	uint8_t reserved08[8];   /* 0x008 */
	be64_t pv_handle_cpu;    /* 0x010 */
	be64_t pv_handle_config; /* 0x018 */
	uint8_t reserved20[8];   /* 0x020 */
	be64_t cputm;            /* 0x028 */
	be64_t ckc;              /* 0x030 */
	be64_t epoch;            /* 0x038 */
	uint8_t reserved40[4];   /* 0x040 */
	be16_t lctl;             /* 0x044 */
	be16_t icpua;            /* 0x046 */
	be32_t ictl;             /* 0x048 */
	be32_t eca;              /* 0x04c */
	uint8_t icptcode;        /* 0x050 */
	uint8_t icptstatus;      /* 0x051 */
	be16_t ihcpu;            /* 0x052 */
	uint8_t reserved54;      /* 0x054 */
	uint8_t iictl;           /* 0x055 */
	be16_t ipa;              /* 0x056 */
	be32_t ipb;              /* 0x058 */
	be32_t scaoh;            /* 0x05c */
	uint8_t fpf;             /* 0x060 */
	uint8_t ecb;             /* 0x061 */
	uint8_t ecb2;            /* 0x062 */
	uint8_t ecb3;            /* 0x063 */
	be32_t scaol;            /* 0x064 */
	uint8_t sdf;             /* 0x068 */
	uint8_t epdx;            /* 0x069 */
	uint8_t cpnc;            /* 0x06a */
	uint8_t reserved6b;      /* 0x06b */
	be32_t todpr;            /* 0x06c */
	be32_t gd;               /* 0x070 */
	uint8_t reserved74[12];  /* 0x074 */
	be64_t mso;              /* 0x080 */
	be64_t msl;              /* 0x088 */
	be64_t gpsw_mask;        /* 0x090 */
	be64_t gpsw_addr;        /* 0x098 */
	be64_t gg14;             /* 0x0a0 */
	be64_t gg15;             /* 0x0a8 */
	uint8_t reservedb0[8];   /* 0x0b0 */
	be16_t xcpu;             /* 0x0b8 */
	uint8_t reservedba[6];   /* 0x0ba */
	union {
		be64_t mcic; /* 0x0c0 */
		struct {
			be32_t eiparams;   /* 0x0c0 */
			be16_t extcpuaddr; /* 0x0c4 */
			be16_t eic;        /* 0x0c6 */
		};
		be64_t pei_dst; /* 0x0c0, interception 0x38: guest addresses of MVPG's pages */
	};
	union {
		be64_t pei_src; /* 0x0c8, likewise */
		struct {
			be32_t reservedc8; /* 0x0c8 */
			union {
				be32_t edc;            /* 0x0cc */
				struct {               /* program interruption: interception 0x08 */
					be16_t pgmilc; /* 0x0cc */
					be16_t iprcc;  /* 0x0ce */
				};
			};
		};
	};
	union {
		be64_t faddr; /* 0x0d0 */
		struct {
			be32_t dxc;       /* 0x0d0 */
			be16_t mcn;       /* 0x0d4, monitor class */
			uint8_t perc;     /* 0x0d6 */
			uint8_t peratmid; /* 0x0d7 */
		};
	};
	be64_t peraddr;        /* 0x0d8 */
	uint8_t eai;           /* 0x0e0, exception access id */
	uint8_t peraid;        /* 0x0e1 */
	uint8_t oai;           /* 0x0e2, operand access id */
	uint8_t armid;         /* 0x0e3 */
	uint8_t reservede4[4]; /* 0x0e4 */
	union {
		be64_t tecmc; /* 0x0e8, TEID or monitor code */
		struct {
			be16_t subchannel_id; /* 0x0e8 */
			be16_t subchannel_nr; /* 0x0ea */
			be32_t io_int_parm;   /* 0x0ec */
		};
	};
	be32_t io_int_word;     /* 0x0f0 */
	uint8_t reservedf4[12]; /* 0x0f4 */
	be64_t gcr[16];         /* 0x100 */
	union {
		be64_t gbea;  /* 0x180 */
		be64_t sidad; /* 0x180: SIDA address, low byte = pages - 1 */
	};
	uint8_t reserved188[8];     /* 0x188 */
	be64_t sdnxo;               /* 0x190 */
	uint8_t reserved198[8];     /* 0x198 */
	be32_t fac;                 /* 0x1a0, absolute address of the facility list */
	uint8_t reserved1a4[20];    /* 0x1a4 */
	be64_t cbrlo;               /* 0x1b8 */
	uint8_t reserved1c0[8];     /* 0x1c0 */
	be32_t ecd;                 /* 0x1c8 */
	uint8_t reserved1cc[18];    /* 0x1cc */
	uint8_t pp[8];              /* 0x1de, program parameter; not naturally aligned */
	uint8_t reserved1e6[2];     /* 0x1e6 */
	be64_t itdba;               /* 0x1e8 */
	be64_t riccbd;              /* 0x1f0 */
	be64_t gvrd;                /* 0x1f8 */
	uint8_t reserved200[0x180]; /* 0x200 */
	be64_t pv_grregs[16];       /* 0x380 */
};

#define SIE_BLOCK_OFFSET(field, at)                                                                \
	_Static_assert(offsetof(struct kvm_s390_sie_block, field) == (at), #field)
SIE_BLOCK_OFFSET(cpuflags, 0x000);
SIE_BLOCK_OFFSET(prefix, 0x004);
SIE_BLOCK_OFFSET(reserved08, 0x008);
SIE_BLOCK_OFFSET(pv_handle_cpu, 0x010);
SIE_BLOCK_OFFSET(pv_handle_config, 0x018);
SIE_BLOCK_OFFSET(reserved20, 0x020);
SIE_BLOCK_OFFSET(cputm, 0x028);
SIE_BLOCK_OFFSET(ckc, 0x030);
SIE_BLOCK_OFFSET(epoch, 0x038);
SIE_BLOCK_OFFSET(reserved40, 0x040);
SIE_BLOCK_OFFSET(lctl, 0x044);
SIE_BLOCK_OFFSET(icpua, 0x046);
SIE_BLOCK_OFFSET(ictl, 0x048);
SIE_BLOCK_OFFSET(eca, 0x04c);
SIE_BLOCK_OFFSET(icptcode, 0x050);
SIE_BLOCK_OFFSET(icptstatus, 0x051);
SIE_BLOCK_OFFSET(ihcpu, 0x052);
SIE_BLOCK_OFFSET(reserved54, 0x054);
SIE_BLOCK_OFFSET(iictl, 0x055);
SIE_BLOCK_OFFSET(ipa, 0x056);
SIE_BLOCK_OFFSET(ipb, 0x058);
SIE_BLOCK_OFFSET(scaoh, 0x05c);
SIE_BLOCK_OFFSET(fpf, 0x060);
SIE_BLOCK_OFFSET(ecb, 0x061);
SIE_BLOCK_OFFSET(ecb2, 0x062);
SIE_BLOCK_OFFSET(ecb3, 0x063);
SIE_BLOCK_OFFSET(scaol, 0x064);
SIE_BLOCK_OFFSET(sdf, 0x068);
SIE_BLOCK_OFFSET(epdx, 0x069);
SIE_BLOCK_OFFSET(cpnc, 0x06a);
SIE_BLOCK_OFFSET(reserved6b, 0x06b);
SIE_BLOCK_OFFSET(todpr, 0x06c);
SIE_BLOCK_OFFSET(gd, 0x070);
SIE_BLOCK_OFFSET(reserved74, 0x074);
SIE_BLOCK_OFFSET(mso, 0x080);
SIE_BLOCK_OFFSET(msl, 0x088);
SIE_BLOCK_OFFSET(gpsw_mask, 0x090);
SIE_BLOCK_OFFSET(gpsw_addr, 0x098);
SIE_BLOCK_OFFSET(gg14, 0x0a0);
SIE_BLOCK_OFFSET(gg15, 0x0a8);
SIE_BLOCK_OFFSET(reservedb0, 0x0b0);
SIE_BLOCK_OFFSET(xcpu, 0x0b8);
SIE_BLOCK_OFFSET(reservedba, 0x0ba);
SIE_BLOCK_OFFSET(mcic, 0x0c0);
SIE_BLOCK_OFFSET(eiparams, 0x0c0);
SIE_BLOCK_OFFSET(extcpuaddr, 0x0c4);
SIE_BLOCK_OFFSET(eic, 0x0c6);
SIE_BLOCK_OFFSET(reservedc8, 0x0c8);
SIE_BLOCK_OFFSET(pei_src, 0x0c8);
SIE_BLOCK_OFFSET(edc, 0x0cc);
SIE_BLOCK_OFFSET(pgmilc, 0x0cc);
SIE_BLOCK_OFFSET(iprcc, 0x0ce);
SIE_BLOCK_OFFSET(faddr, 0x0d0);
SIE_BLOCK_OFFSET(dxc, 0x0d0);
SIE_BLOCK_OFFSET(mcn, 0x0d4);
SIE_BLOCK_OFFSET(peraddr, 0x0d8);
SIE_BLOCK_OFFSET(eai, 0x0e0);
SIE_BLOCK_OFFSET(oai, 0x0e2);
SIE_BLOCK_OFFSET(tecmc, 0x0e8);
SIE_BLOCK_OFFSET(subchannel_id, 0x0e8);
SIE_BLOCK_OFFSET(subchannel_nr, 0x0ea);
SIE_BLOCK_OFFSET(io_int_parm, 0x0ec);
SIE_BLOCK_OFFSET(io_int_word, 0x0f0);
SIE_BLOCK_OFFSET(reservedf4, 0x0f4);
SIE_BLOCK_OFFSET(gcr, 0x100);
SIE_BLOCK_OFFSET(gbea, 0x180);
SIE_BLOCK_OFFSET(sidad, 0x180);
SIE_BLOCK_OFFSET(reserved188, 0x188);
SIE_BLOCK_OFFSET(sdnxo, 0x190);
SIE_BLOCK_OFFSET(reserved198, 0x198);
SIE_BLOCK_OFFSET(fac, 0x1a0);
SIE_BLOCK_OFFSET(reserved1a4, 0x1a4);
SIE_BLOCK_OFFSET(cbrlo, 0x1b8);
SIE_BLOCK_OFFSET(reserved1c0, 0x1c0);
SIE_BLOCK_OFFSET(ecd, 0x1c8);
SIE_BLOCK_OFFSET(reserved1cc, 0x1cc);
SIE_BLOCK_OFFSET(pp, 0x1de);
SIE_BLOCK_OFFSET(reserved1e6, 0x1e6);
SIE_BLOCK_OFFSET(itdba, 0x1e8);
SIE_BLOCK_OFFSET(riccbd, 0x1f0);
SIE_BLOCK_OFFSET(gvrd, 0x1f8);
SIE_BLOCK_OFFSET(reserved200, 0x200);
SIE_BLOCK_OFFSET(pv_grregs, 0x380);
_Static_assert(sizeof(struct kvm_s390_sie_block) == 0x400, "size");

#endif
