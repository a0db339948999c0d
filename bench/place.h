/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which CPU a thread runs on. */
#ifndef BENCH_PLACE_H
#define BENCH_PLACE_H

#include <stdint.h>
#include <sys/types.h>

/**
 * place_thread() - keep a thread on one CPU; ends the program if that is impossible
 * @tid: thread, 0: the caller
 * @nth: index into the CPUs that this program was given; counts modulo their number
 */
void place_thread(pid_t tid, unsigned int nth);

/**
 * place_process() - place_thread() for each thread of a process
 *
 * A machine's thread then runs there whatever its caller's CPUs are: nobody gets more than the
 * machine has.
 */
void place_process(pid_t pid, unsigned int nth);

/**
 * place_check_follower() - has a process a thread with the caller's CPUs and nice value? Ends the
 * program if not: what is measured would not run where its row says
 */
void place_check_follower(pid_t pid);

/** place_anywhere() - take that back */
void place_anywhere(pid_t tid);

/**
 * place_waited_ns() - how long a thread of this process could have run, while its CPU ran others
 * @tid: thread; its present wait does not count before it ends
 */
uint64_t place_waited_ns(pid_t tid);

/** place_count() - CPUs that this program was given */
unsigned int place_count(void);

/** place_other() - what a row says of a thread that was placed on 1 where another one is on 0 */
const char *place_other(void);

#endif
