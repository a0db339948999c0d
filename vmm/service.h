/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a machine process answers when it is asked; the verbs are listed in docs/watching.md. */
#ifndef VMM_SERVICE_H
#define VMM_SERVICE_H

#include "host/server.h"
#include "kvm/machine.h"

/** struct service - what runs, as the server's callbacks see it */
struct service {
	struct machine *machine;
	struct uv_cost cost;
};

/** service_fill() - the callbacks, with @s as their context */
void service_fill(struct service *s, struct host_server_params *params);

#endif
