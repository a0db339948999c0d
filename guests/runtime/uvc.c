// SPDX-License-Identifier: GPL-2.0-or-later
#include "runtime/uvc.h"

#include "protvirt/uv.h"
#include "runtime/cpu_facility.h"

#define FACILITY_UV_CALL 158

/* Repeats what the Ultravisor could not finish at once. */
static int uvc(void *block)
{
	unsigned long r1 = 0;
	int cc;

	do
		__asm__ volatile(".insn rrf,0xb9a40000,%1,%2,0,0\n\tipm %0\n\tsrl %0,28"
				 : "=d"(cc)
				 : "d"(r1), "a"(block)
				 : "cc", "memory");
	while (cc > 1);
	return cc;
}

static bool installed(const struct uv_cb_qui *qui, unsigned int bit)
{
	return be64_get(qui->inst_calls_list[bit / 64]) >> (63 - bit % 64) & 1;
}

bool uvc_protected(void)
{
	struct uv_cb_qui qui = {
		.header.len = be16_make(sizeof(qui)),
		.header.cmd = be16_make(UVC_CMD_QUI),
	};

	if (!cpu_has_facility(FACILITY_UV_CALL))
		return false;
	if (uvc(&qui) && be16_get(qui.header.rc) != UVC_RC_MORE_DATA)
		return false;
	return installed(&qui, BIT_UVC_CMD_SET_SHARED_ACCESS) &&
	       installed(&qui, BIT_UVC_CMD_REMOVE_SHARED_ACCESS);
}

static uint16_t change_access(uint16_t command, void *page)
{
	struct uv_cb_share share = {
		.header.len = be16_make(sizeof(share)),
		.header.cmd = be16_make(command),
		.paddr = be64_make((uint64_t)page),
	};

	uvc(&share);
	return be16_get(share.header.rc);
}

uint16_t uvc_share(void *page)
{
	return change_access(UVC_CMD_SET_SHARED_ACCESS, page);
}

uint16_t uvc_unshare(void *page)
{
	return change_access(UVC_CMD_REMOVE_SHARED_ACCESS, page);
}
