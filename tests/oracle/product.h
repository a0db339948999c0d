/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The same operations, done by the product over the direct-call transport. */
#ifndef TESTS_ORACLE_PRODUCT_H
#define TESTS_ORACLE_PRODUCT_H

#include "tests/oracle/spec.h"

struct product;

/** product_setup() - once a program: host key and image. Return: 0 or -errno */
int product_setup(void);
void product_teardown(void);

/** product_image_pages() - of the image that UNPACK takes */
uint8_t product_image_pages(void);

/** product_start() - power on; NULL: it does not start */
struct product *product_start(const char *model);

/** product_step() - the operation, in the calling thread, with its faults. Context: alone */
struct outcome product_step(struct product *p, const struct op *op);

/** product_thread_begin(), product_thread_end() - a thread of the VMM. Return: 0 or -ENOMEM */
int product_thread_begin(struct product *p);
void product_thread_end(void);

/** product_thread_step() - the operation beside those of other threads; no faults */
struct outcome product_thread_step(struct product *p, const struct op *op);

struct counts product_counts(struct product *p);

/**
 * product_end() - the process ends, everything is closed, power off
 * Return: NULL, or what was left that should not have been.
 */
const char *product_end(struct product *p);

#endif
