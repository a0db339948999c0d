// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Destroying many pages: uv_destroy_range() and the page part of
 * DESTROY_SEC_CONF.
 *
 * Pages are locked, cleared and published in runs of frames of one owner. A run
 * is what that many single calls would have done; it only saves their fences,
 * purges and system calls.
 */
#include <assert.h>
#include <errno.h>

#include "storage/inject.h"
#include "uv/cost.h"
#include "uv/page.h"
#include "uv/record.h"
#include "uv/target.h"
#include "uv/trace.h"

/** FETCH_AHEAD - records that are fetched while those before are looked at: about a run's */
#define FETCH_AHEAD 512

/** COST_SLICE_NS - a run may take so long under a cost model: a fatal signal waits for it */
#define COST_SLICE_NS 100000

/**
 * struct walk - a walk over pages of one backing
 * @p: the page layer
 * @run: frames locked now, all of one owner
 * @owner: owner index of the frames in @run
 * @limit: most frames in a run
 * @keep_shared: content of shared pages stays (DESTROY_SEC_CONF)
 * @start: when work on @run began, for the trace
 * @done: pages destroyed; may be NULL
 * @taken: DESTROY_SEC_CONF: first of the frames that were looked at together last
 * @taken_len: and how many bytes they are
 */
struct walk {
	struct uv_pages *p;
	struct frame_run run;
	uint32_t owner;
	size_t limit;
	bool keep_shared;
	uint64_t start;
	_Atomic uint64_t *done;
	abs_t taken;
	size_t taken_len;
};

/* ---- what becomes of a run ---- */

static void count_done(struct walk *w, uint64_t n)
{
	if (w->done)
		atomic_fetch_add_explicit(w->done, n, memory_order_relaxed);
}

static void note_run(struct walk *w, uint64_t n, abs_t first, uint16_t rc)
{
	uint64_t now = w->p->trace ? uv_trace_now() : 0;
	struct uv_trace_event e = {
		.name = "DESTR_SEC_STOR",
		.cmd = UVC_CMD_DESTR_SEC_STOR,
		.addr = first,
		.count = n,
		.time_ns = now,
		.duration_ns = now - w->start,
		.rc = rc,
		.cc = rc == UV_PAGE_OK ? UV_CC_OK : UV_CC_ERROR,
	};

	if (w->p->trace)
		uv_trace_add(w->p->trace, &e);
}

/* A purge for each page takes as long as its clear; one for pages in between as well does no harm.
 */
static void purge_run(struct walk *w, const struct uv_owner *o)
{
	const struct frame_run *run = &w->run;

	for (size_t i = 0; i < run->n;) {
		gpa_t first = frame_word_gpa(run->word[i]), last = first;

		while (++i < run->n && frame_word_gpa(run->word[i]) > last &&
		       frame_word_gpa(run->word[i]) - first < PIECE_SIZE)
			last = frame_word_gpa(run->word[i]);
		w->p->ops->purge(w->p->machine, o->asce, first, last + PAGE_SIZE - first);
	}
}

static void forget_run(struct walk *w, struct uv_owner *o)
{
	for (size_t i = 0; i < w->run.n; i++)
		record_forget(o, frame_word_gpa(w->run.word[i]));
}

/* @o is the live owner or NULL: orphans */
static void destroy_run(struct walk *w, struct uv_owner *o)
{
	size_t n = w->run.n;
	abs_t first = backing_abs(w->run.b) + w->run.index[0] * PAGE_SIZE;

	if (o)
		purge_run(w, o);
	frame_run_clear_secure(&w->run);
	frame_run_punch(&w->run, o && !w->keep_shared);
	if (o)
		forget_run(w, o);
	note_run(w, n, first, UV_PAGE_OK);
	frame_run_publish(&w->run);
	count_done(w, n);
}

/* ---- frames whose destroy is refused ---- */

static bool export_fails(void)
{
	struct inject_outcome outcome = {0};

	return inject(INJECT_UVC, UVC_CMD_CONV_FROM_SEC_STOR, 0, &outcome) && outcome.cc;
}

/* Neither destroyed nor exported. Its record still names it, so nobody else can be the page. */
static void lose(struct uv_pages *p, struct target *t)
{
	if (t->owner)
		target_purge(p, t);
	target_publish(t, frame_word(FRAME_LOST, 0, 0));
}

