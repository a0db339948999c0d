/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGINT and SIGTERM of `protvirt run`. The first one asks the guest to shut down, if it listens;
 * the next one ends the VM. A thread takes them; all others have them blocked, so that no call of
 * theirs is interrupted.
 */
#ifndef VMM_STOP_SIGNALS_H
#define VMM_STOP_SIGNALS_H

struct stop_signals;
struct vm;

/**
 * stop_signals_open() - block the signals and start the thread
 *
 * Until stop_signals_begin() they end the process, as ever. Those that are ignored stay so.
 *
 * Return: the thread's object, or NULL; a line on standard error says what failed.
 * Context: before any thread is made that must not take them.
 */
struct stop_signals *stop_signals_open(void);

/** stop_signals_begin() - from now on they are for this VM */
void stop_signals_begin(struct stop_signals *stop, struct vm *vm);

/** stop_signals_end() - the VM has ended and is not touched any more; signals change nothing */
void stop_signals_end(struct stop_signals *stop);

/** stop_signals_close() - end the thread, unblock the signals; NULL is taken */
void stop_signals_close(struct stop_signals *stop);

#endif
