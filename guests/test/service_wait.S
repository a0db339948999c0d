/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uint32_t service_wait(void): wait for a service signal; its parameter. */
#define EXT_SCCB	0x80
#define EXT_NEW_PSW	0x1b0
#define CR0_SERVICE	0x0200

	.text
	.globl	service_wait
service_wait:
	larl	%r1, old_cr0
	stctg	%c0, %c0, 0(%r1)
	lg	%r0, 0(%r1)
	oill	%r0, CR0_SERVICE
	stg	%r0, 8(%r1)
	lctlg	%c0, %c0, 8(%r1)
	larl	%r4, on_external
	mvc	EXT_NEW_PSW(16), 0(%r4)
	larl	%r4, wait_external
	lpswe	0(%r4)
0:	llgf	%r2, EXT_SCCB
	lctlg	%c0, %c0, 0(%r1)
	br	%r14

	.data
	.balign	8
on_external:
	.quad	0x0000000180000000, 0b
wait_external:
	.quad	0x0102000180000000, 0
old_cr0:
	.quad	0, 0