static void export_or_lose(struct walk *w, size_t i)
{
	struct target t = {.word = w->run.word[i]};

	frame_of_backing(w->run.b, w->run.index[i], &t.frame);
	target_adopt(w->p, &t);
	note_run(w, 1, frame_abs(&t.frame), UV_PAGE_OWNED);
	if (export_fails() || export_locked(w->p, &t) != UV_PAGE_OK)
		lose(w->p, &t);
	target_put(&t);
}

static void export_run(struct walk *w)
{
	for (size_t i = 0; i < w->run.n; i++)
		export_or_lose(w, i);
	frame_run_forget(&w->run);
}

static void flush(struct walk *w)
{
	struct uv_owner *o = uv_owner_find(w->p->owners, w->owner);
	uint64_t start = w->p->cost ? uv_cost_start(w->p->cost) : 0;
	uint64_t pages = w->run.n;

	if (!pages)
		return;
	w->start = w->p->trace ? uv_trace_now() : 0;
	assert(o);
	if (!uv_owner_enter(o)) {
		destroy_run(w, NULL);
	} else {
		if (uv_owner_enter_destroy(o)) {
			destroy_run(w, o);
			uv_owner_leave_destroy(o);
		} else {
			export_run(w);
		}
		uv_owner_leave(o);
	}
	if (start)
		uv_cost_wait(w->p->cost, start, 0, pages);
}

/* ---- which frames make a run ---- */

static size_t run_limit(const struct uv_pages *p)
{
	uint64_t ns = p->cost ? atomic_load_explicit(&p->cost->page_ns, memory_order_relaxed) : 0;

	if (!ns)
		return FRAME_RUN_MAX;
	if (ns >= COST_SLICE_NS)
		return 1;
	return ns * FRAME_RUN_MAX < COST_SLICE_NS ? FRAME_RUN_MAX : COST_SLICE_NS / ns;
}

/* Frames stay locked while more are looked for: not for longer than a run's length. */
static bool run_is_over(const struct walk *w, size_t index, uint32_t owner)
{
	const struct frame_run *run = &w->run;

	return run->n &&
	       (owner != w->owner || run->n >= w->limit || index <= run->index[run->n - 1] ||
		index / PIECE_PAGES != run->index[0] / PIECE_PAGES);
}

/* Return: where to go on: @index if that frame does not name @owner any more */
static size_t add_frames(struct walk *w, size_t index, size_t end, uint32_t owner)
{
	size_t n, next;

	if (run_is_over(w, index, owner))
		flush(w);
	w->owner = owner;
	if (end - index > w->limit - w->run.n)
		end = index + w->limit - w->run.n;
	n = w->run.n;
	next = frame_run_lock(&w->run, index, end, owner);
	return w->run.n > n && w->run.index[n] == index ? next : index;
}

/* A rule refuses the destroy of this one page: the run ends before it. Return: as add_frames() */
static size_t refuse_frame(struct walk *w, size_t index, uint32_t owner)
{
	flush(w);
	if (add_frames(w, index, index + 1, owner) == index)
		return index;
	w->start = w->p->trace ? uv_trace_now() : 0;
	export_run(w);
	return index + 1;
}

/* Return: the first frame of [@index, @end) that names another owner, or @end */
static size_t end_of_owner(const struct walk *w, size_t index, size_t end, uint32_t owner)
{
	for (; index < end; index++) {
		uint32_t other = frame_word_owner(backing_peek(w->run.b, index));

		if (other && other != owner)
			break;
	}
	return index;
}

/*
 * Take frames from @index on, as many as are of one owner and can be locked together. A frame that
 * changes hands meanwhile is looked at again: with UV_ANY_OWNER it counts as well.
 *
 * Return: where to go on
 */
static size_t visit(struct walk *w, size_t index, size_t end, uint32_t wanted)
{
	uint64_t word = backing_peek(w->run.b, index);
	uint32_t owner = frame_word_owner(word);

	if (!owner || (wanted != UV_ANY_OWNER && owner != wanted))
		return index + 1;
	if (inject(INJECT_DESTROY_PAGE, 0, frame_word_gpa(word) >> PAGE_SHIFT, NULL))
		return refuse_frame(w, index, owner);
	if (inject_possible())
		end = index + 1;
	else if (wanted == UV_ANY_OWNER)
		end = end_of_owner(w, index, end, owner);
	return add_frames(w, index, end, owner);
}

static bool stopped(const struct uv_stop *stop)
{
	return stop && atomic_load_explicit(stop->word, memory_order_relaxed) & stop->mask;
}

/* Purges and records are a live owner's. Without a limit and rules no page differs from others. */
static bool is_droppable(const struct walk *w, uint32_t owner)
{
	struct uv_owner *o = uv_owner_find(w->p->owners, owner);

	return o && atomic_load(&o->dead) && w->limit == FRAME_RUN_MAX && !inject_possible();
}

