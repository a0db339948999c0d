// SPDX-License-Identifier: GPL-2.0-or-later
/* Walks the matrix of docs/page-states.md: every state, every operation. Argument: that file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "page_world.h"
#include "protvirt/uv.h"
#include "storage/inject.h"

#define CELLS 16
#define TEXT  32

enum {
	C,
	OTHER,
	DEAD,
	CONDEMNED,
	NR_GUESTS
}; /* guests of the world */
enum {
	G = 5,
	H = 6,
	FAR = 9
}; /* guest pages; frame G is what the call is about */

/* ---- the table ---- */

static char header[CELLS][TEXT];
static char rows[32][CELLS][TEXT];
static size_t nr_cells, nr_rows;

static size_t split(char *line, char cells[CELLS][TEXT])
{
	size_t n = 0;
	char *save, *cell;

	for (cell = strtok_r(line, "|\n", &save); cell && n < CELLS;
	     cell = strtok_r(NULL, "|\n", &save)) {
		cell += strspn(cell, " ");
		snprintf(cells[n], TEXT, "%s", cell);
		for (size_t len = strlen(cells[n]); len && cells[n][len - 1] == ' '; len--)
			cells[n][len - 1] = 0;
		n++;
	}
	return n;
}

static void read_table(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[1024];

	if (!f) {
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "| before |", 10))
			nr_cells = split(line, header);
		else if (nr_cells && line[0] == '|' && line[1] == ' ' && nr_rows < 32)
			split(line, rows[nr_rows++]);
		else if (nr_cells && line[0] != '|')
			break;
	}
	fclose(f);
}

/* ---- how each row comes about ---- */

static void import(struct world *w, unsigned int guest, size_t page)
{
	assert_int_equal(uv_page_import(&w->pages, w->guests[guest].owner, gpa_of(page)), 1);
}

static void map(struct world *w, unsigned int guest, size_t page, size_t frame)
{
	atomic_store(&w->guests[guest].map[page], frame_addr(w, frame));
}

static void import_shared(struct world *w, unsigned int guest, size_t page)
{
	import(w, guest, page);
	assert_int_equal(uv_page_share(&w->pages, w->guests[guest].owner, gpa_of(page)), 1);
}

static void export(struct world *w, size_t frame)
{
	assert_int_equal(uv_page_export(&w->pages, frame_addr(w, frame)), 1);
}

static void pin(struct world *w, size_t frame)
{
	assert_int_equal(uv_page_pin(&w->pages, frame_addr(w, frame)), 1);
}

static bool refuse_all(enum inject_point point, uint32_t detail, uint64_t subject,
		       struct inject_outcome *outcome)
{
	if (point == INJECT_UVC)
		outcome->cc = 1;
	return point == INJECT_DESTROY_PAGE ||
	       (point == INJECT_UVC && detail == UVC_CMD_CONV_FROM_SEC_STOR);
}

static void lose(struct world *w, size_t frame)
{
	import(w, OTHER, frame);
	atomic_store(&inject_hook, refuse_all);
	assert_int_equal(uv_pages_destroy_range(&w->pages, w->guests[OTHER].owner->index, w->b,
						frame, 1, NULL, NULL),
			 0);
	atomic_store(&inject_hook, NULL);
}

static void set_up_ordinary(struct world *w, const char *row)
{
	if (!strcmp(row, "exported")) {
		import(w, C, G);
		export(w, G);
	} else if (!strcmp(row, "shared-out")) {
		import_shared(w, C, G);
		export(w, G);
	} else if (!strncmp(row, "elsewhere", 9)) {
		map(w, C, G, FAR);
		if (!strcmp(row, "elsewhere"))
			import(w, C, G);
		else
			import_shared(w, C, G);
		map(w, C, G, G);
	}
}

static void set_up_owned(struct world *w, const char *row, unsigned int guest, size_t page)
{
	map(w, guest, page, G);
	if (strstr(row, "shared") || strstr(row, "pinned"))
		import_shared(w, guest, page);
	else
		import(w, guest, page);
	if (strstr(row, "pinned"))
		pin(w, G);
}

