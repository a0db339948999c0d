/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Service calls, waits and moves. Lowcore addresses are those of z/Architecture. */

#define EXT_SCCB	0x80	/* external interruption: parameter, code, new PSW */
#define EXT_CODE	0x86
#define EXT_NEW_PSW	0x1b0
#define SERVICE_SIGNAL	0x2401
#define CR0_SERVICE	0x0200	/* subclass mask of service signals */

	.text

	.globl	service_call
service_call:
	larl	%r1, old_cr0
	stctg	%c0, %c0, 0(%r1)
	lg	%r0, 0(%r1)
	oill	%r0, CR0_SERVICE
	stg	%r0, 8(%r1)
	lctlg	%c0, %c0, 8(%r1)
	llgfr	%r2, %r2
	.insn	rre, 0xb2200000, %r2, %r3	/* SERVC */
	ipm	%r2
	srl	%r2, 28
	ltr	%r2, %r2
	jnz	2f
0:	/* One interruption more than expected must not be taken for ours. */
	larl	%r4, on_external
	mvc	EXT_NEW_PSW(16), 0(%r4)
	larl	%r4, wait_external
	lpswe	0(%r4)
1:	lh	%r0, EXT_CODE
	chi	%r0, SERVICE_SIGNAL
	jne	0b
	llgf	%r0, EXT_SCCB
	nill	%r0, 0xfff8			/* the low bits tell of waiting events */
	cgr	%r0, %r3
	jne	0b
2:	lctlg	%c0, %c0, 0(%r1)
	llgfr	%r2, %r2
	br	%r14

	.globl	stop
stop:
	larl	%r1, wait_disabled
	stg	%r2, 8(%r1)
	lpswe	0(%r1)

	.globl	move_down
move_down:
	lgr	%r5, %r3
3:	mvcle	%r2, %r4, 0
	jo	3b
	br	%r14

	.data
	.balign	8
on_external:
	.quad	0x0000000180000000, 1b
wait_external:
	.quad	0x0102000180000000, 0
wait_disabled:
	.quad	0x0002000080000000, 0
old_cr0:
	.quad	0, 0
