/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which CPU a thread runs on. */
#ifndef BENCH_PLACE_H
#define BENCH_PLACE_H

#include <sys/types.h>

/**
 * place_thread() - keep a thread on one CPU; ends the program if that is impossible
 * @tid: thread, 0: the caller
 * @nth: index into the CPUs that this program was given; counts modulo their number
 */
void place_thread(pid_t tid, unsigned int nth);

/** place_note_threads() - the threads of a process stay where they are: they are no new ones */
void place_note_threads(pid_t pid);

/**
 * place_new_threads() - place_thread() for threads of a process that came since the last call of
 * this or of place_note_threads()
 */
void place_new_threads(pid_t pid, unsigned int nth);

/** place_anywhere() - take that back */
void place_anywhere(pid_t tid);

/** place_count() - CPUs that this program was given */
unsigned int place_count(void);

#endif
