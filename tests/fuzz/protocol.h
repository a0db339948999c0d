/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of an input of the harness protocol, for it and for who writes inputs. */
#ifndef TESTS_FUZZ_PROTOCOL_H
#define TESTS_FUZZ_PROTOCOL_H

/**
 * enum protocol_step - the first byte of a step, modulo their number
 * @STEP_SEND: slot; type; what to pass (enum pass); result, sequence number and three arguments as
 *             numbers (a byte with their length up to 8, then as many bytes); payload: length (2
 *             bytes), bytes
 * @STEP_RAW: slot, length (2 bytes), bytes: a packet that need not be a message
 * @STEP_RECEIVE: slot: wait for a message; its descriptor is kept
 * @STEP_REPLY: slot, result, payload as above: answers the last ask that was received
 * @STEP_CONNECT: one more connection
 * @STEP_CLOSE: slot
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
