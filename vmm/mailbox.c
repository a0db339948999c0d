// SPDX-License-Identifier: GPL-2.0-or-later
#include "protvirt/mailbox.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "protvirt/protvirt.h"
#include "vmm/diag.h"

#define QUOTE_MAX 80

int64_t mailbox_handle(struct vm *vm, uint64_t addr)
{
	struct mailbox *box = vm_range(vm, addr, sizeof(*box));
	char question[QUOTE_MAX + 1];

	if (!box || addr % sizeof(*box))
		return -EFAULT;
	if (protvirt_make_accessible(box, sizeof(*box)))
		return -errno;
	memcpy(question, box->question, QUOTE_MAX);
	question[QUOTE_MAX] = 0;
	snprintf(box->answer, sizeof(box->answer),
		 "this is boot %" PRIu64 " of a simulated machine's VM; you asked \"%s\"",
		 vm->boots, question);
	box->boot = be64_make(vm->boots);
	return 0;
}
