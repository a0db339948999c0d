/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One table of options a command: getopt_long() and the help text both come from it. */
#ifndef IMAGE_OPTIONS_H
#define IMAGE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** OPTION_LONG - first key of options without a short form */
#define OPTION_LONG 256

/** struct option_row - one option; rows with the same key are names for the same thing */
struct option_row {
	int key;          /* the short option's letter, or OPTION_LONG and above */
	const char *name; /* without "--" */
	const char *arg;  /* what stands for its argument in the help, NULL for none */
	const char *help; /* NULL: an old name, taken but not shown */
};

/** struct command - a verb and how it is used */
struct command {
	const char *name;     /* as in messages: "protvirt image create" */
	const char *operands; /* behind the options, "" for none */
	const char *summary;
	const struct option_row *options; /* last row: name NULL */
};

/**
 * options_parse() - walk a command line
 * @argv: argv[0] is the verb's name
 * @take: called for each option with its row's key and argument; returns false, having told why,
 *        if the value is bad
 * @first: out, index of the first operand
 *
 * --help and --version are known to every command.
 *
 * Return: -1 to go on, else the exit status to end with.
 */
int options_parse(const struct command *c, int argc, char **argv,
		  bool (*take)(void *arg, int key, const char *value), void *arg, int *first);

/** command_fail() - one line on standard error, with the command's name. Return: @status */
__attribute__((format(printf, 3, 4))) int command_fail(const struct command *c, int status,
						       const char *format, ...);

/** parse_hex() - a number like 0xe0 or e0 with nothing behind it */
bool parse_hex(const char *text, uint64_t *out);

#endif
