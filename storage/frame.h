/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frame state words.
 *
 * Every 4 KiB page of a backing or of a kernel region has one 64-bit word that
 * says which of its stores counts, who owns it and at which guest page:
 *
 *    bits 2..4   enum frame_state
 *    bit  5      an ordinary page may be present (else: the memfd has a hole there); on in a
 *                FRAME_SEC word: the hole is still to be made
 *    bits 8..23  owner index, 0: none
 *    bits 24..51 guest page number
 *
 * A word changes only while the frame is locked (FRAME_ORDINARY may be set in one that is not
 * secure: piece.c), once, as the last step before it is unlocked: frame_publish(). So a word that
 * is read without the lock is one that was or will be there unlocked. Lock bits stand apart
 * (frame_lock.h), and who waits for one sleeps elsewhere (lot.h). Several frames are locked in
 * ascending order of absolute address.
 *
 * Invariants, asserted at every publication:
 *  - FRAME_SEC, FRAME_SHR and FRAME_PIN have an owner, the others have none;
 *  - the secure store of a frame that is neither FRAME_SEC nor FRAME_DON reads as zeros;
 *  - only frames of a backing are FRAME_SEC, FRAME_SHR, FRAME_PIN or FRAME_LOST, only frames of a
 *    kernel region or of a view (backing_create_view()) are FRAME_DON;
 *  - what the Ultravisor keeps in a donated frame of a view lies in the secure store; its ordinary
 *    page means nothing, and reads as zeros when the frame is given back.
 */
#ifndef STORAGE_FRAME_H
#define STORAGE_FRAME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "storage/storage.h"
#include "storage/types.h"

struct region;

/**
 * enum frame_state - which store counts
 * @FRAME_NS: ordinary storage counts; may hold ciphertext
 * @FRAME_SEC: secure storage counts; orphaned if the owner is dead
 * @FRAME_SHR: ordinary storage counts, shared by the owner; non-secure if the owner is dead
 * @FRAME_PIN: as FRAME_SHR, and the owner cannot take it back silently
 * @FRAME_DON: donated to the Ultravisor
 * @FRAME_LOST: could neither be destroyed nor exported; never handed out again
 */
enum frame_state {
	FRAME_NS,
	FRAME_SEC,
	FRAME_SHR,
	FRAME_PIN,
	FRAME_DON,
	FRAME_LOST,
};

#define FRAME_STATE_SHIFT 2
#define FRAME_STATE_MASK  (7UL << FRAME_STATE_SHIFT)
#define FRAME_ORDINARY    (1UL << 5)
#define FRAME_OWNER_SHIFT 8
#define FRAME_OWNER_MASK  (0xffffUL << FRAME_OWNER_SHIFT)
#define FRAME_GPN_SHIFT   24
#define FRAME_GPN_MASK    (0xfffffffUL << FRAME_GPN_SHIFT)

/** PIECE_SIZE, PIECE_PAGES - the unit of trapping host accesses, and of the arena's huge pages */
#define PIECE_SIZE  (2UL << 20)
#define PIECE_PAGES (PIECE_SIZE / PAGE_SIZE)

/** FRAME_RUN_MAX - most frames that are locked together: a piece */
#define FRAME_RUN_MAX PIECE_PAGES

/** FRAME_GROUP - frames whose lock bits share a word */
#define FRAME_GROUP 64UL

static inline enum frame_state frame_word_state(uint64_t word)
{
	return (enum frame_state)((word & FRAME_STATE_MASK) >> FRAME_STATE_SHIFT);
}

static inline uint32_t frame_word_owner(uint64_t word)
{
	return (uint32_t)((word & FRAME_OWNER_MASK) >> FRAME_OWNER_SHIFT);
}

static inline gpa_t frame_word_gpa(uint64_t word)
{
	return (word & FRAME_GPN_MASK) >> FRAME_GPN_SHIFT << PAGE_SHIFT;
}

/** frame_word() - an unlocked word without flags; @owner and @gpa 0 for states without owner */
static inline uint64_t frame_word(enum frame_state state, uint32_t owner, gpa_t gpa)
{
	return (uint64_t)state << FRAME_STATE_SHIFT | (uint64_t)owner << FRAME_OWNER_SHIFT |
	       (gpa >> PAGE_SHIFT) << FRAME_GPN_SHIFT;
}

/**
 * struct frame - a page of storage with a reference on its region
 * @region: what it is part of; private to storage/
 * @word: its state word; private to storage/
 * @locks: the word with its lock bit; private to storage/
 * @index: page number in the region
 */
