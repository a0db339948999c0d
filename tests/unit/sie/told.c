/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/sie/told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

int told_begin(void)
{
	FILE *file = tmpfile();
	int before;

	assert_non_null(file);
	fflush(stderr);
	before = dup(STDERR_FILENO);
	assert_true(before >= 0);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	fclose(file);
	return before;
}

void told_end(int before, char *text, size_t size)
{
	ssize_t n;

	fflush(stderr);
	n = pread(STDERR_FILENO, text, size - 1, 0);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	close(before);
	assert_true(n >= 0);
	text[n] = '\0';
}
