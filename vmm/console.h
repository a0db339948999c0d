/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's text on standard output, in whole lines, beside what the VMM has to say. */
#ifndef VMM_CONSOLE_H
#define VMM_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

struct console;

/**
 * console_create() - write to standard output
 * @progress: on a terminal, the teardown's progress stands to the right of the guest's text;
 *         elsewhere it is lines of its own
 *
 * Return: the console, or NULL with errno ENOMEM.
 */
struct console *console_create(bool progress);

/** console_destroy() - write what has no newline yet */
void console_destroy(struct console *console);

/** console_write() - text of the guest; control characters but newline and tab are not shown */
void console_write(struct console *console, const char *text, size_t len);

/** console_shows_progress() - was progress asked for? */
bool console_shows_progress(const struct console *console);

/** console_progress() - a line about the machine, if progress was asked for */
__attribute__((format(printf, 2, 3))) void console_progress(struct console *console,
							    const char *format, ...);

#endif
