/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON objects, one a line. */
#ifndef VMM_JSON_H
#define VMM_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** struct json - a writer; nesting is by json_object() and json_array() */
struct json {
	FILE *out;
	bool first; /* no member yet in the innermost object or array */
};

/** json_begin() - start an object on @out */
void json_begin(struct json *j, FILE *out);

/** json_finish() - end it with a newline and flush. Return: 0, or -1 if anything was not written */
int json_finish(struct json *j);

void json_string(struct json *j, const char *key, const char *value);
void json_number(struct json *j, const char *key, uint64_t value);
/** json_numbers() - an array of them */
void json_numbers(struct json *j, const char *key, const uint64_t *values, size_t n);
void json_bool(struct json *j, const char *key, bool value);

/** json_object() - a nested object; @key is NULL inside an array */
void json_object(struct json *j, const char *key);
void json_object_end(struct json *j);

/** json_array() - a nested array */
void json_array(struct json *j, const char *key);
void json_array_end(struct json *j);

/** json_hex() - a 64-bit number as a string of hexadecimal digits: JSON's numbers are too short */
void json_hex(struct json *j, const char *key, uint64_t value);

#endif
