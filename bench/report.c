// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/report.h"

#include <err.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char *question;
static FILE *json;
static bool quick;
static bool progress_shown;

static void machine_line(void)
{
	char line[256], *model = NULL, *colon;
	FILE *cpuinfo = fopen("/proc/cpuinfo", "re");
	struct utsname name;

	while (cpuinfo && !model && fgets(line, sizeof(line), cpuinfo)) {
		line[strcspn(line, "\n")] = '\0';
		colon = strchr(line, ':');
		if (!strncmp(line, "model name", 10) && colon)
			model = colon + 2;
	}
	if (cpuinfo)
		fclose(cpuinfo);
	uname(&name);
	printf("  %s, %ld CPUs, Linux %s; medians, least and greatest in brackets\n",
	       model ? model : name.machine, sysconf(_SC_NPROCESSORS_ONLN), name.release);
}

void report_open(const char *name, const char *head, int argc, char **argv)
{
	static const struct option options[] = {
		{"json", required_argument, NULL, 'j'},
		{"quick", no_argument, NULL, 'q'},
		{0},
	};
	int key;

	question = name;
	while ((key = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (key == 'q')
			quick = true;
		else if (key == 'j')
			json = fopen(optarg, "ae");
		else
			exit(2);
		if (key == 'j' && !json)
			err(2, "--json %s", optarg);
	}
	if (optind != argc)
		errx(2, "%s: no operand is taken", argv[optind]);
	printf("\n%s: %s\n", name, head);
	machine_line();
}

bool report_quick(void)
{
	return quick;
}

static void clear_progress(void)
{
	if (progress_shown)
		printf("\r\033[K");
	progress_shown = false;
}

void report_progress(const char *format, ...)
{
	va_list args;

	if (!isatty(STDOUT_FILENO))
		return;
	clear_progress();
	printf("  ... ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	fflush(stdout);
	progress_shown = true;
}

static bool is_met(const struct result *r, double ratio)
{
	if (r->aim == AIM_AT_MOST)
		return ratio <= r->target;
	return r->aim != AIM_AT_LEAST || ratio >= r->target;
}

static void print_row(const struct result *r, double figure, double limit)
{
	printf("  %-9s %-52s %10.4g %-9s [%.4g .. %.4g]", r->model, r->what, figure, r->unit,
	       samples_quantile(r->figure, 0), samples_quantile(r->figure, 1));
	if (r->limit)
		printf("  %.3g x %s (%.4g)", figure / limit, r->limit_name, limit);
	if (r->aim)
		printf("  aim %s %g: %s", r->aim == AIM_AT_MOST ? "<=" : ">=", r->target,
		       is_met(r, figure / limit) ? "met" : "NOT met");
	if (r->place)
		printf("  %s", r->place);
	printf("%s\n", r->modelled ? "  modelled" : "");
	fflush(stdout);
}

static void write_number(const char *key, double value)
{
	if (isfinite(value))
		fprintf(json, ",\"%s\":%.6g", key, value);
	else
		fprintf(json, ",\"%s\":null", key);
}

static void write_text(const char *key, const char *value)
{
	if (value)
		fprintf(json, ",\"%s\":\"%s\"", key, value);
	else
		fprintf(json, ",\"%s\":null", key);
}

static const char *aim_name(enum aim aim)
{
	if (aim == AIM_NONE)
		return NULL;
	return aim == AIM_AT_MOST ? "at most" : "at least";
}

/* Each object has all keys. All texts here are our own: nothing in them needs an escape. */
static void write_row(const struct result *r, double figure, double limit)
{
	fprintf(json, "{\"question\":\"%s\",\"model\":\"%s\",\"what\":\"%s\"", question, r->model,
		r->what);
	write_number("figure", figure);
	fprintf(json, ",\"unit\":\"%s\",\"samples\":%zu", r->unit, r->figure->n);
	write_number("least", samples_quantile(r->figure, 0));
	write_number("greatest", samples_quantile(r->figure, 1));
	write_number("limit", limit);
	write_text("limit_name", r->limit ? r->limit_name : NULL);
	write_number("ratio", figure / limit);
	write_text("aim", aim_name(r->aim));
	write_number("target", r->aim ? r->target : NAN);
	fprintf(json, ",\"met\":%s",
		!r->aim                     ? "null"
		: is_met(r, figure / limit) ? "true"
					    : "false");
	write_text("place", r->place);
	fprintf(json, ",\"modelled\":%s,\"simulated\":true}\n", r->modelled ? "true" : "false");
}

void report_row(const struct result *r)
{
	double figure = samples_median(r->figure);
	double limit = r->limit ? samples_median(r->limit) : NAN;

	clear_progress();
	print_row(r, figure, limit);
	if (json)
		write_row(r, figure, limit);
}

int report_close(void)
{
	clear_progress();
	if (json && fclose(json)) {
		warn("not all results were written");
		return 1;
	}
	return 0;
}
