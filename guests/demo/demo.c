// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The demonstration guest. Words on its parameter line:
 *
 *   reboots=N   restart N times, then shut down
 *   fill=SIZE   look at and fill this much storage, from its end down; all if not said
 *   hold        wait after the secret is planted until the host's page says go, then read it
 */
#include <stdint.h>

#include "demo/memory.h"
#include "runtime/console.h"
#include "runtime/guest.h"
#include "runtime/host_page.h"
#include "runtime/machine.h"
#include "runtime/params.h"
#include "runtime/uvc.h"

enum {
	DEMO_DONE = 0,
	DEMO_NOT_CLEAN = 1,
	DEMO_NO_PAGE = 2,
	DEMO_SECRET_CHANGED = 3
};

#define MIB(bytes) ((bytes) >> 20)

static const char secret[] = "the demonstration guest's secret: 7b1d4c90e2";

static uint64_t milliseconds_since(uint64_t tod)
{
	return (machine_tod() - tod) / 4096 / 1000;
}

static int check_clean(struct area area)
{
	uint64_t start = machine_tod(), first = 0;
	uint64_t used = memory_count_used(area, &first);

	if (used) {
		console_printf("demo: NOT CLEAN: %lu pieces of 256 bytes hold something, first at "
			       "%lx: %016lx\n",
			       used, first, *(uint64_t *)first);
		return DEMO_NOT_CLEAN;
	}
	console_printf("demo: %lu MiB hold nothing of a boot before, looked for %lu ms\n",
		       MIB(area.end - area.start), milliseconds_since(start));
	return DEMO_DONE;
}

static void fill(struct area area, uint64_t boot)
{
	uint64_t start = machine_tod();
	uint8_t pattern[256];

	memory_make_pattern(pattern, boot);
	memory_fill(area, pattern);
	console_printf("demo: %lu MiB filled with this boot's pattern in %lu ms\n",
		       MIB(area.end - area.start), milliseconds_since(start));
}

static char *plant_secret(struct area area)
{
	char *at = (char *)area.start;

	for (unsigned long i = 0; i < sizeof(secret); i++)
		at[i] = secret[i];
	console_printf("demo: secret at %lx\n", area.start);
	return at;
}

static int check_secret(const volatile char *at)
{
	for (unsigned long i = 0; i < sizeof(secret); i++)
		if (at[i] != secret[i])
			return DEMO_SECRET_CHANGED;
	return DEMO_DONE;
}

static void talk(const volatile struct mailbox *page, uint64_t *boot)
{
	static char answer[MAILBOX_TEXT_MAX];
	int64_t rc = host_page_ask("demo: who are you, and how often have I been here?", answer);

	*boot = rc ? 1 : be64_get(page->boot);
	if (rc)
		console_printf("demo: the host does not answer (%ld)\n", rc);
	else
		console_printf("demo: through the shared page the host says: %s\n", answer);
}

static int hold(const char *at, const volatile struct mailbox *page)
{
	int status;

	console_printf("demo: holding, page at %lx\n", (unsigned long)page);
	host_page_wait_go();
	status = check_secret(at);
	console_printf("demo: secret %s\n", status ? "CHANGED" : "still there");
	return status;
}

int guest_main(void)
{
	struct area area = memory_area(params_number("fill", UINT64_MAX));
	const volatile struct mailbox *page;
	const char *secret_at;
	uint64_t boot;
	int status;

	console_printf("demo: %s guest, %lu MiB\n", uvc_protected() ? "protected" : "ordinary",
		       MIB(machine_memory()));
	page = host_page_open();
	if (!page)
		return DEMO_NO_PAGE;
	talk(page, &boot);
	status = check_clean(area);
	if (status)
		return status;
	fill(area, boot);
	secret_at = plant_secret(area);
	if (params_has("hold")) {
		status = hold(secret_at, page);
		if (status)
			return status;
	}
	if (boot <= params_number("reboots", 0)) {
		console_printf("demo: boot %lu ends, restarting\n", boot);
		machine_reboot();
	}
	console_printf("demo: boot %lu was the last, shutting down\n", boot);
	return DEMO_DONE;
}
