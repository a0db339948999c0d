// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Says what comes from the console, until that is "quit". Parameter `lines`: it takes operator
 * commands, which are lines; otherwise text as a terminal sends it. With stop=wait, stop=restart or
 * stop=never it can be asked to shut down, and does that: a disabled wait as Linux ends in, a
 * restart, nothing.
 */
#include <stdint.h>

#include "boot/cpu.h"
#include "runtime/console.h"
#include "runtime/guest.h"
#include "runtime/lowcore.h"
#include "runtime/machine.h"
#include "runtime/params.h"

#define WRITE_EVENT_MASK 0x00780005U
#define READ_EVENT_DATA  0x00770005U
#define RESPONSE_DONE    0x0020
#define RESPONSE_NONE    0x60f0
#define EVENT_COMMAND    0x01
#define EVENT_ASCII      0x1a
#define EVENT_QUIESCE    0x1d
#define EVENT_BIT(type)  (1U << (32 - (type)))
#define EXT_PARM_LOW     0x82
#define EVENTS_PENDING   3
#define COMMAND_TEXT     16 /* three vectors and two subvectors stand before the text */
#define QUIESCE_WAIT     0xfff

struct event {
	uint16_t len;
	uint8_t type;
	uint8_t flags;
	uint16_t reserved;
	uint8_t data[];
};

static struct {
	uint16_t len;
	uint8_t function;
	uint8_t control[3];
	uint16_t response;
	union {
		struct {
			uint16_t reserved;
			uint16_t mask_len;
			uint32_t masks[4];
		} mask;
		uint8_t events[4088];
	};
} sccb __attribute__((aligned(4096)));
_Static_assert(sizeof(sccb) == 4096, "one page");

uint32_t service_wait(void);

static int call(uint32_t command)
{
	int cc;

	do
		cc = service_call(command, &sccb);
	while (cc == 2);
	return cc ? -1 : sccb.response;
}

static int select_input(uint32_t types)
{
	sccb.len = 28;
	sccb.mask.reserved = 0;
	sccb.mask.mask_len = 4;
	sccb.mask.masks[0] = types;
	sccb.mask.masks[1] = EVENT_BIT(EVENT_ASCII);
	if (call(WRITE_EVENT_MASK) != RESPONSE_DONE)
		return 1;
	return (sccb.mask.masks[3] & types) != types;
}

/* Event text into @text, without the newline. Returns 0, or what went wrong. */
static int read_text(const struct event *event, char *text, unsigned int size)
{
	unsigned int skip = event->type == EVENT_ASCII ? 1 : COMMAND_TEXT;
	unsigned int len = event->len - (unsigned int)sizeof(*event) - skip;

	if (event->len < sizeof(*event) + skip || len >= size)
		return 4;
	for (unsigned int i = 0; i < len; i++) {
		uint8_t c = event->data[skip + i];

		/* small letters and blanks of code page 037 are all that is sent here */
		if (event->type == EVENT_COMMAND)
			c = c == 0x40   ? ' '
			    : c <= 0x89 ? (uint8_t)(c - 0x81 + 'a')
			    : c <= 0x99 ? (uint8_t)(c - 0x91 + 'j')
					: (uint8_t)(c - 0xa2 + 's');
		text[i] = (char)c;
	}
	text[len && text[len - 1] == '\n' ? len - 1 : len] = 0;
	return 0;
}

static int is_quit(const char *text)
{
	return text[0] == 'q' && text[1] == 'u' && text[2] == 'i' && text[3] == 't' && !text[4];
}

/* Returns 0 to go on, or how to end. */
static int shut_down(const struct event *event)
{
	console_printf("echo: shut down, length %u, flags %02x, timeout %u, unit %u\n", event->len,
		       event->flags, event->data[0] << 8 | event->data[1], event->data[2]);
	if (params_is("stop", "restart"))
		machine_reboot();
	return params_is("stop", "wait") ? QUIESCE_WAIT : 0;
}

/* All events of the block. Returns 0, -1 after "quit", or how to end. */
static int echo_events(void)
{
	static char text[256];
	const struct event *event;
	int wrong = 0;

	for (unsigned int at = 0; !wrong && at + 8 < sccb.len; at += event->len) {
		event = (const struct event *)(sccb.events + at);
		if (!event->len)
			break;
		if (event->type == EVENT_QUIESCE) {
			wrong = shut_down(event);
			continue;
		}
		wrong = read_text(event, text, sizeof(text));
		if (!wrong)
			console_printf("echo: \"%s\"\n", text);
		if (!wrong && is_quit(text))
			wrong = -1;
	}
	return wrong;
}

int guest_main(void)
{
	uint32_t types = EVENT_BIT(params_has("lines") ? EVENT_COMMAND : EVENT_ASCII);
	int done = 0;

	if (params_has("stop"))
		types |= EVENT_BIT(EVENT_QUIESCE);

	while (!done) {
		int response;

		if (select_input(types)) /* the console withdraws it after each text */
			return 2;
		sccb.len = sizeof(sccb);
		sccb.function = 0;
		response = call(READ_EVENT_DATA);
		if (response == RESPONSE_NONE) {
			if (!(lowcore_u16(EXT_PARM_LOW) & EVENTS_PENDING))
				service_wait();
			continue;
		}
		if (response != RESPONSE_DONE)
			return 3;
		done = echo_events();
	}
	return done < 0 ? 0 : done;
}
