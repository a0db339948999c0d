// SPDX-License-Identifier: GPL-2.0-or-later
#include "runtime/host_page.h"

#include "protvirt/uv.h"
#include "runtime/console.h"
#include "runtime/machine.h"
#include "runtime/uvc.h"

static struct mailbox page __attribute__((aligned(4096)));

volatile struct mailbox *host_page_open(void)
{
	uint16_t rc;

	if (!uvc_protected())
		return &page;
	rc = uvc_share(&page);
	if (rc == UVC_RC_EXECUTED)
		return &page;
	console_printf("share of %lx refused, rc %04x\n", (unsigned long)&page, rc);
	return 0;
}

bool host_page_close(void)
{
	return !uvc_protected() || uvc_unshare(&page) == UVC_RC_EXECUTED;
}

int64_t host_page_ask(const char *question, char *answer)
{
	volatile struct mailbox *box = &page;
	unsigned long i = 0;
	int64_t rc;

	for (; question[i] && i < MAILBOX_TEXT_MAX - 1; i++)
		box->question[i] = question[i];
	box->question[i] = 0;
	rc = machine_call_host(MAILBOX_SERVICE, &page);
	/* Copied once, byte by byte: the host may change it while we read. */
	for (i = 0; i < MAILBOX_TEXT_MAX - 1; i++) {
		answer[i] = rc ? 0 : box->answer[i];
		if (!answer[i])
			break;
	}
	answer[i] = 0;
	return rc;
}

void host_page_wait_go(void)
{
	volatile struct mailbox *box = &page;

	while (!box->go.raw)
		machine_yield();
}
