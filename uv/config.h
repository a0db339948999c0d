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
#include "uv/sehdr.h"
#include "uv/state.h"

/**
 * struct uv_conf_base - head of the donated base storage
 * @uid: random identity
 * @export_key: AES-256-XTS key of exported pages
 * @export_mac_key: AES-256-GMAC key of their tags
 * @export_nonce: second half of the export tweak
 * @image: what the SE header said
 */
struct uv_conf_base {
	uint8_t uid[16];
	uint8_t export_key[SE_XTS_KEY_LEN];
	uint8_t export_mac_key[SE_KEY_LEN];
	uint8_t export_nonce[8];
	struct uv_image image;
};
_Static_assert(sizeof(struct uv_conf_base) <= UV_CONF_BASE_LEN, "base storage");

/** struct uv_conf_virt - fixed part of the donated variable storage; page records follow it */
struct uv_conf_virt {
	uint64_t cpu_handle[UV_MAX_CPU_ID + 1]; /* 0: no such CPU */
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

/**
 * struct uv_config - one configuration
 * @object: handle and reference count
 * @uv: the Ultravisor; this and the next eight are constant while the handle is valid
 * @owner: owner index that its frames name
 * @asce: of the guest's tables, as given; a token
 * @mso: main storage origin
 * @msl: main storage length in bytes
 * @base_origin: donated base storage
 * @var_origin: donated variable storage
 * @var_len: its length in bytes
 * @base: the base storage's bytes
 * @virt: the variable storage's bytes
 * @lock: held shared by page commands, exclusive by all others; never waited for: condition code 2
 * @image_state: @lock
 * @unpack: running digests and the image cipher, between header and verify; @lock
 * @reset: written under @lock or by a CPU in SIE, read by every entry
 * @cursor: next page of a command that answered condition code 3; @lock
 */
struct uv_config {
	struct uv_object object;
	struct uv *uv;
	uint32_t owner;
	uint64_t asce;
	gpa_t mso;
	uint64_t msl;
	abs_t base_origin;
	abs_t var_origin;
	size_t var_len;
	struct uv_conf_base *base;
	struct uv_conf_virt *virt;
	pthread_rwlock_t lock;
	enum uv_image_state image_state;
	struct uv_unpack *unpack;
	_Atomic int reset;
	uint64_t cursor;
};

#endif
