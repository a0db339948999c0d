// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/teardown_list.h"

#include <errno.h>
#include <inttypes.h>

#include "kvm/machine.h"
#include "uv/trace.h"

/* The number is taken first: what happens while the list is made is waited for once too often. */
int teardown_list_write(struct machine *m, FILE *out)
{
	struct machine_teardown list[TEARDOWN_LIST_MAX];
	uint64_t next = uv_trace_next(machine_events(m));
	size_t all = machine_get_teardowns(m, list, TEARDOWN_LIST_MAX);
	size_t n = all < TEARDOWN_LIST_MAX ? all : TEARDOWN_LIST_MAX;

	fprintf(out, "next %" PRIu64 " more %zu\n", next, all - n);
	for (size_t i = n; i--;)
		fprintf(out, "%u %u %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
			list[i].number, list[i].vm, list[i].state, list[i].total,
			list[i].at_perform, list[i].left, list[i].perform_ns);
	return 0;
}

int teardown_list_parse(const char *text, struct teardown_list *list)
{
	int len;

	*list = (struct teardown_list){0};
	if (sscanf(text, "next %" SCNu64 " more %zu\n%n", &list->next, &list->more, &len) != 2)
		return -EPROTO;
	text += len;
	for (; *text; list->n++) {
		struct teardown_row *row = &list->rows[list->n];

		if (list->n == TEARDOWN_LIST_MAX ||
		    sscanf(text, "%u %u %15s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 "\n%n",
			   &row->number, &row->vm, row->state, &row->total, &row->at_perform,
			   &row->left, &row->perform_ns, &len) != 7)
			return -EPROTO;
		text += len;
	}
	return 0;
}

uint64_t teardown_row_rate(const struct teardown_row *row)
{
	if (!row->perform_ns || row->at_perform <= row->left)
		return 0;
	return (uint64_t)((double)(row->at_perform - row->left) * 1e9 / (double)row->perform_ns);
}

uint64_t teardown_row_remaining_ms(const struct teardown_row *row)
{
	uint64_t rate = teardown_row_rate(row);

	return rate ? (uint64_t)((double)row->left * 1e3 / (double)rate) : 0;
}
