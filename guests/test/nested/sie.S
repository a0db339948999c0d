/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIE, and interruptions of who executes it. */
#define EXT_CODE	0x86
#define EXT_OLD_PSW	0x130
#define PGM_OLD_PSW	0x150
#define SAVED_R0	0x1280
#define LATER		0x800000	/* 2 ms */

	.text

	/* r2: state description, r3: guest's general registers 0 to 13 */
	.globl	sie_enter
sie_enter:
	stmg	%r6, %r14, 48(%r15)
	stg	%r3, 24(%r15)
	lgr	%r14, %r2
	lmg	%r0, %r13, 0(%r3)
	.globl	sie_instruction
sie_instruction:
	.insn	s, 0xb2140000, 0(%r14)
	.globl	sie_exit
sie_exit:
	lg	%r14, 24(%r15)
	stmg	%r0, %r13, 0(%r14)
	lmg	%r6, %r14, 48(%r15)
	br	%r14

	.globl	retry_program
retry_program:
	lpswe	PGM_OLD_PSW

	/* Outside SIE it came too early: once more, as the next SIE would never end */
	.globl	note_external
note_external:
	stmg	%r0, %r1, SAVED_R0
	lg	%r1, EXT_OLD_PSW + 8
	larl	%r0, sie_exit
	cgr	%r0, %r1
	je	0f
	larl	%r1, comparator
	stck	0(%r1)
	lg	%r0, 0(%r1)
	agfi	%r0, LATER
	stg	%r0, 0(%r1)
	sckc	0(%r1)
	j	1f
0:	stgrl	%r1, external_at
	llgh	%r1, EXT_CODE
	stgrl	%r1, external_code
	ni	EXT_OLD_PSW, 0xfe
1:	lmg	%r0, %r1, SAVED_R0
	lpswe	EXT_OLD_PSW

	.bss
	.balign	8
comparator:
	.quad	0
