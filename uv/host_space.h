/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Storage of the host as an Ultravisor call names it: by virtual address in the issuing CPU's home
 * space (struct uv_host_space), or by absolute address.
 */
#ifndef UV_HOST_SPACE_H
#define UV_HOST_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uv/call.h"

/**
 * uv_host_contiguous() - absolute address of @len bytes at @va
 *
 * Return: true; false: a page is not accessible, or the pages are not adjacent.
 */
bool uv_host_contiguous(const struct uv_call *c, uint64_t va, size_t len, abs_t *addr);

/** uv_host_accessible() - could all of @len bytes at @va be written? @len is not 0 */
bool uv_host_accessible(const struct uv_call *c, uint64_t va, size_t len);

/**
 * uv_host_read() - copy @len bytes at @va
 * Return: true; false: a page is not accessible, @buf may have changed.
 */
bool uv_host_read(const struct uv_call *c, uint64_t va, void *buf, size_t len);

/** uv_host_write() - the other way. Return: false: what lies before that page may be written */
bool uv_host_write(const struct uv_call *c, uint64_t va, const void *bytes, size_t len);

/**
 * uv_donate() - storage_donate(), and no CPU of the host uses the storage any more when it returns
 * Context: no frame locked.
 */
int uv_donate(struct uv *uv, abs_t addr, size_t len) __attribute__((warn_unused_result));

#endif