static void set_up_condemned(struct world *w, const char *row)
{
	set_up_owned(w, row, CONDEMNED, G);
	uv_owner_condemn(w->pages.owners, w->guests[CONDEMNED].owner);
}

static abs_t set_up_donated(struct world *w)
{
	abs_t page = storage_alloc(w->st, PAGE_SIZE, PAGE_SIZE, ALLOC_CPU_STOR);

	assert_int_equal(storage_donate(w->st, page, PAGE_SIZE), 0);
	atomic_store(&w->guests[C].map[G], page);
	return page;
}

/* Return: the frame that the call is about */
static abs_t set_up(struct world *w, const char *row)
{
	if (!strcmp(row, "secure") || !strcmp(row, "shared") || !strcmp(row, "pinned"))
		set_up_owned(w, row, C, G);
	else if (!strncmp(row, "other-", 6))
		set_up_owned(w, row, OTHER, G);
	else if (!strncmp(row, "moved", 5))
		set_up_owned(w, row, C, H);
	else if (!strcmp(row, "orphan") || !strcmp(row, "stale-shared"))
		set_up_owned(w, row, DEAD, G);
	else if (!strncmp(row, "condemned", 9))
		set_up_condemned(w, row);
	else if (!strcmp(row, "donated"))
		return set_up_donated(w);
	else if (!strcmp(row, "lost"))
		lose(w, G);
	else
		set_up_ordinary(w, row);
	world_kill(w, DEAD);
	return frame_addr(w, G);
}

/* ---- operations ---- */

static uint16_t accept_page(void *arg, const struct frame *frame)
{
	return 1;
}

static void set_cpus(struct world *w, void (*change)(struct uv_owner *))
{
	for (unsigned int i = 0; i < WORLD_GUESTS; i++)
		if (w->guests[i].owner)
			change(w->guests[i].owner);
}

static uint16_t destroy_with_cpus(struct world *w, abs_t frame)
{
	uint16_t rc;

	set_cpus(w, uv_owner_cpu_get);
	rc = uv_page_destroy(&w->pages, frame);
	set_cpus(w, uv_owner_cpu_put);
	return rc;
}

static void access_text(struct world *w, const struct uv_owner *o, abs_t frame, char text[TEXT])
{
	uint8_t *bytes;
	enum uv_access access = uv_page_access(&w->pages, o, frame, gpa_of(G), &bytes);

	snprintf(text, TEXT, access == UV_ACCESS_OK ? "ok" : "%x", (unsigned int)access);
}

static void rc_text(uint16_t rc, char text[TEXT])
{
	if (rc == UV_PAGE_NOT_RESIDENT)
		snprintf(text, TEXT, "3e");
	else if (rc == UV_PAGE_PINNED)
		snprintf(text, TEXT, "108");
	else
		snprintf(text, TEXT, "%x", rc);
}

static uint16_t unpack(struct world *w, struct uv_owner *o)
{
	struct uv_unpacked u = {0};
	uint16_t rc = uv_page_unpack(&w->pages, o, gpa_of(G), accept_page, NULL, &u);

	uv_pages_punch(&u);
	return rc;
}

static uint16_t guest_op(struct world *w, const char *op)
{
	struct uv_owner *o = w->guests[C].owner;

	w->pages.misc = !strcmp(op, "import+misc");
	if (!strncmp(op, "import", 6))
		return uv_page_import(&w->pages, o, gpa_of(G));
	if (!strcmp(op, "unpack"))
		return unpack(w, o);
	if (!strcmp(op, "unpin"))
		return uv_page_unpin(&w->pages, o, gpa_of(G));
	if (!strcmp(op, "share"))
		return uv_page_share(&w->pages, o, gpa_of(G));
	if (!strcmp(op, "unshare"))
		return uv_page_unshare(&w->pages, o, gpa_of(G));
	fail_msg("operation %s", op);
	return 0;
}

