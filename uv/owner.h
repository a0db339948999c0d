/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owners of frames.
 *
 * A frame's state word names its owner by a 16-bit index, not by a handle: the
 * index outlives the configuration, so that frames which a fast destroy left
 * behind can still be told apart. An owner is LIVE as long as its configuration
 * exists; then DEAD; its index is used again only when no frame names it and no
 * reference is left.
 */
#ifndef UV_OWNER_H
#define UV_OWNER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "storage/storage.h"
#include "storage/types.h"

struct export_cipher;
struct guest_record;
struct uv_owner_table;

/**
 * struct uv_owner - who owns frames
 * @index: 1..65535, constant
 * @refs: references from outside: the configuration's own and uv_config_owner()'s
 * @dead: the configuration is gone; set once, never cleared in one life
 * @users: operations that use @records and @cipher now; nobody enters when @dead
 * @destroys: page destroys in flight; nobody enters when @cpus is not 0
 * @cpus: secure CPUs, those being created included
 * @shared: guest pages in G_SHR or G_SHOUT
 * @exports: the export counter: number of the last export
 * @first_used: lowest and (@end_used) one past the highest record that ever left G_NEW
 * @asce: the address space, for purges
 * @mso: first guest address
 * @msl: bytes of guest storage
 * @uid: configuration UID, part of what the export tag covers
 * @records: guest page records in the donated variable storage, one for each page of @msl
 * @cipher: keys of exported pages
 * @unshare_cursor: next record of a SET_UNSHARE_ALL that was partially done
 * @destroy_cursor: next record of a DESTROY_SEC_CONF that was partially done
 */
struct uv_owner {
	uint32_t index;
	_Atomic uint32_t refs;
	_Atomic bool dead;
	_Atomic uint32_t users;
	_Atomic uint32_t destroys;
	_Atomic uint32_t cpus;
	_Atomic uint64_t shared;
	_Atomic uint64_t exports;
	_Atomic uint64_t first_used;
	_Atomic uint64_t end_used;
	uint64_t asce;
	gpa_t mso;
	uint64_t msl;
	uint8_t uid[16];
	struct guest_record *records;
	struct export_cipher *cipher;
	uint64_t unshare_cursor;
	uint64_t destroy_cursor;
};

/**
 * struct uv_owner_params - what an owner is made of
 * @asce: guest_asce of the configuration
 * @mso: @msl: guest storage
 * @uid: configuration UID
 * @records: UV_RECORD_SIZE bytes for each page of @msl, zeroed: donated variable storage
 * @random: fill @buf with random bytes, 0 or -EIO; for the export keys
 * @machine: its first argument
 */
struct uv_owner_params {
	uint64_t asce;
	gpa_t mso;
	uint64_t msl;
	const uint8_t *uid;
	void *records;
	int (*random)(void *machine, void *buf, size_t len);
	void *machine;
};

/** UV_RECORD_SIZE - bytes of variable storage for each guest page */
#define UV_RECORD_SIZE 32UL

/** uv_owner_table_create() - Return: an empty table, or NULL with errno ENOMEM */
struct uv_owner_table *uv_owner_table_create(struct storage *st);
void uv_owner_table_destroy(struct uv_owner_table *t);

/**
 * uv_owner_create() - a new live owner
 *
 * Return: the owner with one reference (of the configuration), or NULL with errno: ENOMEM, EIO
 * (random numbers), ENOSPC (all indices in use).
 */
struct uv_owner *uv_owner_create(struct uv_owner_table *t, const struct uv_owner_params *params);

/** uv_owner_find() - owner by index; NULL if it is 0 or was never used */
struct uv_owner *uv_owner_find(struct uv_owner_table *t, uint32_t index);

/** uv_owner_get() - one more reference; needs one */
struct uv_owner *uv_owner_get(struct uv_owner *o);

/** uv_owner_drop() - drop a reference; the last one of a live owner must not go: asserted */
void uv_owner_drop(struct uv_owner *o);

/** uv_owner_nr_frames() - number of frames that name it now */
uint64_t uv_owner_nr_frames(struct uv_owner_table *t, uint32_t index);

/**
 * uv_owner_kill() - the configuration goes: destroy-fast, or the end of a full destroy
 *
 * Waits for operations in flight, erases the keys. The records may be freed afterwards.
 *
 * Context: no frame locked, cpus is 0.
 */
void uv_owner_kill(struct uv_owner_table *t, struct uv_owner *o);

/**
 * uv_owner_condemn() - its guest pages below 2 GiB are given up: model `proposal`
 *
 * In all their states they count as ordinary from now on; see storage_owner_condemn(). Waits for
 * operations that began before. The time does not depend on the number of pages.
 *
 * Context: no frame locked, live, cpus is 0, nobody imports for it any more.
 */
void uv_owner_condemn(struct uv_owner_table *t, struct uv_owner *o);

/**
 * uv_owner_cpu_get() - a secure CPU is about to be created
 *
 * When it returns no page of the owner is being destroyed, and none will be until
 * uv_owner_cpu_put().
 */
void uv_owner_cpu_get(struct uv_owner *o);
void uv_owner_cpu_put(struct uv_owner *o);

/* ---- for the page transitions ---- */

/** uv_owner_enter() - use records and cipher. Return: false if dead. Context: a frame of it is
 * locked, or a reference is held */
bool uv_owner_enter(struct uv_owner *o);
void uv_owner_leave(struct uv_owner *o);

/** uv_owner_enter_destroy() - Return: false if it has CPUs. Context: as uv_owner_enter() */
bool uv_owner_enter_destroy(struct uv_owner *o);
void uv_owner_leave_destroy(struct uv_owner *o);

#endif
