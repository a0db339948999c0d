/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Program checks: nobody expects them, so they are told and end the guest. */
#ifndef GUESTS_RUNTIME_TRAP_H
#define GUESTS_RUNTIME_TRAP_H

/** trap_program() - entered from the program new PSW; stops with 0x1000 + interruption code */
_Noreturn void trap_program(void);

#endif
