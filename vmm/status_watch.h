/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `protvirt status --watch`: teardowns while they happen. */
#ifndef VMM_STATUS_WATCH_H
#define VMM_STATUS_WATCH_H

#include <stdbool.h>
#include <stdio.h>

struct teardown_list;

/** enum watch_form - how an update is shown */
enum watch_form {
	WATCH_LINES,  /* one line an update */
	WATCH_REDRAW, /* one line a teardown, over those of the last update */
	WATCH_JSON,   /* one JSON object an update */
};

/**
 * status_watch_show() - show one update
 * @lines: lines that the last update took, for WATCH_REDRAW; 0: this is the first
 *
 * Return: lines that this one took.
 */
unsigned int status_watch_show(const struct teardown_list *list, enum watch_form form,
			       unsigned int lines, FILE *out);

/**
 * status_watch() - show teardowns of a machine until it ends
 * @path: its control socket
 *
 * Return: 0: the machine has ended; -errno: it was never there, or output failed (-EIO).
 */
int status_watch(const char *path, bool json);

#endif
