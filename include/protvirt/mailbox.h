/* SPDX-License-Identifier: MIT */
/*
 * A page through which a guest talks with its VMM: DIAGNOSE 0x500, service
 * MAILBOX_SERVICE in general register 1, the page's guest absolute address in
 * register 2, where the answer comes back: 0, or a negative errno.
 *
 * A protected guest shares the page first. What the VMM writes is for it what
 * any input is: not to be trusted.
 */
#ifndef PROTVIRT_MAILBOX_H
#define PROTVIRT_MAILBOX_H

#include <stddef.h>
#include <stdint.h>

#include "protvirt/be.h"

/** MAILBOX_SERVICE - above the numbers that virtio uses */
#define MAILBOX_SERVICE 0x100U

#define MAILBOX_TEXT_MAX 1024

/**
 * struct mailbox - the page
 * @boot: out, how many times this VM has been booted, 1 the first time
 * @go: written by nobody but a visitor from outside; a guest may wait for it
 * @question: in, a text
 * @answer: out, a text
 */
struct mailbox {
	be64_t boot;                     /* 0x000 */
	be64_t go;                       /* 0x008 */
	char question[MAILBOX_TEXT_MAX]; /* 0x010 */
	char answer[MAILBOX_TEXT_MAX];   /* 0x410 */
	uint8_t reserved[2032];          /* 0x810 */
};
_Static_assert(offsetof(struct mailbox, question) == 0x10, "mailbox.question");
_Static_assert(offsetof(struct mailbox, answer) == 0x410, "mailbox.answer");
_Static_assert(sizeof(struct mailbox) == 4096, "mailbox");

#endif
