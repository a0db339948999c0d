/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/life/transport.h within one process. */
#include "tests/direct/direct.h"
#include "tests/life/transport.h"

static uint64_t donated_idle;

int transport_start(const struct transport_params *params)
{
	struct machine_params machine = MACHINE_PARAMS_DEFAULT;
	struct machine_status status;
	int ret;

	machine.model = params->model;
	machine.host_key = params->host_key;
	ret = direct_machine_start(&machine);
	if (ret)
		return ret;
	direct_machine_status(&status);
	donated_idle = status.storage.bytes_donated;
	return 0;
}

void transport_counts(struct transport_counts *counts)
{
	struct machine_status s;

	direct_machine_status(&s);
	*counts = (struct transport_counts){
		.vms = s.vms,
		.configs = s.active + s.half + s.stuck + s.aside + s.tearing + s.leftover,
		.tearing = s.tearing,
		.cpus = s.uv.cpus,
		.secure_frames = s.storage.frames_secure + s.storage.frames_orphan +
				 s.storage.frames_shared + s.storage.frames_residue,
		.donated = s.storage.bytes_donated,
		.donated_idle = donated_idle,
		.leaked = s.storage.bytes_leaked,
	};
}

/* Calls have returned, so nothing is left to wait for. */
void transport_wait_idle(void)
{
}

void transport_wait_mm_gone(void)
{
}

void transport_thread_end(void)
{
	direct_thread_end();
}

void transport_stop(void)
{
	direct_machine_stop();
}
