/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hypervisor of protected guests as the Ultravisor sees one: each command with what is wrong
 * about it, then as it should be, and what has become of the storage.
 */
#ifndef GUESTS_TEST_UV_HOST_H
#define GUESTS_TEST_UV_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "protvirt/uv.h"
#include "test/cpu/check.h"

#define PAGE          4096UL
#define MIB           (1UL << 20)
#define UV_BASE       (2UL << 30)
#define PGM_PAGE      0x11
#define PGM_SECURE    0x3d
#define TEID_ADDRESS  4UL
#define ASCE_PRIVATE  0x100UL
#define ENTRY_INVALID 0x20UL
#define PAGE_INVALID  0x400UL
#define GUEST_PAGES   256U

/** qui - what the Ultravisor says about itself, once test_query() is through */
extern struct uv_cb_qui qui;

/** memory - bytes of storage */
extern uint64_t memory;

/**
 * struct guest - what a protected guest is made of
 * @handle, @cpu: of its configuration, of its CPU; 0: not yet
 * @base, @virt, @cpu_stor: donated
 * @virt_len: bytes at @virt
 * @segments: its segment table, the address of its ASCE
 * @pages: page table of its first MiB
 * @sca, @scb: control area, state description
 */
struct guest {
	uint64_t handle;
	uint64_t cpu;
	uint64_t base;
	uint64_t virt;
	uint64_t virt_len;
	uint64_t cpu_stor;
	volatile uint64_t *segments;
	volatile uint64_t *pages;
	uint64_t sca;
	uint64_t scb;
};

extern struct guest guest;

/** take() - storage that nobody has had yet, zeros */
uint64_t take(uint64_t len, uint64_t align);

/** uvc_once() - execute the call once, with whatever outcome. Return: the condition code */
unsigned int uvc_once(void *block);

/** HEADER() - for a block of this type and command */
#define HEADER(type, command)                                                                      \
	.header = {.len = be16_make(sizeof(struct type)), .cmd = be16_make(UVC_CMD_##command)}

/** expect_rc() - execute the call: it fails with @rc */
void expect_rc(void *block, uint16_t rc, const char *what);

/** expect_done() - execute the call, again while it is busy: it succeeds. Return: did it? */
bool expect_done(void *block, const char *what);

/** expect_lengths() - the call is refused with a block that is longer or shorter than it is */
void expect_lengths(void *block);

/** expect_handle() - the call is refused with @rc if the handle at @handle is one more */
void expect_handle(void *block, be64_t *handle, uint16_t rc);

/** expect_no_access() - each page of it: load and store are secure-storage accesses */
void expect_no_access(uint64_t origin, uint64_t len, const char *what);

/** expect_zeros() - each page can be accessed, and all is zero */
void expect_zeros(uint64_t origin, uint64_t len, const char *what);

/** expect_access() - first and last byte of each page can be accessed */
void expect_access(uint64_t origin, uint64_t len, const char *what);

/** guest_init() - all but what the Ultravisor does */
void guest_init(struct guest *g);

/** guest_create_block() - how its configuration is created */
struct uv_cb_cgc guest_create_block(const struct guest *g);

/* The areas, in this order */
void test_instruction(void);
void test_query(void);
void test_invalid(void);
void test_uninitialised(void);
void test_init(void);
void test_access(void);
void test_create(void);
void test_cpu(void);
void test_header(void);
void test_pages(void);
void test_destroy_cpu(void);
void test_destroy(void);
void test_reset(void);

#endif
