/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU resets: what each kind clears of the architected state. */
#include <string.h>

#include "uv/cpu_state.h"

/** GBEA_INITIAL - breaking-event address after an initial reset */
#define GBEA_INITIAL 1

void cpu_state_initial_reset(struct cpu_state *state)
{
	memset(state->crs, 0, sizeof(state->crs));
	state->crs[0] = CR0_INITIAL;
	state->crs[14] = CR14_INITIAL;
	state->psw = (struct psw){0, 0};
	state->cpu_timer = 0;
	state->clock_comparator = 0;
	state->gbea = GBEA_INITIAL;
	state->pp = 0;
	state->prefix = 0;
	state->fpc = 0;
	state->todpr = 0;
}

void cpu_state_clear_reset(struct cpu_state *state)
{
	cpu_state_initial_reset(state);
	memset(state->gprs, 0, sizeof(state->gprs));
	memset(state->fprs, 0, sizeof(state->fprs));
	memset(state->acrs, 0, sizeof(state->acrs));
}
