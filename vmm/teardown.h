/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of a protected guest whose VM goes on. */
#ifndef VMM_TEARDOWN_H
#define VMM_TEARDOWN_H

#include "vmm/vm.h"

/**
 * struct teardown - how it was done
 * @set_aside: PREPARE: teardown_perform() has to follow; else DISABLE did all
 * @fallback: why it is not asynchronous though that was asked for, "" if it is
 */
struct teardown {
	bool set_aside;
	char fallback[80];
};

/**
 * teardown_run() - make the VM an ordinary one
 *
 * PREPARE if asynchronous teardown is wanted and possible; DISABLE if it is not, if PREPARE
 * refuses, and if it has left the VM without CPUs.
 *
 * Return: 0, or -errno: DISABLE failed too, a line on standard error says how.
 * Context: manager, CPUs paused.
 */
int teardown_run(struct vm *vm, struct teardown *out);

struct reboot_log;
struct reboot_record;

/**
 * teardown_perform() - start the thread that destroys what was set aside
 * @record: told when it is over; owned by @log
 *
 * Without a thread it is left to the next DISABLE or to the end of the VM: a line says so.
 */
void teardown_perform(struct vm *vm, struct reboot_log *log, struct reboot_record *record);

#endif
