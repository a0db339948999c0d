/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for people, by service calls. */
#ifndef GUESTS_RUNTIME_CONSOLE_H
#define GUESTS_RUNTIME_CONSOLE_H

/**
 * console_printf() - write a formatted line or a part of one
 *
 * Knows %s, %c, %d, %u, %x, with l or a width and 0, and %%. A service call is made for each call,
 * so that what was written has left the guest when this returns.
 */
__attribute__((format(printf, 1, 2))) void console_printf(const char *format, ...);

/** text_format() - the same into @buf of @size bytes, always ended. Return: characters written */
__attribute__((format(printf, 3, 4))) unsigned long text_format(char *buf, unsigned long size,
								const char *format, ...);

#endif
