// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_OPTIONS 40
#define KEY_HELP    'h'
#define KEY_VERSION 'v'
#define HELP_COLUMN 34

static const struct option_row general_options[] = {
	{KEY_HELP, "help", NULL, "show this text and end"},
	{KEY_VERSION, "version", NULL, "show the version and end"},
	{0},
};

struct tables {
	struct option longs[MAX_OPTIONS + 1];
	char shorts[2 * MAX_OPTIONS + 2];
	size_t num_longs;
	size_t num_shorts;
};

static void add_rows(struct tables *t, const struct option_row *rows)
{
	for (; rows->name && t->num_longs < MAX_OPTIONS; rows++) {
		t->longs[t->num_longs++] = (struct option){
			.name = rows->name,
			.has_arg = rows->arg ? required_argument : no_argument,
			.val = rows->key,
		};
		if (rows->key >= OPTION_LONG)
			continue;
		t->shorts[t->num_shorts++] = (char)rows->key;
		if (rows->arg)
			t->shorts[t->num_shorts++] = ':';
	}
}

static void print_rows(const struct option_row *rows)
{
	for (; rows->name; rows++) {
		int n;

		if (!rows->help)
			continue;
		n = rows->key < OPTION_LONG ? printf("  -%c, ", rows->key) : printf("      ");
		n += printf("--%s%s%s", rows->name, rows->arg ? " " : "",
			    rows->arg ? rows->arg : "");
		if (n >= HELP_COLUMN) {
			putchar('\n');
			n = 0;
		}
		printf("%*s%s\n", HELP_COLUMN - n, "", rows->help);
	}
}

static void print_help(const struct command *c)
{
	printf("Usage: %s [OPTION]...%s%s\n\n%s\n\nOptions:\n", c->name, *c->operands ? " " : "",
	       c->operands, c->summary);
	print_rows(c->options);
	print_rows(general_options);
}

int command_fail(const struct command *c, int status, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", c->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return status;
}

static int bad_option(const struct command *c, char **argv, bool argument_missing)
{
	if (optopt && optopt < OPTION_LONG && isgraph(optopt))
		return command_fail(c, 2, "option -%c %s; see --help", optopt,
				    argument_missing ? "needs an argument" : "is not known");
	return command_fail(c, 2, "option %s %s; see --help", argv[optind - 1],
			    argument_missing ? "needs an argument" : "is not known or takes none");
}

int options_parse(const struct command *c, int argc, char **argv,
		  bool (*take)(void *arg, int key, const char *value), void *arg, int *first)
{
	struct tables t = {.shorts = ":", .num_shorts = 1};
	int key;

	add_rows(&t, c->options);
	add_rows(&t, general_options);
	optind = 0; /* start over, whoever used getopt before */
	opterr = 0;
	while ((key = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1) {
		switch (key) {
		case KEY_HELP:
			print_help(c);
			return 0;
		case KEY_VERSION:
			puts("protvirt " PROTVIRT_VERSION);
			return 0;
		case '?':
		case ':':
			return bad_option(c, argv, key == ':');
		default:
			if (!take(arg, key, optarg))
				return 2;
		}
	}
	*first = optind;
	return -1;
}

bool parse_hex(const char *text, uint64_t *out)
{
	char *end;

	if (!isxdigit((unsigned char)*text))
		return false;
	errno = 0;
	*out = strtoull(text, &end, 16);
	return !errno && !*end;
}
