/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One Ultravisor call: its row, its block, its answer. Private to uv/.
 *
 * call.c does what all calls have in common, in the order of ultravisor.md 1.4;
 * a handler finds the block's copy, the objects that its handles name, and the
 * configuration locked as its row says.
 */
#ifndef UV_CALL_H
#define UV_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "protvirt/uv.h"
#include "uv/config.h"
#include "uv/cpu.h"
#include "uv/state.h"
#include "uv/ultravisor.h"

/** struct uv_answer - condition code, response code, response reason code */
struct uv_answer {
	uint8_t cc;
	uint16_t rc;
	uint16_t rrc;
};

static inline struct uv_answer uv_done(void)
{
	return (struct uv_answer){UV_CC_OK, UVC_RC_EXECUTED, 0};
}

static inline struct uv_answer uv_error(uint16_t rc, uint16_t rrc)
{
	return (struct uv_answer){UV_CC_ERROR, rc, rrc};
}

/** uv_answer_rc() - the answer that has no reason code and is an error unless @rc is 1 */
static inline struct uv_answer uv_answer_rc(uint16_t rc)
{
	return rc == UVC_RC_EXECUTED ? uv_done() : uv_error(rc, 0);
}

/** uv_partial() - some of the work is done, the caller has to come again */
static inline struct uv_answer uv_partial(void)
{
	return (struct uv_answer){UV_CC_PARTIAL, UVC_RC_EXECUTED, 0};
}

/** uv_busy() - nothing is done, somebody else is at work on the configuration */
static inline struct uv_answer uv_busy(void)
{
	return (struct uv_answer){UV_CC_BUSY, UVC_RC_INV_STATE, 0};
}

/** union uv_block - private copy of a control block, as large as the largest installed one */
union uv_block {
	struct uv_cb_header header;
	struct uv_cb_qui qui;
	struct uv_cb_query_keys query_keys;
	struct uv_cb_init init;
	struct uv_cb_cgc cgc;
	struct uv_cb_csc csc;
	struct uv_cb_cts cts;
	struct uv_cb_cfs cfs;
	struct uv_cb_ssc ssc;
	struct uv_cb_unp unp;
	struct uv_cb_cpu_set_state set_state;
	struct uv_cb_nodata nodata;
	struct uv_cb_destroy_fast destroy_fast;
	struct uv_cb_share share;
	struct uv_cb_dump_cpu dump_cpu;
	struct uv_cb_dump_stor_state dump_stor_state;
	struct uv_cb_dump_complete dump_complete;
	uint8_t bytes[0x200];
};

struct uv_command;

/**
 * struct uv_call - a call under way
 * @uv: the Ultravisor
 * @command: its row
 * @guest: issued by a protected guest
 * @space: of the issuing CPU, or NULL: virtual addresses are absolute ones
 * @start: when it began, uv_trace_now()
 * @len: length that the caller gave, at most sizeof(@block)
 * @handle: handle that the caller named, or 0
 * @config: configuration that it names or belongs to, or NULL
 * @cpu: CPU that it names, or the issuing CPU of a guest, or NULL
 * @exit: enum uv_guest_exit, or 0: the answer counts
 * @fault: page of UV_GUEST_NOT_SECURE
 * @block: copy of the control block: @len bytes come from the caller and go back, the rest has no
 *         value
 */
struct uv_call {
	struct uv *uv;
	const struct uv_command *command;
	bool guest;
	const struct uv_host_space *space;
	uint64_t start;
	size_t len;
	uint64_t handle;
	struct uv_config *config;
	struct uv_cpu *cpu;
	int exit;
	gpa_t fault;
	union uv_block block;
};

/** enum uv_naming - what the handle in a block names, and how its configuration is locked */
enum uv_naming {
	UV_NAMES_NOTHING,
	UV_NAMES_CONFIG_SHARED, /* lock shared: page commands */
	UV_NAMES_CONFIG,        /* lock exclusive */
	UV_NAMES_CPU,           /* its configuration's lock exclusive */
};

#define UV_CONTEXT_HOST  1U
#define UV_CONTEXT_GUEST 2U

/** UV_NO_BIT - the command has no bit in inst_calls_list */
#define UV_NO_BIT 256U

