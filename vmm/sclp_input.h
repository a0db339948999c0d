/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guest can read: standard input, as events of the service processor.
 *
 * Nothing is taken from standard input before a guest asks for such events, so a guest that does
 * not leaves it to whoever shares it.
 */
#ifndef VMM_SCLP_INPUT_H
#define VMM_SCLP_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/sclp.h"

struct sclp_input;

/** SCLP_EVENT_BIT() - an event type's bit in the first word of a mask */
#define SCLP_EVENT_BIT(type) (1U << (32 - (type)))

#define EVENT_OPERATOR_COMMAND 0x01 /* a line, in EBCDIC */
#define EVENT_MESSAGE          0x02
#define EVENT_ASCII            0x1a /* bytes, as a terminal gives and takes them */

/** struct sclp_event - header of an event buffer; it may begin anywhere in a block */
struct sclp_event {
	be16_t len;      /* 0, with this header */
	uint8_t type;    /* 2 */
	uint8_t flags;   /* 3 */
	be16_t reserved; /* 4 */
	uint8_t data[];
} __attribute__((packed));
_Static_assert(sizeof(struct sclp_event) == 6, "event buffer");

/** sclp_input_create() - Return: the input of a VM, or NULL: no memory or descriptor */
struct sclp_input *sclp_input_create(struct vm *vm);

/** sclp_input_destroy() - ends the thread that reads; NULL is taken */
void sclp_input_destroy(struct sclp_input *in);

/**
 * sclp_input_select() - the event types that the program takes from now on
 * @receive: first word of its mask; types that nothing is sent of are ignored
 *
 * Context: a CPU's thread, or the manager (0 at a reset).
 */
void sclp_input_select(struct sclp_input *in, uint32_t receive);

/** sclp_input_pending() - is there something to read for the types selected? */
bool sclp_input_pending(struct sclp_input *in);

/**
 * sclp_input_take() - the next event
 * @selected: types that are wanted now
 * @event: room for it, header included
 * @room: bytes there
 *
 * Return: its length, 0 if there is none (or not enough room for one).
 */
size_t sclp_input_take(struct sclp_input *in, uint32_t selected, struct sclp_event *event,
		       size_t room);

#endif
