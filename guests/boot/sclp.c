// SPDX-License-Identifier: GPL-2.0-or-later
#include "sclp.h"

#include <stdbool.h>

#include "cpu.h"

#define WRITE_EVENT_MASK 0x00780005U
#define WRITE_EVENT_DATA 0x00760005U
#define EVENT_ASCII      0x1a /* text as a terminal shows it */
#define EVENT_BIT(type)  (1U << (32 - (type)))
#define EVENT_HEADER     6
#define TEXT_MAX         512

struct sccb_header {
	uint16_t len;
	uint8_t function;
	uint8_t control[3];
	uint16_t response;
};

struct sccb_mask {
	struct sccb_header header;
	uint16_t reserved;
	uint16_t mask_len;
	uint32_t program_receives;
	uint32_t program_sends;
	uint32_t machine_receives;
	uint32_t machine_sends;
};

struct sccb_event {
	struct sccb_header header;
	uint16_t event_len;
	uint8_t type;
	uint8_t flags;
	uint16_t reserved;
	char text[TEXT_MAX];
};
_Static_assert(sizeof(struct sccb_mask) == 28, "write event mask");
_Static_assert(__builtin_offsetof(struct sccb_event, text) == 8 + EVENT_HEADER, "event buffer");

/* A control block must not cross a page. */
static union {
	struct sccb_mask mask;
	struct sccb_event event;
} sccb __attribute__((aligned(4096)));

static bool takes_text;

static bool call(uint32_t command)
{
	int cc;

	do
		cc = service_call(command, &sccb);
	while (cc == 2);
	return cc == 0 && (sccb.mask.header.response & 0xff) == 0x20;
}

static bool set_mask(uint32_t sends)
{
	sccb.mask = (struct sccb_mask){
		.header.len = sizeof(sccb.mask),
		.mask_len = sizeof(sends),
		.program_sends = sends,
	};
	return call(WRITE_EVENT_MASK);
}

void sclp_start(void)
{
	takes_text = set_mask(EVENT_BIT(EVENT_ASCII)) &&
		     (sccb.mask.machine_receives & EVENT_BIT(EVENT_ASCII));
}

void sclp_stop(void)
{
	set_mask(0);
	takes_text = false;
}

void sclp_print(const char *text)
{
	uint16_t len = 0;

	if (!takes_text)
		return;
	for (; text[len] && len < TEXT_MAX; len++)
		sccb.event.text[len] = text[len];
	sccb.event.event_len = (uint16_t)(EVENT_HEADER + len);
	sccb.event.header = (struct sccb_header){
		.len = (uint16_t)(sizeof(struct sccb_header) + EVENT_HEADER + len)};
	sccb.event.type = EVENT_ASCII;
	sccb.event.flags = 0;
	sccb.event.reserved = 0;
	call(WRITE_EVENT_DATA);
}

void sclp_print_hex(uint64_t value, unsigned int digits)
{
	char text[19] = "0x";

	for (unsigned int i = 0; i < digits; i++)
		text[2 + i] = "0123456789abcdef"[value >> 4 * (digits - 1 - i) & 15];
	text[2 + digits] = 0;
	sclp_print(text);
}
