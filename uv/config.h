/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configurations: protected guests, private to uv/.
 *
 * struct uv_config is the Ultravisor's own memory and says where things are.
 * Keys, digests and everything else that lives and dies with the configuration
 * stands in the storage that the host donated.
 */
#ifndef UV_CONFIG_H
#define UV_CONFIG_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "uv/handle.h"
#include "uv/owner.h"
#include "uv/sehdr.h"
#include "uv/state.h"

/**
 * struct uv_dump - a dump under way, else zeros
 * @seed: random, for the key
 * @key: of its blocks
 * @blocks: encrypted so far
 */
struct uv_dump {
	uint8_t seed[SE_DUMP_SEED_LEN];
	uint8_t key[SE_KEY_LEN];
	uint64_t blocks;
};

/**
 * struct uv_conf_base - head of the donated base storage
 * @uid: random identity
 * @image: keys, digests and first PSW that the SE header brought
 * @pages: unpacked so far
 * @dump: the dump under way
 */
struct uv_conf_base {
	uint8_t uid[16];
	struct uv_image image;
	uint64_t pages;
	struct uv_dump dump;
};
_Static_assert(sizeof(struct uv_conf_base) <= UV_CONF_BASE_LEN, "base storage");

/** struct uv_conf_virt - fixed part of the donated variable storage; page records follow it */
struct uv_conf_virt {
	struct uv_cpu *cpu[UV_MAX_CPU_ID + 1]; /* by CPU number; NULL: no such CPU */
};
_Static_assert(sizeof(struct uv_conf_virt) <= UV_CONF_VIRT_LEN, "fixed variable storage");

/** enum uv_image_state - how far the image of a configuration is */
enum uv_image_state {
	UV_IMAGE_NONE,     /* no SE header yet */
	UV_IMAGE_HEADER,   /* pages may be unpacked */
	UV_IMAGE_VERIFIED, /* CPUs may run */
};

/** enum uv_reset_state - the sequence of ultravisor.md 2.13 */
enum uv_reset_state {
	UV_RESET_NONE,
	UV_RESET_PENDING,  /* the guest asked for it: no CPU may enter SIE */
	UV_RESET_UNSHARED, /* SET_UNSHARE_ALL done */
	UV_RESET_PREPARED, /* PREPARE_RESET done: each CPU has to be reset */
};

struct uv_unpack;
struct uv_cpu;

/** UV_SERVICE_CALL - there is one */
#define UV_SERVICE_CALL (1UL << 32)

/**
 * struct uv_config - one configuration
 * @object: handle and reference count
 * @uv: the Ultravisor; constant, as all down to @virt
 * @owner: owner of the frames; the configuration holds a reference
 * @asce: of the guest's tables, as given; a token
 * @sca: host absolute address of the system control area
 * @base_origin: donated base storage
 * @var_origin: donated variable storage
 * @var_len: its length in bytes
 * @base: the base storage's bytes
 * @virt: the variable storage's bytes
 * @lock: shared by commands on its pages, exclusive for all others; never waited for but tried:
 *        condition code 2. Protects the following
 * @ending: condemned, or DESTROY_SEC_CONF has begun: only commands that end it find it any more
 * @gone: the handle is not valid any more
 * @image_state: enum uv_image_state; read by every entry into SIE: atomic, as the next
 * @psw_from_image: where an operating-load CPU gets its PSW: SE header or absolute 0
 * @unpack: digests and cipher between SE header and verify
 * @service_call: UV_SERVICE_CALL and SCCB address of the service call whose interruption is
 *                outstanding, or 0; whichever CPU is enabled gets it: atomic
 * @reset: enum uv_reset_state; also set by a CPU in SIE, read by every entry: atomic
 * @dumping: between DUMP_INIT and DUMP_COMPLETE: no CPU may enter SIE; read by every entry
 */
struct uv_config {
	struct uv_object object;
	struct uv *uv;
	struct uv_owner *owner;
	uint64_t asce;
	abs_t sca;
	abs_t base_origin;
	abs_t var_origin;
	size_t var_len;
	struct uv_conf_base *base;
	struct uv_conf_virt *virt;

	pthread_rwlock_t lock;
	bool ending;
	bool gone;
	_Atomic int image_state;
	_Atomic bool psw_from_image;
	struct uv_unpack *unpack;
	_Atomic uint64_t service_call;
	_Atomic int reset;
	_Atomic bool dumping;
};

/** uv_config_of() - the configuration that an object is */
static inline struct uv_config *uv_config_of(struct uv_object *o)
{
	return (struct uv_config *)o;
}

/** uv_config_end() - give everything up that the configuration holds, last the handle. Context:
 * @lock exclusive; no CPUs; pages may still be secure and become orphans then
 */
void uv_config_end(struct uv_config *c);

#endif
