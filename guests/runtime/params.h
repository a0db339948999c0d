/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameter line: words, some of them KEY=VALUE. */
#ifndef GUESTS_RUNTIME_PARAMS_H
#define GUESTS_RUNTIME_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

/** params_has() - is the word @key, alone or with a value, on the parameter line? */
bool params_has(const char *key);

/** params_number() - decimal value of KEY=VALUE, with K, M or G for powers of 1024 */
uint64_t params_number(const char *key, uint64_t otherwise);

/** params_is() - is there KEY=VALUE with exactly this value? */
bool params_is(const char *key, const char *value);

#endif
