/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all Ultravisor calls have in common: the checks, in the order of
 * ultravisor.md 1.4, the configuration's lock, injection, the way back, the trace.
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "storage/frame.h"
#include "storage/inject.h"
#include "uv/call.h"

_Static_assert(sizeof(union uv_block) >= sizeof(struct uv_cb_qui), "room for QUI");

/** ROWS_FOUND - places for rows that were found before; page commands differ in their low bits */
#define ROWS_FOUND 32U

/* A place may have any row or none, so who writes last is right. */
static const struct uv_command *find_row(uint16_t cmd)
{
	static _Atomic(const struct uv_command *) found[ROWS_FOUND];
	const struct uv_command *row =
		atomic_load_explicit(&found[cmd % ROWS_FOUND], memory_order_relaxed);

	if (row && row->cmd == cmd)
		return row;
	for (size_t i = 0; i < uv_nr_commands; i++) {
		if (uv_commands[i].cmd != cmd)
			continue;
		atomic_store_explicit(&found[cmd % ROWS_FOUND], &uv_commands[i],
				      memory_order_relaxed);
		return &uv_commands[i];
	}
	return NULL;
}

static const struct uv_command *find_command(const struct uv_call *c, uint16_t cmd)
{
	uint8_t context = c->guest ? UV_CONTEXT_GUEST : UV_CONTEXT_HOST;
	const struct uv_command *row = find_row(cmd);

	return row && uv_command_installed(c->uv, row, context) ? row : NULL;
}

bool uv_guest_has_command(const struct uv_cpu *cpu, uint16_t cmd)
{
	const struct uv_call c = {.uv = cpu->config->uv, .guest = true};

	return find_command(&c, cmd);
}

static bool length_ok(const struct uv_command *row, uint16_t len, size_t size)
{
	if (len > size)
		return false;
	return row->min_len ? len >= row->min_len : len == row->len;
}

static uint64_t field(const struct uv_call *c, uint8_t at)
{
	be64_t value;

	if (!at)
		return 0;
	memcpy(&value, &c->block.bytes[at], sizeof(value));
	return be64_get(value);
}

/*
 * find_named() - find what the handle names, with references
 * Return: 0, or the response code.
 */
static uint16_t find_named(struct uv_call *c)
{
	enum uv_naming naming = c->command->naming;
	struct uv_object *o;

	if (naming == UV_NAMES_NOTHING)
		return 0;
	if (naming == UV_NAMES_CPU) {
		o = uv_handle_find(uv_handles(c->uv), c->handle, UV_HANDLE_CPU);
		if (!o)
			return UVC_RC_INV_CHANDLE;
		c->cpu = uv_cpu_of(o);
		c->config = c->cpu->config;
		return 0;
	}
	o = uv_handle_find(uv_handles(c->uv), c->handle, UV_HANDLE_CONFIG);
	if (!o)
		return UVC_RC_INV_GHANDLE;
	c->config = uv_config_of(o);
	return 0;
}

static void put_named(struct uv_call *c)
{
	if (c->command->naming == UV_NAMES_NOTHING)
		return;
	if (c->cpu)
		uv_object_put(&c->cpu->object);
	else if (c->config)
		uv_object_put(&c->config->object);
}

static bool try_lock(struct uv_call *c)
{
	if (c->command->naming == UV_NAMES_CONFIG_SHARED)
		return !pthread_rwlock_tryrdlock(&c->config->lock);
	return !pthread_rwlock_trywrlock(&c->config->lock);
}

/* The object was found before it was locked: it may have lost its handle in between. */
static struct uv_answer run_locked(struct uv_call *c)
{
	struct uv_answer a;

	if (!try_lock(c))
		return uv_busy();
	if (c->cpu && c->cpu->gone)
		a = uv_error(UVC_RC_INV_CHANDLE, 0);
	else if (c->config->gone || (c->config->ending && !c->command->ends))
		a = uv_error(UVC_RC_INV_GHANDLE, 0);
	else
		a = c->command->handler(c);
	pthread_rwlock_unlock(&c->config->lock);
	return a;
}

static struct uv_answer perform(struct uv_call *c)
{
	uint16_t rc = find_named(c);
	struct uv_answer a;

	if (rc)
		return uv_error(rc, 0);
	if (c->command->naming == UV_NAMES_NOTHING)
		return c->command->handler(c);
	a = run_locked(c);
	put_named(c);
	return a;
}

/* Subject of an injection is the configuration, also for calls that name a CPU. */
static uint64_t inject_subject(struct uv_call *c)
{
	struct uv_object *o;
	uint64_t handle;

	if (c->guest)
		return c->config->object.handle;
	if (c->command->naming != UV_NAMES_CPU)
		return c->handle;
	o = uv_handle_find(uv_handles(c->uv), c->handle, UV_HANDLE_CPU);
	if (!o)
		return 0;
	handle = uv_cpu_of(o)->config->object.handle;
	uv_object_put(o);
	return handle;
}

static struct uv_answer perform_or_inject(struct uv_call *c)
{
	struct inject_outcome outcome = {0};

