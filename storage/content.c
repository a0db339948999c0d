// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Moving the bytes of a frame between its two stores.
 *
 * The ordinary store is read and written through the memfd, never through a
 * mapping: a page that is there for a read only would have to be given back
 * again, and unmapping it costs more than the copy.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "storage/frame.h"
#include "storage/region.h"
#include "storage/wide.h"

static off_t offset_in_memfd(const struct backing *b, size_t index)
{
	return (off_t)(b->memfd_offset + index * PAGE_SIZE);
}

static off_t offset_of(const struct frame *f)
{
	return offset_in_memfd(f->region->backing, f->index);
}

uint8_t *frame_secure(const struct frame *f)
{
	return f->region->backing->arena + f->index * PAGE_SIZE;
}

uint8_t *frame_ordinary(const struct frame *f)
{
	return f->region->backing->ordinary + f->index * PAGE_SIZE;
}

void frame_read_ordinary(const struct frame *f, uint8_t to[PAGE_SIZE])
{
	ssize_t n;

	do
		n = pread(f->region->backing->memfd, to, PAGE_SIZE, offset_of(f));
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)PAGE_SIZE)
		abort(); /* inside a sealed memfd, into own memory: cannot be */
}

int frame_write_ordinary(struct frame *f, const uint8_t from[PAGE_SIZE])
{
	ssize_t n;

	do
		n = pwrite(f->region->backing->memfd, from, PAGE_SIZE, offset_of(f));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)PAGE_SIZE ? 0 : -ENOMEM;
}

/* Where touches do not trap, the bit says nothing about what came after it was cleared. */
static bool ordinary_page_possible(const struct frame *f, uint64_t word)
{
	const struct backing *b = f->region->backing;

	return word & FRAME_ORDINARY || !atomic_load(&b->pieces[f->index / PIECE_PAGES].traps);
}

void backing_punch(const struct backing *b, size_t index, size_t n)
{
	int rc;

	do
		rc = fallocate(b->memfd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			       offset_in_memfd(b, index), (off_t)(n * PAGE_SIZE));
	while (rc && errno == EINTR);
	if (rc)
		abort(); /* no memory is needed for it, and the seals allow it */
}

bool backing_is_hole(const struct backing *b, size_t index, size_t n)
{
	off_t start = offset_in_memfd(b, index);
	off_t data = lseek(b->memfd, start, SEEK_DATA);

	return data < 0 ? errno == ENXIO : data >= start + (off_t)(n * PAGE_SIZE);
}

void frame_punch(struct frame *f, uint64_t word)
{
	if (ordinary_page_possible(f, word))
		backing_punch(f->region->backing, f->index, 1);
}

void frame_clear_secure(struct frame *f)
{
	memset(frame_secure(f), 0, PAGE_SIZE);
}

/* length of the stretch of adjacent secure frames that begins at @i */
static size_t secure_stretch(const struct frame_run *run, size_t i)
{
	size_t n = 0;

	/* mostly the whole run */
	if (!i && run->secure == run->n && run->index[run->n - 1] - run->index[0] == run->n - 1)
		return run->n;
	while (i + n < run->n && run->index[i + n] == run->index[i] + n &&
	       frame_word_state(run->word[i + n]) == FRAME_SEC)
		n++;
	return n;
}

/* All of a piece is the run's: nobody else can be storing there. Return: whether it is zeros now */
static bool give_piece_back(const struct frame_run *run)
{
	if (!atomic_load(&run->b->abandoned) || secure_stretch(run, 0) != PIECE_PAGES)
		return false;
	return !madvise(run->b->arena + run->index[0] * PAGE_SIZE, PIECE_SIZE, MADV_DONTNEED);
}

/* The clear fills the bus with stores; the words that a walk comes to next are there after it. */
static void fetch_next_words(const struct frame_run *run)
{
	const size_t line = 64 / sizeof(*run->b->region.words);
	size_t first = run->index[run->n - 1] + 1;
	size_t end = first + PIECE_PAGES;

	if (end > run->b->region.size / PAGE_SIZE)
		end = run->b->region.size / PAGE_SIZE;
	for (size_t i = first; i < end; i += line)
		__builtin_prefetch((const void *)&run->b->region.words[i], 1, 2);
}

void frame_run_clear_secure(struct frame_run *run)
{
	if (give_piece_back(run))
		return;
	fetch_next_words(run);
	for (size_t i = 0; i < run->n;) {
		size_t n = secure_stretch(run, i);

		clear_wide(run->b->arena + run->index[i] * PAGE_SIZE, n * PAGE_SIZE);
		i += n ? n : 1;
	}
}

static bool is_to_be_punched(const struct frame_run *run, size_t i, bool shared_too)
{
	const struct frame f = {.region = &run->b->region, .index = run->index[i]};

	if (frame_word_condemned(run->b->region.st, run->word[i]))
		return false;
	if (frame_word_state(run->word[i]) == FRAME_SEC)
		return ordinary_page_possible(&f, run->word[i]);
	return shared_too;
}

/* One call for adjacent pages: a call a page takes longer than to clear them. */
void frame_run_punch(struct frame_run *run, bool shared_too)
{
	const struct piece *p = &run->b->pieces[run->index[0] / PIECE_PAGES];

	/* Nearly always: touches trap there, and none was seen. */
	if (run->secure == run->n && !(run->any & FRAME_ORDINARY) && atomic_load(&p->traps))
		return;
	for (size_t i = 0; i < run->n;) {
		size_t n = 0;

		while (i + n < run->n && run->index[i + n] == run->index[i] + n &&
		       is_to_be_punched(run, i + n, shared_too))
			n++;
		if (n)
			backing_punch(run->b, run->index[i], n);
		i += n ? n : 1;
	}
}

static bool is_pending(uint64_t word)
{
	return frame_word_state(word) == FRAME_SEC && word & FRAME_ORDINARY;
}

void frame_run_punch_pending(struct frame_run *run)
{
	for (size_t i = 0; i < run->n;) {
		size_t n = 0;

		while (i + n < run->n && run->index[i + n] == run->index[i] + n &&
		       is_pending(run->word[i + n])) {
			run->word[i + n] &= ~FRAME_ORDINARY;
			n++;
		}
		if (n)
			backing_punch(run->b, run->index[i], n);
		i += n ? n : 1;
	}
	frame_run_unlock(run);
}

int backing_make_present(struct backing *b, size_t index)
{
	struct frame f;
	uint64_t word;
	int rc = -EBUSY;

	frame_of_backing(b, index, &f);
	word = frame_lock(&f);
	if (frame_word_state(word) == FRAME_SEC || frame_word_state(word) == FRAME_LOST) {
		frame_unlock(&f);
	} else {
		rc = fallocate(b->memfd, 0, offset_of(&f), PAGE_SIZE) ? -ENOMEM : 0;
		frame_publish(&f, word | FRAME_ORDINARY);
	}
	frame_put(&f);
	return rc;
}