struct frame {
	struct region *region;
	_Atomic uint64_t *word;
	_Atomic uint64_t *locks;
	size_t index;
};

/**
 * frame_get() - find the frame at an absolute address and take a reference
 * @addr: any byte of the frame
 *
 * Return: 0, or -EFAULT if there is no storage at @addr.
 */
int frame_get(struct storage *st, abs_t addr, struct frame *f) __attribute__((warn_unused_result));

/** frame_of_backing() - frame number @index of a backing, with a reference */
void frame_of_backing(struct backing *b, size_t index, struct frame *f);

/** frame_put() - drop the reference. Context: the frame is not locked by the caller */
void frame_put(struct frame *f);

/** frame_backing() - its backing, or NULL for a page of a kernel region */
struct backing *frame_backing(const struct frame *f);

abs_t frame_abs(const struct frame *f);

/* ---- the lock ---- */

/** frame_lock() - wait for the lock and take it. Return: the word */
uint64_t frame_lock(struct frame *f) __attribute__((warn_unused_result));

/** frame_unlock() - give the lock back, nothing has changed */
void frame_unlock(struct frame *f);

/**
 * frame_publish() - the new state, and give the lock back; keeps all counts
 * @new_word: as of frame_word(), plus FRAME_ORDINARY
 *
 * A transition to FRAME_SEC needs frame_hold_piece() around it. FRAME_ORDINARY may be off only in
 * a word that comes from or goes to FRAME_SEC: else a piece that is being armed might set it
 * meanwhile.
 */
void frame_publish(struct frame *f, uint64_t new_word);

/**
 * frame_publish_held() - as frame_publish() by who holds the piece
 * Return: true if the frame became secure: the hold is its count now, not to be released any more.
 */
bool frame_publish_held(struct frame *f, uint64_t new_word) __attribute__((warn_unused_result));

/** frame_read() - the word, once nobody has the frame locked; for a decision that is checked later
 */
uint64_t frame_read(struct frame *f);

/** backing_peek() - a word of a backing as it is now, the frame maybe locked: a hint for walks */
uint64_t backing_peek(struct backing *b, size_t index);

/** backing_next_owned() - the first frame of [from, end) that names an owner, or @end: a hint too
 */
size_t backing_next_owned(struct backing *b, size_t from, size_t end);

/**
 * struct frame_run - frames of one piece of a backing and of one owner that are locked together
 * @b: the backing
 * @n: number of frames
 * @secure: number of those in FRAME_SEC
 * @any: all words' bits
 * @index: their page numbers, ascending
 * @word: their words
 * @held: their lock bits, by group of the piece
 */
struct frame_run {
	struct backing *b;
	size_t n;
	size_t secure;
	uint64_t any;
	size_t index[FRAME_RUN_MAX];
	uint64_t word[FRAME_RUN_MAX];
	uint64_t held[PIECE_PAGES / FRAME_GROUP];
};

/**
 * frame_run_lock() - lock more frames: those of [@first, @end) that name the owner
 * @first: behind all that the run has, in the same piece
 * @owner: owner index that the word must have when the frame is locked
 *
 * Those of @first's group only, by one operation if nobody holds one of them.
 *
 * Return: where to go on. That is @first itself if it changed hands at this moment.
 * Context: may wait for one frame, which comes behind all that the run has.
 */
size_t frame_run_lock(struct frame_run *run, size_t first, size_t end, uint32_t owner);

/** frame_run_forget() - the run is empty: its frames were published one by one */
void frame_run_forget(struct frame_run *run);

/** frame_run_unlock() - unlock with the words in the run: state and owner unchanged; empty then */
void frame_run_unlock(struct frame_run *run);

/** frame_run_publish() - all frames of the run become FRAME_NS; the run is empty then */
void frame_run_publish(struct frame_run *run);

/**
 * frame_run_punch() - take the ordinary pages of the run's secure frames away
 * @shared_too: those of its shared and pinned frames as well
 *
 * Not those of condemned frames: there ordinary storage counts already.
 */
void frame_run_punch(struct frame_run *run, bool shared_too);

/**
 * frame_run_punch_pending() - make the holes that were put off, and unlock
 *
 * FRAME_SEC frames that have FRAME_ORDINARY on lose their ordinary page and the flag, adjacent ones
 * in one call. Nothing else changes; the run is empty then.
 */
void frame_run_punch_pending(struct frame_run *run);

/**
 * frame_run_clear_secure() - clear the secure store of all FRAME_SEC frames
 *
 * It is not zeros before frame_run_publish(), which has the fence: what is done between the two is
 * done while memory still takes the stores. A whole piece of an abandoned backing is given back to the kernel instead.
 */
