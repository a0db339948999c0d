/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dump of a protected guest: DUMP_INIT, DUMP_CPU, DUMP_CONF_STOR_STATE, DUMP_COMPLETE.
 *
 * Memory leaves as it always does, by export. What leaves here is what makes the ciphertext of use
 * to the owner of the image: everything secret under a key that only the customer communication
 * key yields. Blocks are made and encrypted in memory of the Ultravisor's own.
 */
#include <string.h>

#include <openssl/crypto.h>

#include "crypto/dump_format.h"
#include "crypto/se_format.h"
#include "uv/call.h"
#include "uv/export_cipher.h"
#include "uv/host_space.h"
#include "uv/page.h"

#define DUMP_NOT_ALLOWED 0x101
#define DUMP_WRONG_STATE 0x102
#define DUMP_NO_ACCESS   0x103
#define DUMP_BAD_ADDRESS 0x104
#define DUMP_NO_RESOURCE 0x10e

#define PAGES_PER_MIB (SEGMENT_SIZE / PAGE_SIZE)

_Static_assert(sizeof(struct pv_dump_cpu) <= UV_CPU_STOR_LEN, "room for a CPU");
_Static_assert(PAGES_PER_MIB * sizeof(struct pv_dump_page) == UV_DUMP_STATE_LEN, "room for a MiB");
_Static_assert(sizeof(struct pv_dump_completion) <= UV_DUMP_FINAL_LEN, "room for the last block");
_Static_assert(sizeof(((struct pv_dump_completion *)0)->seed) == SE_DUMP_SEED_LEN, "seed");

/* ---- the host's dump area ---- */

static bool area_accessible(const struct uv_call *call, be64_t origin, size_t len)
{
	return uv_host_accessible(call, be64_get(origin), len);
}

/* Return: rc 1, or 103 if the host gave the area away meanwhile */
static uint16_t write_area(const struct uv_call *call, be64_t origin, const void *bytes, size_t len)
{
	return uv_host_write(call, be64_get(origin), bytes, len) ? UVC_RC_EXECUTED : DUMP_NO_ACCESS;
}

/* ---- blocks ---- */

/**
 * struct block - a block that is encrypted with the dump key
 * @bytes: it, in place; zeros behind it up to what the host expects
 * @iv_at: offset of the IV
 * @head: bytes that stay plain
 * @len: its length, with the tag
 */
struct block {
	uint8_t *bytes;
	size_t iv_at;
	size_t head;
	size_t len;
};

/* Each IV of the key is the number of a block: none comes twice. */
static int seal_block(struct uv_dump *d, const struct block *b)
{
	be64_t number = be64_make(++d->blocks);
	uint8_t *iv = b->bytes + b->iv_at;
	uint8_t *secret = b->bytes + b->head;

	memcpy(iv + SE_IV_LEN - sizeof(number), &number, sizeof(number));
	return seal_gcm_encrypt(d->key, iv, b->bytes, b->head, secret,
				b->len - b->head - SE_TAG_LEN, secret,
				b->bytes + b->len - SE_TAG_LEN);
}

/* Encrypt a block and give the host @size bytes. What stands there is wiped. Return: rc */
static uint16_t give_block(struct uv_call *call, const struct block *b, be64_t origin, size_t size)
{
	uint16_t rc = DUMP_NO_RESOURCE;

	if (!seal_block(&call->config->base->dump, b))
		rc = write_area(call, origin, b->bytes, size);
	OPENSSL_cleanse(b->bytes, size);
	return rc;
}

/* ---- DUMP_INIT ---- */

static bool in_sie(struct uv_cpu *cpu)
{
	bool in;

	pthread_mutex_lock(&cpu->lock);
	in = cpu->in_sie;
	pthread_mutex_unlock(&cpu->lock);
	return in;
}

static bool any_in_sie(const struct uv_config *c)
{
	for (unsigned int num = 0; num <= UV_MAX_CPU_ID; num++) {
		if (c->virt->cpu[num] && in_sie(c->virt->cpu[num]))
			return true;
	}
	return false;
}

static uint16_t make_key(struct uv_config *c)
{
	struct uv_dump *d = &c->base->dump;

	d->blocks = 0;
	if (c->uv->ops.random(c->uv->machine, d->seed, sizeof(d->seed)) ||
	    seal_dump_key(c->base->image.cck, d->seed, d->key))
		return DUMP_NO_RESOURCE;
	return UVC_RC_EXECUTED;
}

static void end_dump(struct uv_config *c)
{
	OPENSSL_cleanse(&c->base->dump, sizeof(c->base->dump));
	atomic_store(&c->dumping, false);
}

/* Without a header the flags are zero. Who enters SIE looks at the state after it is set here. */
struct uv_answer uv_dump_init(struct uv_call *call)
{
	struct uv_config *c = call->config;
	uint16_t rc;

	if (!(c->base->image.pcf & SE_PCF_DUMP))
		return uv_error(DUMP_NOT_ALLOWED, 0);
	if (atomic_load(&c->dumping))
		return uv_error(DUMP_WRONG_STATE, 0);
	atomic_store(&c->dumping, true);
	rc = any_in_sie(c) ? DUMP_WRONG_STATE : make_key(c);
	if (rc != UVC_RC_EXECUTED)
		end_dump(c);
	return uv_answer_rc(rc);
}

/* ---- DUMP_CPU ---- */

