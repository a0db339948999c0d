/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key pair of a simulated machine and the document that tells its public part. */
#ifndef IMAGE_HOST_KEY_H
#define IMAGE_HOST_KEY_H

#include "image/error.h"

/**
 * host_key_create() - make host-key.pem (mode 0600) and host-key.crt
 * @dir: directory, made if it is missing
 *
 * The document is a self-signed certificate; its name says that the machine is simulated.
 *
 * Return: 0, -EEXIST if one of the files is there, another -errno; then @err is set and neither
 * file was made.
 */
int host_key_create(const char *dir, struct image_error *err);

#endif
