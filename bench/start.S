/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Section and rounds come from PARAMETERS, the answer goes behind them. Ends in a disabled wait that
 * qemu-system-s390x takes for a clean end. */
#include "bench/layout.h"

	.globl	_start
	.section .text.startup, "ax", @progbits
_start:
	larl	%r15, stack_end - 160
	lg	%r2, PARAMETERS(%r0)
	lg	%r3, PARAMETERS + 8(%r0)
	brasl	%r14, run_section
	stg	%r2, PARAMETERS + 16(%r0)
	larl	%r1, done
	lpswe	0(%r1)
	.balign	8
done:
	.quad	0x0002000180000000, 0xfff
	.bss
	.balign	8
	.skip	8192
stack_end:
	.section .note.GNU-stack, "", @progbits