void frame_run_clear_secure(struct frame_run *run);

/**
 * FRAME_EXTENT_PIECES - most pieces that backing_drop_pieces() takes together
 *
 * Each call to the kernel makes every other CPU of the process forget translations, and waits.
 */
#define FRAME_EXTENT_PIECES 64

/**
 * backing_drop_pieces() - destroy frames of an abandoned backing by giving whole pieces back
 * @first: first frame, of a piece's beginning; @n: most frames
 * @owner: a dead owner: nothing is known of its pages any more that would have to be changed
 *
 * Pieces that have anything else than secure frames of @owner without ordinary pages are left to
 * others, as are those where a frame is locked.
 *
 * Return: frames destroyed from @first on, a multiple of PIECE_PAGES, maybe 0.
 */
size_t backing_drop_pieces(struct backing *b, size_t first, size_t n, uint32_t owner);

/* ---- content; the frame is locked ---- */

/** frame_secure() - its page in the arena; frames of a backing only */
uint8_t *frame_secure(const struct frame *f);

/** frame_ordinary() - its page in the machine's mapping of the memfd; frames of a backing only */
uint8_t *frame_ordinary(const struct frame *f);

/** frame_read_ordinary() - copy the ordinary page out; a hole reads as zeros and stays a hole */
void frame_read_ordinary(const struct frame *f, uint8_t to[PAGE_SIZE]);

/**
 * frame_write_ordinary() - put a whole page into ordinary storage; appears at once to all
 * Return: 0, or -ENOMEM: no memory, nothing has changed.
 */
int frame_write_ordinary(struct frame *f, const uint8_t from[PAGE_SIZE])
	__attribute__((warn_unused_result));

/** frame_punch() - take the ordinary page away; @word decides whether there may be one */
void frame_punch(struct frame *f, uint64_t word);

/** frame_clear_secure() - make the secure page zeros */
void frame_clear_secure(struct frame *f);

/* ---- pieces: 2 MiB, the unit of trapping host accesses ---- */

/**
 * frame_hold_piece() - arm the piece and keep it armed
 *
 * To be called, without any frame locked, before a frame may become FRAME_SEC.
 *
 * Return: 0, or what backing_ops.arm said; then nothing is held.
 */
int frame_hold_piece(struct frame *f) __attribute__((warn_unused_result));
void frame_release_piece(struct frame *f);

/* ---- owners, as far as counting goes ---- */

/**
 * storage_owner_reset() - @owner begins a new life; no frame may name it
 * @low_end: guest pages below are those that storage_owner_condemn() is about
 */
void storage_owner_reset(struct storage *st, uint32_t owner, gpa_t low_end);

/**
 * storage_owner_condemn() - its frames with a guest page below @low_end are ordinary from now on
 *
 * Their words still name it; what their secure store still holds is residue. The time does not
 * depend on their number. A second call changes nothing.
 */
void storage_owner_condemn(struct storage *st, uint32_t owner);

/** frame_word_condemned() - does the word name an owner that its guest page is condemned for? */
bool frame_word_condemned(struct storage *st, uint64_t word);

/** storage_owner_dead() - its secure frames are orphans from now on, its shared ones ordinary */
void storage_owner_dead(struct storage *st, uint32_t owner);

/** storage_owner_is_dead() - what storage_owner_dead() said in this life */
bool storage_owner_is_dead(struct storage *st, uint32_t owner);

/** storage_owner_frames() - number of frames whose word names @owner */
uint64_t storage_owner_frames(struct storage *st, uint32_t owner);

/* ---- for the fault handler of the address space ---- */

/**
 * struct frame_info - a frame as the host's fault handler wants to know it
 * @state: the state
 * @owner: owner index or 0
 * @live: the owner has not been destroyed, nor the page condemned
 */
struct frame_info {
	enum frame_state state;
	uint32_t owner;
	bool live;
};

/** backing_frame_info() - state of a frame; waits while it is in transition */
struct frame_info backing_frame_info(struct backing *b, size_t index);

/**
 * backing_make_present() - make sure that a touch of a frame in ordinary storage does not trap
 *
 * For a FRAME_NS, FRAME_SHR or FRAME_PIN frame: a hole becomes a page of zeros. Wake the touching
 * thread afterwards.
 *
 * Return: 0; -EBUSY: the frame is secure (export it first); -ENOMEM.
 */
int backing_make_present(struct backing *b, size_t index);

/** backing_piece_secure() - number of secure frames in a piece (pieces about to have one count) */
uint32_t backing_piece_secure(struct backing *b, size_t piece);

#endif
