/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What C cannot say: control instructions of the boot loaders. */
#ifndef GUESTS_BOOT_CPU_H
#define GUESTS_BOOT_CPU_H

#include <stdint.h>

#define PSW_MASK_64BIT 0x0000000180000000UL

struct psw {
	uint64_t mask;
	uint64_t addr;
};

/* Addresses of the disabled waits, which name the cause to whoever looks at the stopped CPU. */
#define STOP_NO_PV     0x4607UL /* the machine cannot run protected guests */
#define STOP_PV_FAILED 0x4608UL /* it refused this one */
#define STOP_STAGE3B   0x4609UL /* the encrypted loader found its arguments bad */

/**
 * service_call() - SERVC and the wait for the interruption that announces its end
 * @command: SCLP command word
 * @sccb: its control block, below 2 GiB, not crossing a page
 *
 * Return: the condition code: 0 done, 2 busy, 3 no service processor.
 */
int service_call(uint32_t command, void *sccb);

/** stop() - disabled wait at an address of those above */
_Noreturn void stop(uint64_t address);

/** move_down() - copy to a lower address; the areas may overlap */
void move_down(void *to, uint64_t len, const void *from);

/** load_psw() - go on where @psw says */
_Noreturn static inline void load_psw(const struct psw *psw)
{
	__asm__ volatile("lpswe %0" : : "Q"(*psw) : "memory", "cc");
	__builtin_unreachable();
}

#endif
