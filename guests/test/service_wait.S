/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uint32_t service_wait(void): wait for a service signal; its parameter. */
#include "boot/service.inc"

	.text
	.globl	service_wait
service_wait:
	SERVICE_OPEN
	SERVICE_WAIT
woken:	llgf	%r2, EXT_SCCB
	SERVICE_CLOSE
	br	%r14

	.data
	SERVICE_DATA	woken
