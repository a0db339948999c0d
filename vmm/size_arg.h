/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers on the command line. */
#ifndef VMM_SIZE_ARG_H
#define VMM_SIZE_ARG_H

#include <stdbool.h>
#include <stdint.h>

/** size_parse() - bytes: a decimal number with K, M, G or T; without a letter MiB */
bool size_parse(const char *text, uint64_t *bytes);

/** number_parse() - a decimal number in @min to @max with nothing behind it */
bool number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *value);

#endif
