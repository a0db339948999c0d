/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long reboots took, as JSON objects for --json. */
#ifndef VMM_REBOOT_LOG_H
#define VMM_REBOOT_LOG_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "vmm/pv_boot.h"

/**
 * struct reboot_record - one reboot of a protected guest; times in ns of CLOCK_MONOTONIC
 *
 * Complete when the next guest's first instruction is about to run, if it is a protected one, and
 * the destroy in the background is over, if there is one.
 */
struct reboot_record {
	struct reboot_record *next;
	bool async;
	char fallback[80]; /* why it is not asynchronous though it should be, "" */
	uint64_t number;
	uint64_t memory_bytes;
	uint64_t secure_bytes;  /* of the old guest, before */
	uint64_t pending_bytes; /* of the old guest, when the teardown had returned */
	uint64_t exit_ns;       /* its last instruction */
	uint64_t torn_ns;
	uint64_t asked_ns; /* the next guest asks for protected mode */
	struct pv_times start;
	uint64_t entry_ns;
	uint64_t background_ns; /* duration */
	bool background_done;
	bool next_runs;
};

/** struct reboot_log - records that are not complete */
struct reboot_log {
	FILE *out;            /* NULL: nobody wants them */
	pthread_mutex_t lock; /* the list and its records */
	pthread_cond_t changed;
	struct reboot_record *open;
	char model[16];
	uint64_t page_ns; /* the cost model, 0: none */
	bool failed;      /* something could not be written */
};

/** reboot_log_open() - append to @path, NULL: keep nothing. Return: 0 or -errno */
int reboot_log_open(struct reboot_log *log, const char *path);

/** reboot_log_close() - wait for records whose background work runs. Return: 0, -EIO */
int reboot_log_close(struct reboot_log *log);

/** reboot_log_machine() - the machine's model and cost, for every record */
void reboot_log_machine(struct reboot_log *log, const char *model, uint64_t page_ns);

/** reboot_log_add() - a new record, a copy of @record. Return: it, or NULL with errno ENOMEM */
struct reboot_record *reboot_log_add(struct reboot_log *log, const struct reboot_record *record);

/** reboot_log_background_done() - PERFORM is over; the record may be gone when this returns */
void reboot_log_background_done(struct reboot_log *log, struct reboot_record *record,
				uint64_t duration_ns);

/** reboot_log_next_runs() - the next guest is about to run; the record may be gone then */
void reboot_log_next_runs(struct reboot_log *log, struct reboot_record *record);

#endif
