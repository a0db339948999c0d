/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's end of <protvirt/mailbox.h>. */
#ifndef GUESTS_RUNTIME_HOST_PAGE_H
#define GUESTS_RUNTIME_HOST_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "protvirt/mailbox.h"

/**
 * host_page_open() - the page, shared with the host if this is a protected guest
 * Return: the page, or NULL if the Ultravisor refused to share it (its answer is on the console).
 */
volatile struct mailbox *host_page_open(void);

/** host_page_close() - the page belongs to the guest alone again. Return: did that work? */
bool host_page_close(void);

/**
 * host_page_ask() - put a question, let the host answer
 * @answer: where a copy of the answer goes, MAILBOX_TEXT_MAX bytes, always ended
 *
 * Return: 0, or the host's negative answer: it does not know this service.
 */
int64_t host_page_ask(const char *question, char *answer);

/** host_page_wait_go() - wait until somebody has let us go on */
void host_page_wait_go(void);

#endif
