/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sie/intercept.h"

enum exec pv_instruction(struct sie_cpu *cpu, const struct op *op)
{
	return program_interrupt(cpu, PGM_OPERATION);
}

enum exec pv_enter(struct sie_cpu *cpu)
{
	return EXEC_NEXT;
}

void pv_exit(struct sie_cpu *cpu, bool intercepted)
{
}

enum exec pv_uvc(struct sie_cpu *cpu, const struct op *op)
{
	return program_interrupt(cpu, PGM_OPERATION);
}
