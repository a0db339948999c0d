// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/console.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_MAX     1024
#define RIGHT_COLUMN 84

struct console {
	bool progress;
	bool columns;
	pthread_mutex_t lock; /* the line, and the order of output */
	char line[LINE_MAX];
	size_t len;
};

struct console *console_create(bool progress)
{
	struct console *console = calloc(1, sizeof(*console));

	if (!console)
		return NULL;
	console->progress = progress;
	console->columns = progress && isatty(STDOUT_FILENO);
	pthread_mutex_init(&console->lock, NULL);
	return console;
}

static void flush_line(struct console *console)
{
	printf("%.*s\n", (int)console->len, console->line);
	fflush(stdout);
	console->len = 0;
}

void console_destroy(struct console *console)
{
	if (!console)
		return;
	if (console->len)
		flush_line(console);
	pthread_mutex_destroy(&console->lock);
	free(console);
}

/* A guest must not be able to drive the terminal of whoever runs it. */
static bool shown(char c)
{
	return c == '\t' || (unsigned char)c >= 0x80 || (c >= ' ' && c != 0x7f);
}

void console_write(struct console *console, const char *text, size_t len)
{
	pthread_mutex_lock(&console->lock);
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '\n' && shown(text[i]))
			console->line[console->len++] = text[i];
		if (text[i] == '\n' || console->len == LINE_MAX)
			flush_line(console);
	}
	pthread_mutex_unlock(&console->lock);
}

bool console_shows_progress(const struct console *console)
{
	return console->progress;
}

void console_progress(struct console *console, const char *format, ...)
{
	va_list args;

	if (!console->progress)
		return;
	va_start(args, format);
	pthread_mutex_lock(&console->lock);
	if (console->columns)
		printf("\033[%dG\033[36m| ", RIGHT_COLUMN);
	else
		printf("| ");
	vprintf(format, args);
	printf("%s\n", console->columns ? "\033[0m" : "");
	fflush(stdout);
	pthread_mutex_unlock(&console->lock);
	va_end(args);
}
