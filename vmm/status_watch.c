// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/status_watch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/control.h"
#include "storage/types.h"
#include "vmm/json.h"
#include "vmm/teardown_list.h"

#define BAR_WIDTH 24

static double mib(uint64_t pages)
{
	return (double)pages * PAGE_SIZE / (1 << 20);
}

static double done_part(const struct teardown_row *row)
{
	if (!row->total || row->left >= row->total)
		return row->total ? 0 : 1;
	return (double)(row->total - row->left) / (double)row->total;
}

/* ---- text ---- */

static void put_bar(const struct teardown_row *row, FILE *out)
{
	int full = (int)(done_part(row) * BAR_WIDTH);

	fputc('[', out);
	for (int i = 0; i < BAR_WIDTH; i++)
		fputc(i < full ? '#' : '.', out);
	fprintf(out, "] ");
}

/* What has no rate waits for somebody: say for whom. */
static void put_outlook(const struct teardown_row *row, FILE *out)
{
	uint64_t rate = teardown_row_rate(row);

	if (!strcmp(row->state, "aside"))
		fprintf(out, ", waits for PERFORM");
	else if (!strcmp(row->state, "leftover"))
		fprintf(out, ", waits for DISABLE or the end of its VM");
	else if (rate)
		fprintf(out, ", %.1f MiB/s, %.1f s to go", mib(rate),
			(double)teardown_row_remaining_ms(row) / 1000);
}

static void put_row(const struct teardown_row *row, bool bar, FILE *out)
{
	fprintf(out, "VM %u teardown %u %s ", row->vm, row->number, row->state);
	if (bar)
		put_bar(row, out);
	fprintf(out, "%.0f%%, %.1f of %.1f MiB left", done_part(row) * 100, mib(row->left),
		mib(row->total));
	put_outlook(row, out);
}

static unsigned int show_text(const struct teardown_list *list, bool redraw, FILE *out)
{
	unsigned int lines = 0;

	for (size_t i = 0; i < list->n; i++) {
		put_row(&list->rows[i], redraw, out);
		if (redraw || i + 1 == list->n) {
			if (list->more && i + 1 == list->n)
				fprintf(out, "; and %zu more", list->more);
			fputc('\n', out);
			lines++;
		} else {
			fputs("; ", out);
		}
	}
	if (!list->n) {
		fputs("no teardown\n", out);
		lines = 1;
	}
	return lines;
}

/* ---- JSON ---- */

static void put_json_row(struct json *j, const struct teardown_row *row)
{
	json_object(j, NULL);
	json_number(j, "vm", row->vm);
	json_number(j, "teardown", row->number);
	json_string(j, "state", row->state);
	json_number(j, "pages_total", row->total);
	json_number(j, "pages_left", row->left);
	json_number(j, "pages_per_s", teardown_row_rate(row));
	json_number(j, "remaining_ms", teardown_row_remaining_ms(row));
	json_object_end(j);
}

static void show_json(const struct teardown_list *list, FILE *out)
{
	struct json j;

	json_begin(&j, out);
	json_bool(&j, "simulated", true);
	json_number(&j, "more", list->more);
	json_array(&j, "teardowns");
	for (size_t i = 0; i < list->n; i++)
		put_json_row(&j, &list->rows[i]);
	json_array_end(&j);
	json_finish(&j);
}

/* ---- updates ---- */

unsigned int status_watch_show(const struct teardown_list *list, enum watch_form form,
			       unsigned int lines, FILE *out)
{
	if (form == WATCH_JSON) {
		show_json(list, out);
		return 0;
	}
	if (form == WATCH_REDRAW && lines)
		fprintf(out, "\033[%uA\033[J", lines);
	lines = show_text(list, form == WATCH_REDRAW, out);
	fflush(out);
	return lines;
}

static int ask(const char *path, const char *question, struct teardown_list *list)
{
	char *answer = NULL;
	int rc = host_control_query(path, question, &answer);

	if (!rc)
		rc = teardown_list_parse(answer, list);
	free(answer);
	return rc;
}

int status_watch(const char *path, bool json)
{
	enum watch_form form = json ? WATCH_JSON : isatty(STDOUT_FILENO) ? WATCH_REDRAW
									 : WATCH_LINES;
	char question[64] = "teardowns";
	struct teardown_list list;
	unsigned int lines = 0;
	bool met = false;
	int rc;

	while (!(rc = ask(path, question, &list))) {
		met = true;
		lines = status_watch_show(&list, form, lines, stdout);
		if (ferror(stdout))
			return -EIO;
		snprintf(question, sizeof(question), "teardowns-follow %" PRIu64, list.next);
	}
	/* A machine that was there and is not any more has nothing left. */
	return met && rc != -EPROTO && rc != -ENOMEM ? 0 : rc;
}
