/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the life-cycle suite needs beside protvirt.h: a machine of its own and
 * its counts. One implementation a transport, so that the same program runs
 * within one process and between two.
 */
#ifndef TESTS_LIFE_TRANSPORT_H
#define TESTS_LIFE_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** struct transport_params - @model: NULL: the default; @host_key: PEM file or NULL */
struct transport_params {
	const char *model;
	const char *host_key;
};

/**
 * struct transport_counts - what must be zero when nothing is left
 * @tearing: configurations that a PERFORM is at; they are in @configs as well
 * @donated: bytes donated now; @donated_idle: when the machine had just been started
 */
struct transport_counts {
	uint64_t vms;
	uint64_t configs;
	uint64_t tearing;
	uint64_t cpus;
	uint64_t secure_frames;
	uint64_t donated;
	uint64_t donated_idle;
	uint64_t leaked;
};

/** transport_start() - start the machine. Return: 0 or -errno */
int transport_start(const struct transport_params *params);
void transport_counts(struct transport_counts *counts);

/**
 * transport_left() - the machine is idle: which of all its counts is not what it was at the start?
 * Return: their names and values, until the next call; NULL: none. Only between two processes.
 */
const char *transport_left(void);

/** transport_wait_idle() - until no VMM is connected and its cleanup is done */
void transport_wait_idle(void);

/** transport_wait_mm_gone() - until no address space is left; files may still be open */
void transport_wait_mm_gone(void);

/** transport_machine() - the machine's process. Only between two processes */
pid_t transport_machine(void);

/** transport_thread_end() - a thread that used protvirt.h ends */
void transport_thread_end(void);
void transport_stop(void);

#endif