/**
 * struct uv_command - a row: everything about a command that is not its work
 * @name: as in the trace
 * @cmd: command code
 * @len: length of the block; QUI: longest that is stored
 * @min_len: shortest that is accepted; 0: @len and no other
 * @bit: in inst_calls_list, or UV_NO_BIT
 * @context: UV_CONTEXT_*: who may issue it
 * @early: allowed before INIT_UV
 * @ends: may name a configuration that is ending
 * @naming: what the handle names
 * @handle_at: offset of the handle in the block
 * @addr_at: offset of an address for the trace, or 0
 * @page: the cost model counts a page
 * @feature: UV_FEATURE_* that the model must have, or 0
 * @handler: does the work
 */
struct uv_command {
	const char *name;
	uint16_t cmd;
	uint16_t len;
	uint16_t min_len;
	uint16_t bit;
	uint8_t context;
	bool early;
	bool ends;
	enum uv_naming naming;
	uint8_t handle_at;
	uint8_t addr_at;
	bool page;
	uint32_t feature;
	struct uv_answer (*handler)(struct uv_call *c);
};

extern const struct uv_command uv_commands[];
extern const size_t uv_nr_commands;

/** uv_command_installed() - does this Ultravisor have the command in a context? */
bool uv_command_installed(const struct uv *uv, const struct uv_command *row, uint8_t context);

/**
 * uv_execute() - all of a call but the answer's way back
 * @c: uv, guest, and for a guest cpu and config are set
 * @uvcb: the caller's block; read once
 * @size: bytes there
 */
struct uv_answer uv_execute(struct uv_call *c, const void *uvcb, size_t size);

/** uv_finish() - write the answer back, count and trace the call. Return: condition code */
enum uv_cc uv_finish(struct uv_call *c, void *uvcb, struct uv_answer a);

/**
 * uv_host_ptr() - @len bytes of host storage that the Ultravisor may read and the host may name
 *
 * Return: the bytes, or NULL if not all are in one region that can be donated, and ordinary now.
 */
void *uv_host_ptr(struct uv *uv, abs_t addr, size_t len);

/**
 * uv_handle_new() - give an object a fresh random handle
 * Return: 0; -EIO: no random numbers.
 */
int uv_handle_new(struct uv *uv, struct uv_object *o);

/* ---- the handlers, by file ---- */

struct uv_answer uv_query(struct uv_call *c);
struct uv_answer uv_query_keys(struct uv_call *c);
struct uv_answer uv_init(struct uv_call *c);
struct uv_answer uv_create_config(struct uv_call *c);
struct uv_answer uv_destroy_config(struct uv_call *c);
struct uv_answer uv_destroy_config_fast(struct uv_call *c);
struct uv_answer uv_condemn_config(struct uv_call *c);
struct uv_answer uv_create_cpu(struct uv_call *c);
struct uv_answer uv_destroy_cpu(struct uv_call *c);
struct uv_answer uv_cpu_reset(struct uv_call *c);
struct uv_answer uv_cpu_reset_initial(struct uv_call *c);
struct uv_answer uv_cpu_reset_clear(struct uv_call *c);
struct uv_answer uv_cpu_set_state(struct uv_call *c);
struct uv_answer uv_set_image_params(struct uv_call *c);
struct uv_answer uv_unpack_page(struct uv_call *c);
struct uv_answer uv_verify_image(struct uv_call *c);
struct uv_answer uv_unshare_all(struct uv_call *c);
struct uv_answer uv_prepare_reset(struct uv_call *c);
struct uv_answer uv_import_page(struct uv_call *c);
struct uv_answer uv_unpin_page(struct uv_call *c);
struct uv_answer uv_export_page(struct uv_call *c);
struct uv_answer uv_destroy_page(struct uv_call *c);
struct uv_answer uv_pin_page(struct uv_call *c);
struct uv_answer uv_share_page(struct uv_call *c);
struct uv_answer uv_unshare_page(struct uv_call *c);
struct uv_answer uv_dump_init(struct uv_call *c);
struct uv_answer uv_dump_cpu(struct uv_call *c);
struct uv_answer uv_dump_stor_state(struct uv_call *c);
struct uv_answer uv_dump_complete(struct uv_call *c);

#endif
