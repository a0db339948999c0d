// SPDX-License-Identifier: GPL-2.0-or-later
#include "runtime/console.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "boot/sclp.h"

#define LINE_MAX 512

struct sink {
	char *at;
	char *last; /* kept for the end of the text */
};

static void put(struct sink *s, char c)
{
	if (s->at < s->last)
		*s->at++ = c;
}

static void put_number(struct sink *s, uint64_t value, unsigned int base, unsigned int width,
		       char fill)
{
	char digits[20];
	unsigned int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	for (; width > n; width--)
		put(s, fill);
	while (n)
		put(s, digits[--n]);
}

static void put_text(struct sink *s, const char *text)
{
	while (*text)
		put(s, *text++);
}

static void put_signed(struct sink *s, int64_t value, unsigned int width, char fill)
{
	if (value < 0) {
		put(s, '-');
		put_number(s, (uint64_t)-value, 10, width, fill);
	} else {
		put_number(s, (uint64_t)value, 10, width, fill);
	}
}

/* One conversion, @format behind the percent sign. Returns what stands behind the conversion. */
static const char *convert(struct sink *s, const char *format, va_list *args)
{
	char fill = *format == '0' ? '0' : ' ';
	unsigned int width = 0;
	bool wide = false;

	for (; *format >= '0' && *format <= '9'; format++)
		width = width * 10 + (unsigned int)(*format - '0');
	for (; *format == 'l'; format++)
		wide = true;
	switch (*format) {
	case 's':
		put_text(s, va_arg(*args, const char *));
		break;
	case 'c':
		put(s, (char)va_arg(*args, int));
		break;
	case 'd':
		put_signed(s, wide ? va_arg(*args, long) : va_arg(*args, int), width, fill);
		break;
	case 'u':
	case 'x':
		put_number(s, wide ? va_arg(*args, unsigned long) : va_arg(*args, unsigned int),
			   *format == 'x' ? 16 : 10, width, fill);
		break;
	default:
		put(s, *format);
	}
	return format + 1;
}

static unsigned long format_args(char *buf, unsigned long size, const char *format, va_list *args)
{
	struct sink s = {buf, buf + size - 1};

	while (*format) {
		if (*format == '%')
			format = convert(&s, format + 1, args);
		else
			put(&s, *format++);
	}
	*s.at = 0;
	return (unsigned long)(s.at - buf);
}

unsigned long text_format(char *buf, unsigned long size, const char *format, ...)
{
	unsigned long len;
	va_list args;

	va_start(args, format);
	len = format_args(buf, size, format, &args);
	va_end(args);
	return len;
}

void console_printf(const char *format, ...)
{
	static bool started;
	char line[LINE_MAX];
	va_list args;

	if (!started)
		sclp_start();
	started = true;
	va_start(args, format);
	format_args(line, sizeof(line), format, &args);
	va_end(args);
	sclp_print(line);
}
