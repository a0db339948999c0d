// SPDX-License-Identifier: GPL-2.0-or-later
/* protvirt report: what the shards of a campaign have found. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/options.h"
#include "vmm/campaign_line.h"
#include "vmm/commands.h"
#include "vmm/exit_code.h"
#include "vmm/json.h"

enum key {
	KEY_JSON = OPTION_LONG
};

static const struct option_row options[] = {
	{KEY_JSON, "json", NULL, "one JSON object a program"},
	{0},
};

static const struct command command = {
	.name = "protvirt report",
	.operands = "FILE...",
	.summary =
		"Sums up the lines that shards of test campaigns wrote, and names failing seeds.\n"
		"- is standard input. The exit status is 1 if a case failed, or if a line is not\n"
		"one of a campaign.",
	.options = options,
};

/**
 * struct total - of one program
 * @seconds: of all shards together
 */
struct total {
	struct total *next;
	char *program;
	uint64_t shards;
	uint64_t cases;
	uint64_t failed;
	double seconds;
	uint64_t *seeds;
	size_t nr_seeds;
};

struct report {
	struct total *totals;
	uint64_t failed;
};

static struct total *total_of(struct report *r, const char *program)
{
	struct total **at = &r->totals, *t;

	while (*at && strcmp((*at)->program, program) < 0)
		at = &(*at)->next;
	if (*at && !strcmp((*at)->program, program))
		return *at;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->program = strdup(program);
	if (!t->program) {
		free(t);
		return NULL;
	}
	t->next = *at;
	*at = t;
	return t;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Each seed once, ascending: two shards of campaigns that overlap may have met the same. */
static int add_seeds(struct total *t, const struct campaign_line *line)
{
	size_t n = t->nr_seeds + line->nr_failing, kept = 0;
	uint64_t *seeds = realloc(t->seeds, (n + 1) * sizeof(*seeds));

	if (!seeds)
		return -ENOMEM;
	memcpy(seeds + t->nr_seeds, line->failing_seeds, line->nr_failing * sizeof(*seeds));
	qsort(seeds, n, sizeof(*seeds), by_number);
	for (size_t i = 0; i < n; i++) {
		if (!kept || seeds[kept - 1] != seeds[i])
			seeds[kept++] = seeds[i];
	}
	t->seeds = seeds;
	t->nr_seeds = kept;
	return 0;
}

static int add_line(struct report *r, const struct campaign_line *line)
{
	struct total *t = total_of(r, line->program);

	if (!t)
		return -ENOMEM;
	t->shards++;
	t->cases += line->cases;
	t->failed += line->failed;
	t->seconds += line->seconds;
	r->failed += line->failed;
	return add_seeds(t, line);
}

static int tell_wrong(const char *name, uint64_t number, const char *field)
{
	if (field)
		return command_fail(&command, EXIT_CODE_HOST,
				    "%s: line %" PRIu64 ": field %s is missing or wrong", name,
				    number, field);
	return command_fail(&command, EXIT_CODE_HOST, "%s: line %" PRIu64 ": not a JSON object",
			    name, number);
}

static int take_line(struct report *r, const char *name, uint64_t number, const char *text)
{
	struct campaign_line line;
	const char *field;
	int err;

	if (campaign_line_parse(text, &line, &field))
		return tell_wrong(name, number, field);
	err = add_line(r, &line);
	campaign_line_free(&line);
	return err ? command_fail(&command, EXIT_CODE_HOST, "%s: %s", name, strerror(-err)) : 0;
}

static int read_lines(struct report *r, const char *name, FILE *in)
{
	uint64_t number = 0;
	char *text = NULL;
	size_t size = 0;
	int rc = 0;

	while (!rc && getline(&text, &size, in) >= 0) {
		number++;
		if (text[strspn(text, " \t\r\n")])
			rc = take_line(r, name, number, text);
	}
	if (!rc && ferror(in))
		rc = command_fail(&command, EXIT_CODE_HOST, "%s: %s", name, strerror(errno));
	free(text);
	return rc;
}

static int read_file(struct report *r, const char *name)
{
	FILE *in;
	int rc;

	if (!strcmp(name, "-"))
		return read_lines(r, "standard input", stdin);
	in = fopen(name, "r");
	if (!in)
		return command_fail(&command, EXIT_CODE_HOST, "%s: %s", name, strerror(errno));
	rc = read_lines(r, name, in);
	fclose(in);
	return rc;
}

static void print_table(const struct report *r)
{
	printf("%-20s %8s %12s %8s %12s\n", "program", "shards", "cases", "failed", "seconds");
	for (const struct total *t = r->totals; t; t = t->next)
		printf("%-20s %8" PRIu64 " %12" PRIu64 " %8" PRIu64 " %12.1f\n", t->program,
		       t->shards, t->cases, t->failed, t->seconds);
	for (const struct total *t = r->totals; t; t = t->next) {
		for (size_t i = 0; i < t->nr_seeds; i++)
			printf("%s fails: --seed %" PRIu64 " --cases 1\n", t->program, t->seeds[i]);
	}
}

static int print_json(const struct report *r)
{
	int rc = 0;

	for (const struct total *t = r->totals; t; t = t->next) {
		struct json j;

		json_begin(&j, stdout);
		json_string(&j, "program", t->program);
		json_number(&j, "shards", t->shards);
		json_number(&j, "cases", t->cases);
		json_number(&j, "failed", t->failed);
		json_numbers(&j, "failing_seeds", t->seeds, t->nr_seeds);
		json_number(&j, "milliseconds", (uint64_t)(t->seconds * 1000));
		rc |= json_finish(&j);
	}
	return rc;
}

static void free_report(struct report *r)
{
	struct total *t;

	while ((t = r->totals)) {
		r->totals = t->next;
		free(t->program);
		free(t->seeds);
		free(t);
	}
}

static int show(const struct report *r, bool json)
{
	if (!r->totals)
		return command_fail(&command, EXIT_CODE_HOST, "there is no line of a campaign");
	if (json)
		print_json(r);
	else
		print_table(r);
	if (fflush(stdout) || ferror(stdout))
		return command_fail(&command, EXIT_CODE_HOST, "output: not all was written");
	return r->failed ? EXIT_CODE_HOST : EXIT_CODE_OK;
}

static bool take(void *arg, int key, const char *value)
{
	*(bool *)arg = true;
	return true;
}

int cmd_report(int argc, char **argv)
{
	struct report r = {0};
	bool json = false;
	int first, rc = 0, status = options_parse(&command, argc, argv, take, &json, &first);

	if (status >= 0)
		return status;
	if (first == argc)
		return command_fail(&command, EXIT_CODE_USAGE,
				    "a file is needed; - is standard input");
	for (int i = first; i < argc && !rc; i++)
		rc = read_file(&r, argv[i]);
	if (!rc)
		rc = show(&r, json);
	free_report(&r);
	return rc;
}