/* Return: how many frames from @index on are done, as whole pieces of an abandoned backing */
static size_t drop_pieces(struct walk *w, size_t index, size_t end, uint32_t wanted)
{
	uint32_t owner = frame_word_owner(backing_peek(w->run.b, index));
	size_t n;

	if (index % PIECE_PAGES || !owner || (wanted != UV_ANY_OWNER && owner != wanted) ||
	    !is_droppable(w, owner))
		return 0;
	flush(w);
	w->start = w->p->trace ? uv_trace_now() : 0;
	n = backing_drop_pieces(w->run.b, index, end - index, owner);
	if (!n)
		return 0;
	note_run(w, n, backing_abs(w->run.b) + index * PAGE_SIZE, UV_PAGE_OK);
	count_done(w, n);
	return n;
}

static size_t end_of_piece(size_t index, size_t end)
{
	size_t next = (index / PIECE_PAGES + 1) * PIECE_PAGES;

	return next < end ? next : end;
}

/*
 * Frames without an owner are passed over, at most a piece of them. Who may be stopped looks at
 * every other one by itself. Return: where to go on
 */
static size_t step(struct walk *w, size_t index, size_t end, uint32_t wanted, bool whole_pieces)
{
	size_t next = backing_next_owned(w->run.b, index, end_of_piece(index, end));
	size_t n;

	if (next != index)
		return next;
	n = whole_pieces ? drop_pieces(w, index, end, wanted) : 0;
	if (n)
		return index + n;
	return visit(w, index, end, wanted);
}

int uv_pages_destroy_range(struct uv_pages *p, uint32_t owner, struct backing *b, size_t first,
			   size_t n, const struct uv_stop *stop, _Atomic uint64_t *done)
{
	struct walk w = {.p = p, .run.b = b, .limit = run_limit(p), .done = done};
	size_t i = first, end = first + n;

	assert(end <= backing_size(b) / PAGE_SIZE);
	while (i < end && !stopped(stop))
		i = step(&w, i, end, owner, !stop);
	flush(&w);
	return i < end ? -EINTR : 0;
}

/* ---- DESTROY_SEC_CONF ---- */

static void switch_backing(struct walk *w, struct backing *b)
{
	if (w->run.b == b)
		return;
	flush(w);
	if (w->run.b)
		backing_put(w->run.b);
	w->run.b = b ? backing_get(b) : NULL;
}

/* Pages come in thousands from one backing, which the walk holds: a search for each costs a clear.
 */
static bool find_backing(struct walk *w, abs_t addr)
{
	struct frame f;

	if (w->run.b && addr - backing_abs(w->run.b) < backing_size(w->run.b))
		return true;
	if (frame_get(w->p->storage, addr, &f))
		return false;
	switch_backing(w, frame_backing(&f));
	frame_put(&f);
	return true;
}

/* With those behind it that the owner has as well, so that most records come to one that was taken. */
static void add_resident(struct walk *w, abs_t addr, uint32_t owner)
{
	size_t index, next;

	if (addr - w->taken < w->taken_len || !find_backing(w, addr))
		return;
	index = (addr - backing_abs(w->run.b)) / PAGE_SIZE;
	next = add_frames(w, index, backing_size(w->run.b) / PAGE_SIZE, owner);
	w->taken = addr;
	w->taken_len = (next - index) * PAGE_SIZE;
}

bool uv_pages_destroy_all(struct uv_pages *p, struct uv_owner *o)
{
	struct walk w = {.p = p, .limit = run_limit(p), .keep_shared = true};
	uint64_t touched = 0, i = o->destroy_cursor;

	if (i < atomic_load(&o->first_used))
		i = atomic_load(&o->first_used);
	for (; i < atomic_load(&o->end_used) && touched < UV_PAGE_CHUNK; i++) {
		uint64_t state = record_peek(&o->records[i]);

		__builtin_prefetch(&o->records[i + FETCH_AHEAD], 1, 2);
		if (record_state(state) != G_SEC && record_state(state) != G_SHR)
			continue;
		add_resident(&w, record_frame(state), o->index);
		touched++;
	}
	o->destroy_cursor = i;
	switch_backing(&w, NULL);
	if (i < atomic_load(&o->end_used))
		return false;
	/* What came in behind the walk is found by the next one. */
	o->destroy_cursor = 0;
	return !uv_owner_nr_frames(p->owners, o->index);
}
