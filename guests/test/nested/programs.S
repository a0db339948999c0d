/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What guests of the guest execute, at GUEST_CODE; position does not matter. DIAGNOSE 44 ends. */
#define DATA		0x8000
#define PUBLISHED	0x9000
#define STOP		0x9008

	.macro	program name
	.balign	8
	.globl	program_\name
program_\name:
	.endm

	.macro	end name
	diag	%r0, %r0, 0x44
	.globl	program_\name\()_end
program_\name\()_end:
	.endm

	.section .rodata

	/* every general register goes up by one */
	program	add_one
	.irp	r, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	aghi	%r\r, 1
	.endr
	end	add_one

	/* access register 5, FP register 2 and control register 2 as general registers 1 to 3 */
	program	other_registers
	ear	%r1, %a5
	lgdr	%r2, %f2
	stctg	%c2, %c2, DATA
	lg	%r3, DATA
	sar	%a6, %r4
	ldgr	%f4, %r5
	end	other_registers

	/* r2 times, one addition each */
	program	count
	lghi	%r1, 0
0:	aghi	%r1, 1
	brctg	%r2, 0b
	end	count

	program	for_ever
0:	j	0b
	end	for_ever

	program	diag_by_execute
	larl	%r1, 0f
	ex	%r0, 0(%r1)
	diag	%r0, %r0, 0x44
0:	diag	%r2, %r3, 0x9c
	.globl	program_diag_by_execute_end
program_diag_by_execute_end:

	/* clock and CPU timer */
	program	clocks
	llill	%r1, DATA
	stck	0(%r1)
	stpt	8(%r1)
	end	clocks

	/* r3: where; r2: what */
	program	store_there
	stg	%r2, 0(%r3)
	end	store_there

	program	fetch_there
	lg	%r2, 0(%r3)
	end	fetch_there

	program	move_page
	lghi	%r0, 0
	mvpg	%r2, %r3
	end	move_page

	program	facilities
	lghi	%r0, 3
	llill	%r1, DATA
	.insn	s, 0xb2b00000, 0(%r1)
	end	facilities

	/* an LPSW whose PSW is not in the short format */
	program	invalid_psw
	llill	%r1, DATA
	lpsw	0(%r1)
	end	invalid_psw

	/* the PSW at DATA, which has DAT on, then fetch at r3 */
	program	with_dat
	larl	%r1, 0f
	stg	%r1, DATA + 8
	lctlg	%c1, %c1, DATA + 16
	llill	%r1, DATA
	lpswe	0(%r1)
0:	lg	%r2, 0(%r3)
	end	with_dat

	/* As long as nobody stops it: what is at DATA must not be older than what is published */
	program	watch_pages
0:	lg	%r2, PUBLISHED
	lg	%r3, DATA
	clgr	%r3, %r2
	jl	1f
	aghi	%r4, 1
	lg	%r5, STOP
	ltgr	%r5, %r5
	jz	0b
	diag	%r0, %r0, 0x44
1:	diag	%r0, %r0, 0x9c
	end	watch_pages

	.section .bss
	.balign	8
	.globl	external_at, external_code
external_at:
	.quad	0
external_code:
	.quad	0
