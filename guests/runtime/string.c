// SPDX-License-Identifier: GPL-2.0-or-later
/* What the compiler calls by itself. */
#include <stddef.h>

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);
int memcmp(const void *a, const void *b, size_t n);

void *memcpy(void *to, const void *from, size_t n)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	while (n--) {
		*t++ = *f++;
		__asm__("" : "+a"(t)); /* or this loop becomes a call of memcpy */
	}
	return to;
}

void *memset(void *to, int value, size_t n)
{
	unsigned char *t = to;

	while (n--) {
		*t++ = (unsigned char)value;
		__asm__("" : "+a"(t));
	}
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n--; x++, y++)
		if (*x != *y)
			return *x < *y ? -1 : 1;
	return 0;
}
