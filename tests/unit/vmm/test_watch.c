// SPDX-License-Identifier: GPL-2.0-or-later
/* What `trace` and `status --watch` show: parts of a ring, lists of teardowns, their drawing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/uv/trace_ring.h"
#include "vmm/status_watch.h"
#include "vmm/teardown_list.h"
#include "vmm/trace_text.h"

static void add(struct uv_trace *t, unsigned int n)
{
	for (; n; n--)
		uv_trace_add(t, &(struct uv_trace_event){.name = "VERIFY_IMG",
							 .handle = 0x12,
							 .cmd = 0x302,
							 .count = 1,
							 .rc = 1,
							 .duration_ns = 1500});
}

/* The events behind the head line, to be freed */
static char *part_of(struct uv_trace *t, uint64_t from, bool json, struct trace_part *part)
{
	char *text = NULL, *events;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	trace_text_write(t, from, json, out);
	assert_int_equal(fclose(out), 0);
	assert_non_null(trace_text_parse(text, part));
	events = strdup(trace_text_parse(text, part));
	free(text);
	return events;
}

static unsigned int lines_in(const char *text)
{
	unsigned int n = 0;

	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

static void test_parts_are_bounded(void **state)
{
	struct uv_trace *t = *state;
	struct trace_part part;
	char *events;

	add(t, TRACE_TEXT_MAX + 10);
	events = part_of(t, 0, false, &part);
	assert_int_equal(lines_in(events), TRACE_TEXT_MAX);
	assert_int_equal(part.next, TRACE_TEXT_MAX);
	assert_int_equal(part.lost, 0);
	assert_int_equal(part.end, TRACE_TEXT_MAX + 10);
	free(events);
	events = part_of(t, part.next, false, &part);
	assert_int_equal(lines_in(events), 10);
	assert_int_equal(part.next, part.end);
	free(events);
	/* From beyond the end: nothing, and where to go on */
	events = part_of(t, UINT64_MAX, false, &part);
	assert_string_equal(events, "");
	assert_int_equal(part.next, part.end);
	free(events);
}

static void test_lost_ones_are_counted(void **state)
{
	struct uv_trace *t = *state;
	struct trace_part part;
	char *events;

	add(t, UV_TRACE_LEN + 33);
	events = part_of(t, 3, false, &part);
	assert_int_equal(part.lost, 30);
	assert_int_equal(part.next, 33 + TRACE_TEXT_MAX);
	assert_memory_equal(events, "33 host VERIFY_IMG", 18);
	free(events);
}

static void test_forms(void **state)
{
	struct uv_trace *t = *state;
	struct trace_part part;
	char *events;

	add(t, 1);
	events = part_of(t, 0, false, &part);
	assert_string_equal(events, "0 host VERIFY_IMG 0302 handle 0000000000000012 cc 0 rc 0001 "
				    "rrc 0000 us 1.500\n");
	free(events);
	events = part_of(t, 0, true, &part);
	assert_string_equal(events,
			    "{\"number\":0,\"time_ns\":0,\"source\":\"host\",\"event\":\"VERIFY_IMG\","
			    "\"handle\":\"0x0000000000000012\",\"count\":1,\"command\":770,\"cc\":0,"
			    "\"rc\":1,\"rrc\":0,\"duration_ns\":1500}\n");
	free(events);
	assert_null(trace_text_parse("nonsense", &part));
	assert_null(trace_text_parse("next 1 lost 2 end x\n", &part));
}

static void test_list_is_read_back(void **state)
{
	struct teardown_list list;

	assert_int_equal(teardown_list_parse("next 7 more 2\n3 1 tearing 1000 800 300 500000000\n"
					     "4 2 aside 10 0 10 0\n",
					     &list),
			 0);
	assert_int_equal(list.next, 7);
	assert_int_equal(list.more, 2);
	assert_int_equal(list.n, 2);
	assert_int_equal(list.rows[0].number, 3);
	assert_int_equal(list.rows[1].vm, 2);
	/* 500 pages in half a second: 300 more take 300 ms */
	assert_int_equal(teardown_row_rate(&list.rows[0]), 1000);
	assert_int_equal(teardown_row_remaining_ms(&list.rows[0]), 300);
	assert_int_equal(teardown_row_rate(&list.rows[1]), 0);
	assert_int_equal(teardown_row_remaining_ms(&list.rows[1]), 0);
	assert_int_equal(teardown_list_parse("", &list), -EPROTO);
	assert_int_equal(teardown_list_parse("next 7 more 0\n3 1 tearing\n", &list), -EPROTO);
}

static void expect_shown(const char *text, enum watch_form form, unsigned int before,
			 unsigned int lines, const char *expected)
{
	struct teardown_list list;
	char *shown = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&shown, &size);

	assert_int_equal(teardown_list_parse(text, &list), 0);
	assert_int_equal(status_watch_show(&list, form, before, out), lines);
	fclose(out);
	assert_string_equal(shown, expected);
	free(shown);
}

#define TWO                                                                                        \
	"next 7 more 0\n3 1 tearing 1024 1024 256 1000000000\n4 1 aside 256 0 256 0\n"

static void test_drawing(void **state)
{
	expect_shown(TWO, WATCH_LINES, 0, 1,
		     "VM 1 teardown 3 tearing 75%, 1.0 of 4.0 MiB left, 3.0 MiB/s, 0.3 s to go; "
		     "VM 1 teardown 4 aside 0%, 1.0 of 1.0 MiB left, waits for PERFORM\n");
	expect_shown(TWO, WATCH_REDRAW, 3, 2,
		     "\033[3A\033[J"
		     "VM 1 teardown 3 tearing [##################......] 75%, 1.0 of 4.0 MiB left, "
		     "3.0 MiB/s, 0.3 s to go\n"
		     "VM 1 teardown 4 aside [........................] 0%, 1.0 of 1.0 MiB left, "
		     "waits for PERFORM\n");
	expect_shown("next 9 more 0\n", WATCH_REDRAW, 0, 1, "no teardown\n");
	expect_shown("next 9 more 5\n1 2 leftover 4 4 4 9\n", WATCH_LINES, 0, 1,
		     "VM 2 teardown 1 leftover 0%, 0.0 of 0.0 MiB left, waits for DISABLE or the "
		     "end of its VM; and 5 more\n");
	expect_shown("next 9 more 0\n1 2 tearing 8 8 4 2000000000\n", WATCH_JSON, 0, 0,
		     "{\"simulated\":true,\"more\":0,\"teardowns\":[{\"vm\":2,\"teardown\":1,"
		     "\"state\":\"tearing\",\"pages_total\":8,\"pages_left\":4,\"pages_per_s\":2,"
		     "\"remaining_ms\":2000}]}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRACE_RING_TEST(test_parts_are_bounded),
		TRACE_RING_TEST(test_lost_ones_are_counted),
		TRACE_RING_TEST(test_forms),
		cmocka_unit_test(test_list_is_read_back),
		cmocka_unit_test(test_drawing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
