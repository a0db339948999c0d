/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GR2: rounds; the answer comes back in GR2. Ends in a disabled wait. */
	.globl	_start
	.section .text.startup, "ax", @progbits
_start:
	larl	%r15, stack_end - 160
	brasl	%r14, compute
	larl	%r1, done
	lpswe	0(%r1)
	.balign	8
done:
	.quad	0x0002000180000000, 0
	.bss
	.balign	8
	.skip	4096
stack_end:
	.section .note.GNU-stack, "", @progbits
