/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One instruction in a frame that loads registers before and stores them after
 * it. The same bytes run at the same addresses in the engine and in
 * qemu-s390x, the reference.
 *
 *	CODE	   loads everything from the context, sets the addressing mode, then
 *	INSN	   the instruction under test; if it falls through, GR12 = 0
 *	TAKEN	   GR12 = 1: the target of branches
 *	SAVE	   stores everything into the context, goes to the address at CTX_EXIT
 *
 * All of it is big-endian storage; the reference is too.
 */
#ifndef TESTS_INSNS_LAYOUT_H
#define TESTS_INSNS_LAYOUT_H

#define CODE_AT    0x40000
#define CODE_SIZE  0x1000
#define MODE_AT    0x4007e /* sets the addressing mode */
#define INSN_AT    0x40080
#define TAKEN_AT   0x400a0
#define SAVE_AT    0x400b0
#define END_AT     0x40200
#define DATA_AT    0x50000
#define DATA_SIZE  0x700   /* operands are below STREAM_AT */
#define STREAM_AT  0x50400 /* random instructions: the instruction under test goes there */
#define STREAM_END 0x506f0
#define CTX_AT     0x52000
#define CTX_GPRS   0x000 /* 12: GR13 is the context, GR12 and GR14 are the frame's, GR15 unused */
#define CTX_FPRS   0x060 /* 8 */
#define CTX_ARS    0x0a0 /* access registers 2 to 11; 0 and 1 are the reference's thread pointer */
#define CTX_OUT    0x100
#define CTX_OFPRS  0x180
#define CTX_OCC    0x200 /* IPM */
#define CTX_TAKEN  0x208
#define CTX_SPM    0x210
#define CTX_EXIT   0x218
#define CTX_SIGNAL 0x220
#define CTX_FPC    0x228 /* floating-point control register, 4 bytes */
#define CTX_OFPC   0x22c
#define CTX_OARS   0x230
#define CTX_OMODE  0x258 /* IPM after TAM */
#define CTX_SIZE   0x260

/* The second byte of SAM24, SAM31 and SAM64 */
#define SAM_24 0x0c
#define SAM_31 0x0d
#define SAM_64 0x0e

/* A case on the wire: CODE_BYTES of code, DATA_SIZE of data, CTX_SIZE of context; the answer:
 * data and context */
#define CODE_BYTES 0x120
#define CASE_SIZE  (CODE_BYTES + DATA_SIZE + CTX_SIZE)
#define REPLY_SIZE (DATA_SIZE + CTX_SIZE)

#endif
