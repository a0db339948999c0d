// SPDX-License-Identifier: GPL-2.0-or-later
/* Shares a page, talks through it, takes it back and finds what was said. */
#include "runtime/console.h"
#include "runtime/guest.h"
#include "runtime/host_page.h"
#include "runtime/uvc.h"

int guest_main(void)
{
	static char answer[MAILBOX_TEXT_MAX];
	volatile struct mailbox *page = host_page_open();

	if (!page)
		return 1;
	for (unsigned int i = 0; i < 3; i++) {
		if (host_page_ask(i & 1 ? "odd" : "even", answer))
			return 2;
		console_printf("share: %s\n", answer);
	}
	if (!host_page_close())
		return 3;
	if (page->question[0] != 'e' || page->answer[0] != answer[0])
		return 4;
	page->question[0] = 'x';
	console_printf("share: the page is the guest's own again\n");
	return 0;
}
