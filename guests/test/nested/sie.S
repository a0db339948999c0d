/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIE, and interruptions of who executes it. */
#define EXT_CODE	0x86
#define EXT_OLD_PSW	0x130
#define PGM_OLD_PSW	0x150
#define SAVED_R1	0x1288

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

	.globl	note_external
note_external:
	stg	%r1, SAVED_R1
	lg	%r1, EXT_OLD_PSW + 8
	stgrl	%r1, external_at
	llgh	%r1, EXT_CODE
	stgrl	%r1, external_code
	ni	EXT_OLD_PSW, 0xfe
	lg	%r1, SAVED_R1
	lpswe	EXT_OLD_PSW
