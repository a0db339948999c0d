// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/size_arg.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool leading_number(const char *text, uint64_t *value, const char **rest)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	*rest = end;
	return !errno;
}

bool size_parse(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	unsigned int shift = 20;
	const char *rest;
	uint64_t value;

	if (!leading_number(text, &value, &rest))
		return false;
	if (*rest) {
		const char *unit = strchr(units, toupper((unsigned char)*rest));

		if (!unit || rest[1])
			return false;
		shift = 10 * (unsigned int)(unit - units + 1);
	}
	*bytes = value << shift;
	return *bytes >> shift == value;
}

bool number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	const char *rest;

	return leading_number(text, value, &rest) && !*rest && *value >= min && *value <= max;
}
