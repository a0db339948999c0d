// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/json.h"

#include <inttypes.h>

static void put_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void member(struct json *j, const char *key)
{
	if (!j->first)
		fputc(',', j->out);
	j->first = false;
	if (!key)
		return;
	put_string(j->out, key);
	fputc(':', j->out);
}

void json_begin(struct json *j, FILE *out)
{
	*j = (struct json){out, true};
	fputc('{', out);
}

int json_finish(struct json *j)
{
	fputs("}\n", j->out);
	return fflush(j->out) || ferror(j->out) ? -1 : 0;
}

void json_string(struct json *j, const char *key, const char *value)
{
	member(j, key);
	put_string(j->out, value);
}

void json_number(struct json *j, const char *key, uint64_t value)
{
	member(j, key);
	fprintf(j->out, "%" PRIu64, value);
}

void json_numbers(struct json *j, const char *key, const uint64_t *values, size_t n)
{
	member(j, key);
	fputc('[', j->out);
	for (size_t i = 0; i < n; i++)
		fprintf(j->out, "%s%" PRIu64, i ? "," : "", values[i]);
	fputc(']', j->out);
}

void json_bool(struct json *j, const char *key, bool value)
{
	member(j, key);
	fputs(value ? "true" : "false", j->out);
}

void json_object(struct json *j, const char *key)
{
	member(j, key);
	fputc('{', j->out);
	j->first = true;
}

void json_object_end(struct json *j)
{
	fputc('}', j->out);
	j->first = false;
}

void json_array(struct json *j, const char *key)
{
	member(j, key);
	fputc('[', j->out);
	j->first = true;
}

void json_array_end(struct json *j)
{
	fputc(']', j->out);
	j->first = false;
}

void json_hex(struct json *j, const char *key, uint64_t value)
{
	member(j, key);
	fprintf(j->out, "\"0x%016" PRIx64 "\"", value);
}
