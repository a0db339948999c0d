/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking an image in, between SET_SEC_CONF_PARAMS and VERIFY_IMG. */
#ifndef UV_UNPACK_H
#define UV_UNPACK_H

#include "crypto/seal.h"
#include "uv/image_digest.h"
#include "uv/page.h"

/**
 * struct uv_unpack - an image that is being unpacked
 * @digest: running digests
 * @cipher: of the image keys; NULL: the pages are plain
 * @unpacked: pages whose ordinary copies are still to be punched
 */
struct uv_unpack {
	struct image_digest *digest;
	struct seal_page *cipher;
	struct uv_unpacked unpacked;
};

/** uv_unpack_free() - NULL is allowed */
void uv_unpack_free(struct uv_unpack *u);

#endif