	if (!atomic_load_explicit(&inject_hook, memory_order_relaxed) ||
	    !inject(INJECT_UVC, c->command->cmd, inject_subject(c), &outcome))
		return perform(c);
	if (outcome.perform)
		(void)perform(c);
	return (struct uv_answer){outcome.cc, outcome.rc, outcome.rrc};
}

struct uv_answer uv_execute(struct uv_call *c, const void *uvcb, size_t size)
{
	struct uv_cb_header *header = &c->block.header;
	uint16_t len;

	assert(size >= sizeof(*header));
	c->start = uv_trace_now();
	memcpy(header, uvcb, sizeof(*header));
	len = be16_get(header->len);
	c->command = find_command(c, be16_get(header->cmd));
	if (!c->command)
		return uv_error(UVC_RC_INV_CMD, 0);
	if (!c->guest && !c->command->early && !atomic_load(&c->uv->initialised))
		return uv_error(UVC_RC_INV_STATE, 0);
	if (!length_ok(c->command, len, size))
		return uv_error(UVC_RC_INV_LEN, 0);
	c->len = len < c->command->len ? len : c->command->len;
	memcpy(header + 1, (const uint8_t *)uvcb + sizeof(*header), c->len - sizeof(*header));
	c->handle = field(c, c->command->handle_at);
	return perform_or_inject(c);
}

/* A call that makes a configuration names it in its answer. */
static uint64_t made_handle(const struct uv_call *c, struct uv_answer a)
{
	if (a.cc != UV_CC_OK || be16_get(c->block.header.cmd) != UVC_CMD_CREATE_SEC_CONF)
		return 0;
	return be64_get(c->block.cgc.guest_handle);
}

static void trace(struct uv_call *c, struct uv_answer a)
{
	uint64_t now = uv_trace_now();
	const struct uv_trace_event e = {
		.name = c->command ? c->command->name : "unknown",
		.handle = c->handle ? c->handle : made_handle(c, a),
		.addr = c->command && c->len ? field(c, c->command->addr_at) : 0,
		.count = 1,
		.time_ns = now,
		.duration_ns = now - c->start,
		.cmd = be16_get(c->block.header.cmd),
		.rc = a.rc,
		.rrc = a.rrc,
		.cc = a.cc,
		.kind = c->guest ? UV_TRACE_GUEST : UV_TRACE_HOST,
	};

	uv_trace_add(&c->uv->trace, &e);
}

enum uv_cc uv_finish(struct uv_call *c, void *uvcb, struct uv_answer a)
{
	struct uv_cb_header *header = &c->block.header;

	trace(c, a);
	header->rc = be16_make(a.rc);
	header->rrc = be16_make(a.rrc);
	memcpy(uvcb, c->block.bytes, c->len ? c->len : sizeof(*header));
	atomic_fetch_add_explicit(&c->uv->calls, 1, memory_order_relaxed);
	if (a.cc == UV_CC_ERROR)
		atomic_fetch_add_explicit(&c->uv->calls_failed, 1, memory_order_relaxed);
	return a.cc;
}

bool uv_call_reads_block(struct uv *uv, uint16_t cmd)
{
	const struct uv_call c = {.uv = uv};
	const struct uv_command *command = find_command(&c, cmd);

	return command && (command->early || atomic_load(&uv->initialised));
}

enum uv_cc uv_call(struct uv *uv, void *uvcb, size_t size)
{
	return uv_call_virtual(uv, uvcb, size, NULL);
}

enum uv_cc uv_call_virtual(struct uv *uv, void *uvcb, size_t size,
			   const struct uv_host_space *space)
{
	uint64_t start = uv_cost_start(&uv->cost);
	struct uv_answer a;
	struct uv_call c;
	enum uv_cc cc;
	bool page;

	/* The block is many times what most commands use of it. */
	memset(&c, 0, offsetof(struct uv_call, block));
	c.uv = uv;
	c.space = space;
	a = uv_execute(&c, uvcb, size);
	cc = uv_finish(&c, uvcb, a);
	page = c.command && c.command->page;
	uv_cost_wait(&uv->cost, start, !page, page);
	return cc;
}

/* Memory of a host that is a guest; any page of it may be somebody's */
static void *view_ptr(struct storage *st, abs_t addr, size_t len)
{
	void *bytes = len ? storage_host_ptr(st, addr, len) : NULL;
	struct frame f;

	if (!bytes)
		return NULL;
	for (abs_t page = addr & PAGE_MASK; page < addr + len; page += PAGE_SIZE) {
		enum frame_state state;

		if (frame_get(st, page, &f))
			return NULL;
		state = frame_word_state(frame_read(&f));
		frame_put(&f);
		if (state != FRAME_NS)
			return NULL;
	}
	return bytes;
}

void *uv_host_ptr(struct uv *uv, abs_t addr, size_t len)
{
	void *bytes = storage_ptr_ordinary(uv->storage, addr, len);

	return bytes ? bytes : view_ptr(uv->storage, addr, len);
}
