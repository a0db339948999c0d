/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host key that lives as long as the test program. */
#ifndef TESTS_LIFE_HOST_KEY_H
#define TESTS_LIFE_HOST_KEY_H

/** life_host_key() - path of the private key; made in a temporary directory on first use */
const char *life_host_key(void);

/** life_host_key_remove() - remove it */
void life_host_key_remove(void);

#endif
