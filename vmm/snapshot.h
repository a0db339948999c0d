/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a machine says about itself: one table of counts, which is written by the machine as
 * lines of text, read back by whoever asked, and shown as a table or as JSON.
 */
#ifndef VMM_SNAPSHOT_H
#define VMM_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct machine_status;
struct uv_cost;

#define SNAPSHOT_MODEL_MAX 16

/** struct snapshot - counts of a moment; names and meaning are in the table of snapshot.c */
struct snapshot {
	char model[SNAPSHOT_MODEL_MAX];
	uint64_t async_destroy, traps, page_uvc_ns, call_uvc_ns;
	uint64_t vms, vcpus, secure_vcpus;
	uint64_t active, half, aside, tearing, leftover, leaked, stuck;
	uint64_t protected_count;
	uint64_t frames_secure, frames_orphan, frames_shared, frames_residue, frames_lost;
	uint64_t bytes_guest, bytes_kernel, bytes_donated, bytes_leaked;
	uint64_t uv_configs, uv_cpus, uvcs, uvcs_failed;
};

/** snapshot_take() - in the machine process, from its counts */
void snapshot_take(const struct machine_status *status, const struct uv_cost *cost, bool traps,
		   struct snapshot *out);

/** snapshot_write() - as lines `name value` */
void snapshot_write(const struct snapshot *s, FILE *out);

/** snapshot_parse() - read lines back; unknown names are skipped. Return: 0, or -EPROTO */
int snapshot_parse(const char *text, struct snapshot *out);

/** snapshot_print() - a table for people */
void snapshot_print(const struct snapshot *s, FILE *out);

/** snapshot_print_json() - one object. Return: 0, or -1 if it could not be written */
int snapshot_print_json(const struct snapshot *s, FILE *out);

#endif
