// SPDX-License-Identifier: GPL-2.0-or-later
#include "runtime/params.h"

extern const char command_line[];

static bool ends_word(char c)
{
	return c == 0 || c == ' ' || c == '\n';
}

/* Where @text is behind @prefix, or NULL if it does not begin with it. */
static const char *behind(const char *text, const char *prefix)
{
	while (*prefix)
		if (*text++ != *prefix++)
			return 0;
	return text;
}

/* What follows the key: the end of a word, or the value's first character. */
static const char *find(const char *key)
{
	const char *word = command_line;

	while (*word) {
		const char *rest = behind(word, key);

		if (rest && ends_word(*rest))
			return rest;
		if (rest && *rest == '=')
			return rest + 1;
		while (!ends_word(*word))
			word++;
		while (*word && ends_word(*word))
			word++;
	}
	return 0;
}

bool params_has(const char *key)
{
	return find(key) != 0;
}

static unsigned int unit_shift(char unit)
{
	return unit == 'K' ? 10 : unit == 'M' ? 20 : unit == 'G' ? 30 : 0;
}

uint64_t params_number(const char *key, uint64_t otherwise)
{
	const char *at = find(key);
	uint64_t value = 0;

	if (!at || *at < '0' || *at > '9')
		return otherwise;
	for (; *at >= '0' && *at <= '9'; at++)
		value = value * 10 + (uint64_t)(*at - '0');
	return value << unit_shift(*at);
}

bool params_is(const char *key, const char *value)
{
	const char *at = find(key);
	const char *rest = at ? behind(at, value) : 0;

	return rest && ends_word(*rest);
}
