// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/error.h"

#include <stdarg.h>
#include <stdio.h>

int image_fail(struct image_error *err, int rc, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return rc;
}
