/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guest can read as events of the service processor: standard input, and that it shall
 * shut down.
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
#define EVENT_SIGNAL_QUIESCE   0x1d /* shut down */

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
 * Context: a CPU's thread.
 */
void sclp_input_select(struct sclp_input *in, uint32_t receive);

/** sclp_input_reset() - no types are selected, nor have been. Context: manager */
void sclp_input_reset(struct sclp_input *in);

/** enum quiesce - how far a request to shut down has come; it outlives resets */
enum quiesce {
	QUIESCE_NONE,
	QUIESCE_SENT,
	QUIESCE_TAKEN /* the program has read it */
};

/**
 * sclp_input_quiesce() - ask the program to shut down
 *
 * It may have withdrawn its selection for a while, as a console does that writes: then it gets the
 * event as soon as it selects it again.
 *
 * Return: false, and nothing is asked: it has not selected the event since the last reset.
 * Context: any thread without vm->lock.
 */
bool sclp_input_quiesce(struct sclp_input *in);

/** sclp_input_quiesce_state() - Context: any thread */
enum quiesce sclp_input_quiesce_state(struct sclp_input *in);

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