static void put_registers(struct pv_dump_cpu *to, const struct cpu_state *s)
{
	for (unsigned int i = 0; i < 16; i++) {
		to->gprs[i] = be64_make(s->gprs[i]);
		to->crs[i] = be64_make(s->crs[i]);
		to->acrs[i] = be32_make(s->acrs[i]);
		to->vrs[i][0] = be64_make(s->fprs[i]);
	}
	to->psw_mask = be64_make(s->psw.mask);
	to->psw_addr = be64_make(s->psw.addr);
	to->prefix = be32_make(s->prefix);
	to->fpc = be32_make(s->fpc);
	to->todpr = be32_make(s->todpr);
	to->cpu_timer = be64_make(s->cpu_timer);
	to->clock_comparator = be64_make(s->clock_comparator);
}

/* No CPU is in SIE while a dump is under way, so its storage is ours. */
static void put_cpu(struct pv_dump_cpu *to, const struct uv_cpu_stor *stor)
{
	to->version = be32_make(PV_DUMP_VERSION);
	to->length = be32_make(sizeof(*to));
	put_registers(to, &stor->state);
	if (stor->exit_code == ICPT_PV_INSTR)
		to->flags = be16_make(PV_DUMP_CPU_EMULATED);
}

struct uv_answer uv_dump_cpu(struct uv_call *call)
{
	be64_t origin = call->block.dump_cpu.dump_area_origin;
	union {
		struct pv_dump_cpu cpu;
		uint8_t bytes[UV_CPU_STOR_LEN];
	} u = {0};
	const struct block b = {u.bytes, offsetof(struct pv_dump_cpu, iv),
				offsetof(struct pv_dump_cpu, gprs), sizeof(u.cpu)};

	if (!atomic_load(&call->config->dumping))
		return uv_error(DUMP_WRONG_STATE, 0);
	if (!area_accessible(call, origin, sizeof(u)))
		return uv_error(DUMP_NO_ACCESS, 0);
	put_cpu(&u.cpu, call->cpu->stor);
	return uv_answer_rc(give_block(call, &b, origin, sizeof(u)));
}

/* ---- DUMP_CONF_STOR_STATE ---- */

static struct pv_dump_page special(uint8_t flags)
{
	return (struct pv_dump_page){.special = be32_make(PV_DUMP_SPECIAL), .flags = flags};
}

static struct pv_dump_page page_state(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr)
{
	uint64_t counter;

	switch (uv_page_dump_state(p, o, gaddr, &counter)) {
	case UV_DUMP_ENCRYPTED:
		return (struct pv_dump_page){.component = be64_make(counter)};
	case UV_DUMP_SHARED:
		return special(PV_DUMP_SHARED);
	case UV_DUMP_MAPPED:
		return special(PV_DUMP_SHARED | PV_DUMP_MAPPED);
	case UV_DUMP_ZERO:
		break;
	}
	return special(PV_DUMP_ZERO);
}

struct uv_answer uv_dump_stor_state(struct uv_call *call)
{
	const struct uv_cb_dump_stor_state *u = &call->block.dump_stor_state;
	struct uv_owner *o = call->config->owner;
	gpa_t gaddr = be64_get(u->gaddr);
	struct pv_dump_page pages[PAGES_PER_MIB];

	if (!atomic_load(&call->config->dumping))
		return uv_error(DUMP_WRONG_STATE, 0);
	if (!area_accessible(call, u->dump_area_origin, sizeof(pages)))
		return uv_error(DUMP_NO_ACCESS, 0);
	if (gaddr % SEGMENT_SIZE || gaddr < o->mso || gaddr - o->mso >= o->msl)
		return uv_error(DUMP_BAD_ADDRESS, 0);
	for (size_t i = 0; i < PAGES_PER_MIB; i++)
		pages[i] = page_state(&call->uv->pages, o, gaddr + i * PAGE_SIZE);
	return uv_answer_rc(write_area(call, u->dump_area_origin, pages, sizeof(pages)));
}

/* ---- DUMP_COMPLETE ---- */

static void put_completion(struct pv_dump_completion *to, const struct uv_config *c)
{
	to->version = be32_make(PV_DUMP_VERSION);
	to->length = be32_make(sizeof(*to));
	memcpy(to->seed, c->base->dump.seed, sizeof(to->seed));
	export_cipher_dump_key(c->owner->cipher, to->xts,
			       to->nonce + sizeof(to->nonce) - EXPORT_NONCE_LEN);
}

struct uv_answer uv_dump_complete(struct uv_call *call)
{
	be64_t origin = call->block.dump_complete.dump_area_origin;
	union {
		struct pv_dump_completion completion;
		uint8_t bytes[UV_DUMP_FINAL_LEN];
	} u = {0};
	const struct block b = {u.bytes, offsetof(struct pv_dump_completion, iv),
				offsetof(struct pv_dump_completion, nonce), sizeof(u.completion)};
	uint16_t rc;

	if (!atomic_load(&call->config->dumping))
		return uv_error(DUMP_WRONG_STATE, 0);
	if (!area_accessible(call, origin, sizeof(u)))
		return uv_error(DUMP_NO_ACCESS, 0);
	put_completion(&u.completion, call->config);
	rc = give_block(call, &b, origin, sizeof(u));
	if (rc == UVC_RC_EXECUTED)
		end_dump(call->config);
	return uv_answer_rc(rc);
}
