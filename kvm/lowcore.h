/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The prefix area (guest-execution 2.4), as far as KVM writes it. */
#ifndef KVM_LOWCORE_H
#define KVM_LOWCORE_H

#define LC_EXT_PARAMS      0x80
#define LC_EXT_CPU_ADDR    0x84
#define LC_EXT_INT_CODE    0x86
#define LC_PGM_ILC         0x8c
#define LC_PGM_INT_CODE    0x8e
#define LC_DATA_EXC_CODE   0x90
#define LC_MON_CLASS_NR    0x94
#define LC_PER_CODE        0x96
#define LC_PER_ADDRESS     0x98
#define LC_EXC_ACCESS_ID   0xa0
#define LC_PER_ACCESS_ID   0xa1
#define LC_OP_ACCESS_ID    0xa2
#define LC_TRANS_EXC_CODE  0xa8
#define LC_MON_CODE        0xb0
#define LC_SUBCHANNEL_ID   0xb8
#define LC_STFL_FAC_LIST   0xc8
#define LC_MCCK_CODE       0xe8
#define LC_EXT_DAMAGE_CODE 0xf4
#define LC_MCCK_FAIL_STOR  0xf8
#define LC_PGM_LAST_BREAK  0x110
#define LC_RST_OLD_PSW     0x120
#define LC_EXT_OLD_PSW     0x130
#define LC_PGM_OLD_PSW     0x150
#define LC_MCK_OLD_PSW     0x160
#define LC_IO_OLD_PSW      0x170
#define LC_RST_NEW_PSW     0x1a0
#define LC_EXT_NEW_PSW     0x1b0
#define LC_PGM_NEW_PSW     0x1d0
#define LC_MCK_NEW_PSW     0x1e0
#define LC_IO_NEW_PSW      0x1f0
#define LC_EXT_PARAMS2     0x11b8

#endif
