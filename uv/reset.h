/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reset that keeps a guest protected, ultravisor.md 2.13:
 *
 *	(guest: DIAG 308) -> PENDING -> SET_UNSHARE_ALL -> UNSHARED -> PREPARE_RESET -> PREPARED
 *	-> initial or clear reset of each CPU -> CPU_SET_STATE OPERATING-LOAD -> NONE
 *
 * No CPU enters SIE in any state but NONE.
 */
#ifndef UV_RESET_H
#define UV_RESET_H

#include <stdbool.h>

struct uv_config;

/**
 * uv_reset_complete() - has everything been done that OPERATING-LOAD has to wait for?
 * Return: true also if no reset is under way. Context: the configuration's lock exclusive.
 */
bool uv_reset_complete(const struct uv_config *c);

/** uv_reset_end() - a CPU goes to OPERATING-LOAD: the sequence is over. Context: as above */
void uv_reset_end(struct uv_config *c);

#endif
