/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of an input of the harness protocol, for it and for who writes inputs. */
#ifndef TESTS_FUZZ_PROTOCOL_H
#define TESTS_FUZZ_PROTOCOL_H

#include "client/protocol.h"

/* New types go to the end: inputs name them by their place. */
static const uint8_t fuzz_messages[] = {
	PROTVIRT_HELLO,     PROTVIRT_CHANNEL,      PROTVIRT_KICK,        PROTVIRT_QUERY,
	PROTVIRT_WELCOME,   PROTVIRT_ANSWER,       PROTVIRT_ADOPT,       PROTVIRT_GREETING,
	PROTVIRT_RESULT,    PROTVIRT_ASK_READ,     PROTVIRT_ASK_WRITE,   PROTVIRT_ASK_DESCRIBE,
	PROTVIRT_ASK_CONVERT, PROTVIRT_READY,      PROTVIRT_OPEN,        PROTVIRT_IOCTL,
	PROTVIRT_MMAP,      PROTVIRT_ALLOC,        PROTVIRT_MAPPED,      PROTVIRT_FREE,
	PROTVIRT_ACCESSIBLE, PROTVIRT_REPLY,       PROTVIRT_CLOSE,       PROTVIRT_ASK_CLOSE,
};

#define FUZZ_MESSAGES (sizeof(fuzz_messages) / sizeof(fuzz_messages[0]))

/**
 * enum protocol_step - the first byte of a step, modulo their number
 * @STEP_SEND: slot; type, a place in fuzz_messages (behind its end: the number itself, counted from
 *             there); what to pass (enum pass); result, sequence number and three arguments as
 *             numbers (a byte with their length up to 8, then as many bytes); payload: length (2
 *             bytes), bytes
 * @STEP_RAW: slot, length (2 bytes), bytes: a packet that need not be a message
 * @STEP_RECEIVE: slot: wait for a message; its descriptor is kept
 * @STEP_REPLY: slot, result, payload as above: answers the last ask that was received
 * @STEP_CONNECT: one more connection
 * @STEP_CLOSE: slot, or kept descriptor plus PROTOCOL_SLOTS
 * @STEP_PASS_ID: the next payload begins with the secret of the last welcome
 * @STEP_WORD: kept descriptor, 4 bytes: written to the start of that file, as to a stop word
 *
 * Slot 0 is a connection. What is made takes the next slot of PROTOCOL_SLOTS.
 */
enum protocol_step {
	STEP_SEND,
	STEP_RAW,
	STEP_RECEIVE,
	STEP_REPLY,
	STEP_CONNECT,
	STEP_CLOSE,
	STEP_PASS_ID,
	STEP_WORD,
	PROTOCOL_STEPS,
};

#define PROTOCOL_SLOTS 8U

/**
 * enum pass - low 3 bits; the upper 5 are a number N
 * @PASS_PAIR: an end of a new pair of sockets, the other takes the next slot
 * @PASS_KEPT: the Nth descriptor that was received, modulo PROTOCOL_SLOTS
 * @PASS_SLOT: the socket of slot N
 */
enum pass {
	PASS_NOTHING,
	PASS_PAIR,
	PASS_KEPT,
	PASS_SLOT,
	PASS_NULL,
	PASS_MEMFD,
	PASS_DATAGRAM,
	PASS_EVENTFD,
};

#endif