static void perform(struct world *w, const char *op, abs_t frame, char text[TEXT])
{
	if (!strcmp(op, "host access"))
		access_text(w, NULL, frame, text);
	else if (!strcmp(op, "guest access"))
		access_text(w, w->guests[C].owner, frame, text);
	else if (!strcmp(op, "export"))
		rc_text(uv_page_export(&w->pages, frame), text);
	else if (!strcmp(op, "destroy"))
		rc_text(uv_page_destroy(&w->pages, frame), text);
	else if (!strcmp(op, "destroy+cpu"))
		rc_text(destroy_with_cpus(w, frame), text);
	else if (!strcmp(op, "pin"))
		rc_text(uv_page_pin(&w->pages, frame), text);
	else
		rc_text(guest_op(w, op), text);
}

/* ---- one cell ---- */

struct snapshot {
	enum frame_state frame;
	enum guest_state record;
};

static struct snapshot look(struct world *w, abs_t frame)
{
	struct snapshot s = {.record = record_at(w, C, G)};
	struct frame f;

	assert_int_equal(frame_get(w->st, frame, &f), 0);
	s.frame = frame_word_state(frame_read(&f));
	frame_put(&f);
	return s;
}

static const char *const frame_names[] = {"NS", "SEC", "SHR", "PIN", "DON", "LOST"};
static const char *const record_names[] = {"NEW", "SEC", "EXP", "SHR", "SHOUT"};

/* A cell without a state means: nothing changed. */
static void expect(const char *row, const char *op, const char *cell, const char *got,
		   struct snapshot before, struct snapshot after)
{
	char want[TEXT], state[TEXT] = "", is[TEXT];

	sscanf(cell, "%31s %31s", want, state);
	if (strcmp(want, got))
		fail_msg("%s, %s: answer %s, not %s", row, op, got, want);
	snprintf(is, TEXT, "%s/%s", frame_names[after.frame], record_names[after.record]);
	if (!state[0])
		snprintf(state, TEXT, "%s/%s", frame_names[before.frame],
			 record_names[before.record]);
	if (strcmp(state, is))
		fail_msg("%s, %s: becomes %s, not %s", row, op, is, state);
}

static void assert_secure_store_clear(struct world *w, size_t frame)
{
	struct frame f;
	uint8_t zeros[PAGE_SIZE] = {0};

	frame_of_backing(w->b, frame, &f);
	if (state_at(w, frame) != FRAME_SEC && state_at(w, frame) != FRAME_LOST)
		assert_memory_equal(frame_secure(&f), zeros, PAGE_SIZE);
	frame_put(&f);
}

static void tear_down(struct world *w, const char *row, abs_t frame)
{
	if (!strcmp(row, "donated")) {
		storage_undonate(w->st, frame, PAGE_SIZE);
		storage_free(w->st, frame);
	}
	world_destroy(w);
}

static void walk_cell(char cells[CELLS][TEXT], size_t column)
{
	struct world *w = world_create(NR_GUESTS);
	struct snapshot before, after;
	uint8_t text[PAGE_SIZE];
	char got[TEXT];
	abs_t frame;

	fill_pattern(text, 1);
	ordinary_write(w, G, text);
	frame = set_up(w, cells[0]);
	before = look(w, frame);
	perform(w, header[column], frame, got);
	after = look(w, frame);
	expect(cells[0], header[column], cells[column], got, before, after);
	assert_secure_store_clear(w, G);
	tear_down(w, cells[0], frame);
}

static void walk_column(void **state)
{
	size_t column = *(size_t *)*state;

	for (size_t row = 0; row < nr_rows; row++) {
		assert_string_not_equal(rows[row][column], "");
		walk_cell(rows[row], column);
	}
}

static void table_is_complete(void **state)
{
	assert_int_equal(nr_cells, 13);
	assert_int_equal(nr_rows, 19);
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[CELLS] = {cmocka_unit_test(table_is_complete)};
	size_t columns[CELLS];

	if (argc != 2) {
		fprintf(stderr, "usage: %s PAGE-STATES.md\n", argv[0]);
		return 1;
	}
	read_table(argv[1]);
	for (size_t i = 1; i < CELLS; i++) {
		columns[i] = i;
		tests[i] = (struct CMUnitTest){
			.name = header[i], .test_func = walk_column, .initial_state = &columns[i]};
	}
	return _cmocka_run_group_tests("page matrix", tests, nr_cells ? nr_cells : 1, NULL, NULL);
}
