// SPDX-License-Identifier: GPL-2.0-or-later
/* The sequence of a seed. */
#include <stdio.h>

#include "tests/oracle/op.h"

#define NR_ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

/* splitmix64: neighbouring seeds give unrelated sequences */
struct dice {
	uint64_t state;
};

static uint32_t any(struct dice *d, uint32_t n)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ (z >> 31)) % n);
}

/* How often, of all */
static const uint8_t weights[OP_NR] = {
	[OP_CREATE_VM] = 4,     [OP_RELEASE_VM] = 2,   [OP_VCPU] = 6,      [OP_SLOT] = 10,
	[OP_DELETE_SLOT] = 3,   [OP_ENABLE] = 20,      [OP_DISABLE] = 8,   [OP_PREPARE] = 16,
	[OP_PERFORM] = 8,       [OP_PERFORM_DEAD] = 6, [OP_SET_PARMS] = 5, [OP_UNPACK] = 5,
	[OP_VERIFY] = 4,        [OP_TOUCH] = 30,       [OP_SHARE] = 8,     [OP_UNSHARE] = 5,
	[OP_READ] = 10,         [OP_WRITE] = 8,        [OP_EXIT] = 1,      [OP_DROP] = 1,
	[OP_UNSHARE_ALL] = 4,   [OP_PREP_RESET] = 3,   [OP_DUMP_INIT] = 4, [OP_DUMP_STATE] = 4,
	[OP_DUMP_COMPLETE] = 3, [OP_DUMP_CPU] = 3,     [OP_CPU_STATE] = 5, [OP_CPU_RESET] = 3,
	[OP_RUN] = 3,
};

/* What threads do to one VM at the same time: each takes effect at one moment, PERFORM at two. */
static const uint8_t thread_weights[OP_NR] = {
	[OP_VCPU] = 4,       [OP_SLOT] = 3,          [OP_DELETE_SLOT] = 2, [OP_ENABLE] = 12,
	[OP_DISABLE] = 4,    [OP_PREPARE] = 12,      [OP_PERFORM] = 10,    [OP_PERFORM_DEAD] = 4,
	[OP_SET_PARMS] = 2,  [OP_UNSHARE_ALL] = 2,   [OP_PREP_RESET] = 2,  [OP_DUMP_INIT] = 5,
	[OP_DUMP_STATE] = 4, [OP_DUMP_COMPLETE] = 4,
};

static enum op_kind any_kind(struct dice *d, const uint8_t *weight)
{
	uint32_t sum = 0, at;
	int kind = 0;

	for (int i = 0; i < OP_NR; i++)
		sum += weight[i];
	at = any(d, sum);
	while (at >= weight[kind])
		at -= weight[kind++];
	return (enum op_kind)kind;
}

/* What may fail in an operation; RULE_NONE ends a row */
static const enum rule_kind op_rules[OP_NR][10] = {
	[OP_ENABLE] = {RULE_CREATE_CONF, RULE_CREATE_CONF_UNDO, RULE_CREATE_CPU, RULE_DESTROY_CPU,
		       RULE_DESTROY_CONF, RULE_ALLOC_BASE, RULE_ALLOC_VAR, RULE_ALLOC_CPU},
	[OP_PREPARE] = {RULE_DESTROY_CPU, RULE_DESTROY_CPU_LIE, RULE_DESTROY_FAST, RULE_CONDEMN,
			RULE_CONDEMN_LIE, RULE_ALLOC_RECORD, RULE_ALLOC_TABLE},
	[OP_DISABLE] = {RULE_DESTROY_CPU, RULE_DESTROY_CPU_LIE, RULE_DESTROY_CONF,
			RULE_DESTROY_CONF_LIE},
	[OP_RELEASE_VM] = {RULE_DESTROY_CPU, RULE_DESTROY_CPU_LIE, RULE_DESTROY_CONF,
			   RULE_DESTROY_CONF_LIE},
	[OP_DROP] = {RULE_DESTROY_CPU, RULE_DESTROY_CPU_LIE, RULE_DESTROY_CONF,
		     RULE_DESTROY_CONF_LIE},
	[OP_PERFORM] = {RULE_DESTROY_CONF, RULE_DESTROY_CONF_LIE},
	[OP_VCPU] = {RULE_CREATE_CPU, RULE_ALLOC_CPU},
	[OP_SET_PARMS] = {RULE_ALLOC_PAGE},
	[OP_UNSHARE_ALL] = {RULE_UNSHARE_ALL, RULE_UNSHARE_ALL_LIE},
	[OP_PREP_RESET] = {RULE_PREP_RESET, RULE_PREP_RESET_LIE},
	[OP_DUMP_INIT] = {RULE_DUMP_INIT, RULE_DUMP_INIT_LIE},
	[OP_DUMP_STATE] = {RULE_DUMP_STATE, RULE_ALLOC_PAGE},
	[OP_DUMP_COMPLETE] = {RULE_DUMP_COMPLETE, RULE_DUMP_COMPLETE_LIE, RULE_ALLOC_PAGE},
	[OP_DUMP_CPU] = {RULE_DUMP_CPU, RULE_ALLOC_PAGE},
};

static enum rule_kind any_rule(struct dice *d, enum op_kind kind)
{
	uint32_t n = 0;

	while (op_rules[kind][n])
		n++;
	return n ? op_rules[kind][any(d, n)] : RULE_NONE;
}

/* There is one of these in an operation, and what is allocated after it is not the same thing. */
static bool comes_once(enum rule_kind kind)
{
	return kind == RULE_ALLOC_RECORD || kind == RULE_ALLOC_TABLE || kind == RULE_ALLOC_PAGE;
}

static struct rule some_rule(struct dice *d, const struct op *op)
{
	struct rule r = {.kind = any_rule(d, op->kind)};

	if (comes_once(r.kind))
		r.nth = 1;
	else if (r.kind)
		r.nth = (uint8_t)(1 + any(d, 3));
	return r;
}

static void add_rules(struct dice *d, struct op *op)
{
	if (any(d, 6))
		return;
	op->rules[0] = some_rule(d, op);
	if (any(d, 3))
		return;
	op->rules[1] = some_rule(d, op);
	if (op->rules[1].kind == op->rules[0].kind)
		op->rules[1] = (struct rule){0};
}

static uint8_t any8(struct dice *d, uint32_t n)
{
	return (uint8_t)any(d, n);
}

/* Few different pages, so that guests meet each other's. */
static void any_page(struct dice *d, struct op *op)
{
	op->a = any8(d, NR_POSITIONS);
	op->b = (uint8_t)(14 + any(d, 5));
	op->c = op->kind == OP_WRITE ? (uint8_t)(1 + any(d, 200)) : 0;
}

/* Mostly none; of the first @n */
static uint8_t any_flaw(struct dice *d, uint32_t n)
{
	return any(d, 4) ? DUMP_RIGHT : any8(d, n);
}

static void any_cpu(struct dice *d, struct op *op)
{
	op->a = any8(d, MAX_CPUS);
	switch (op->kind) {
	case OP_DUMP_CPU:
		op->b = any_flaw(d, DUMP_BAD_BUFFER + 1);
		break;
	case OP_CPU_STATE:
		op->b = any8(d, CPU_STATE_NR);
		break;
	case OP_CPU_RESET:
		op->b = any8(d, CPU_RESET_NR);
		break;
	default:
		op->b = any8(d, 2);
	}
}

static void any_arguments(struct dice *d, struct op *op)
{
	switch (op->kind) {
	case OP_CREATE_VM:
		op->a = !any(d, 8);
		break;
	case OP_SLOT:
		op->b = any8(d, NR_AREAS);
		op->c = any8(d, NR_POSITIONS);
		__attribute__((fallthrough));
	case OP_DELETE_SLOT:
		op->a = any8(d, NR_SLOTS);
		break;
	case OP_EXIT:
		op->a = any8(d, 1 << NR_VMS);
		break;
	case OP_TOUCH:
	case OP_SHARE:
	case OP_UNSHARE:
	case OP_READ:
	case OP_WRITE:
		any_page(d, op);
		break;
	case OP_DUMP_STATE:
		op->a = any8(d, NR_POSITIONS);
		op->b = (uint8_t)(1 + any(d, MAX_DUMP_MIB));
		op->c = any_flaw(d, DUMP_NR);
		break;
	case OP_DUMP_COMPLETE:
		op->a = any_flaw(d, DUMP_BAD_BUFFER + 1);
		break;
	case OP_DUMP_CPU:
	case OP_CPU_STATE:
	case OP_CPU_RESET:
	case OP_RUN:
		any_cpu(d, op);
		break;
	default:
		break;
	}
}

static struct op any_op(struct dice *d, const uint8_t *weight)
{
	struct op op = {.kind = any_kind(d, weight)};

	if (op_has_vm(op.kind))
		op.vm = !any(d, 4);
	any_arguments(d, &op);
	return op;
}

static void add(struct sequence *s, struct op op)
{
	s->ops[s->n++] = op;
}

/* A VM that has something: most sequences would not come far without. */
static void add_vm(struct sequence *s, struct dice *d)
{
	unsigned int cpus = any(d, MAX_CPUS);

	add(s, (struct op){.kind = OP_CREATE_VM, .a = !any(d, 10)});
	for (uint8_t i = 0; i < NR_SLOTS; i++)
		add(s, (struct op){.kind = OP_SLOT, .a = i, .b = i, .c = any8(d, NR_POSITIONS)});
	for (unsigned int i = 0; i < cpus; i++)
		add(s, (struct op){.kind = OP_VCPU});
}

/* What random steps seldom come to: a configuration that a dead PERFORM has left over */
static void add_leftover(struct sequence *s)
{
	add(s, (struct op){.kind = OP_ENABLE});
	add(s, (struct op){.kind = OP_TOUCH, .a = 2, .b = 18});
	add(s, (struct op){.kind = OP_TOUCH, .a = 3, .b = 18});
	add(s, (struct op){.kind = OP_PREPARE});
	add(s, (struct op){.kind = OP_PERFORM_DEAD});
}

/* One that shares a page with the host is set aside, another one comes */
static void add_sharer(struct sequence *s, struct dice *d)
{
	struct op share = {
		.kind = OP_SHARE, .a = any8(d, NR_POSITIONS), .b = (uint8_t)(14 + any(d, 5))};

	add(s, (struct op){.kind = OP_ENABLE});
	add(s, share);
	add(s, (struct op){.kind = OP_PREPARE});
	add(s, (struct op){.kind = OP_ENABLE});
	share.kind = OP_TOUCH;
	add(s, share);
}

/* What a VMM does while a dump is under way, and what it should not */
static const uint8_t dump_weights[OP_NR] = {
	[OP_TOUCH] = 2,     [OP_SHARE] = 1,      [OP_UNSHARE_ALL] = 1,
	[OP_DUMP_INIT] = 2, [OP_DUMP_STATE] = 6, [OP_DUMP_CPU] = 4,
	[OP_PREPARE] = 1,   [OP_RUN] = 1,        [OP_DUMP_COMPLETE] = 3,
};

/* A guest whose owner allows dumps; one is under way, and pages are in several states */
static void add_dump(struct sequence *s, struct dice *d)
{
	struct op page = {.kind = OP_TOUCH};

	add(s, (struct op){.kind = OP_ENABLE});
	add(s, (struct op){.kind = OP_SET_PARMS});
	any_page(d, &page);
	add(s, page);
	page.kind = OP_SHARE;
	any_page(d, &page);
	add(s, page);
	add(s, (struct op){.kind = OP_DUMP_INIT});
	for (int i = 0; i < 6; i++) {
		struct op op = any_op(d, dump_weights);

		op.vm = 0;
		add_rules(d, &op);
		add(s, op);
	}
}

/* A guest that has started and now resets; what comes afterwards is chance */
static void add_reset(struct sequence *s, struct dice *d)
{
	struct op page = {.kind = OP_SHARE};

	add(s, (struct op){.kind = OP_ENABLE});
	add(s, (struct op){.kind = OP_SET_PARMS});
	add(s, (struct op){.kind = OP_UNPACK});
	add(s, (struct op){.kind = OP_VERIFY});
	any_page(d, &page);
	add(s, page);
	add(s, (struct op){.kind = OP_UNSHARE_ALL});
	add(s, (struct op){.kind = OP_PREP_RESET});
	add(s, (struct op){.kind = OP_CPU_RESET, .b = CPU_RESET_CLEAR});
	add(s, (struct op){.kind = OP_CPU_STATE, .b = CPU_LOAD});
}

/* A page that one guest shares is taken by another one over the same memory: slot 0 is there always
 */
static void add_taken(struct sequence *s, struct dice *d)
{
	struct op page = {.kind = OP_SHARE, .a = s->ops[1].c, .b = (uint8_t)(14 + any(d, 5))};

	add(s, (struct op){.kind = OP_ENABLE});
	add(s, page);
	add(s, (struct op){.kind = OP_CREATE_VM, .vm = 1});
	add(s, (struct op){.kind = OP_SLOT, .vm = 1, .c = page.a});
	add(s, (struct op){.kind = OP_ENABLE, .vm = 1});
	page.kind = OP_TOUCH;
	page.vm = 1;
	add(s, page);
	add(s, (struct op){.kind = OP_UNSHARE_ALL});
	page.vm = 0;
	add(s, page);
}

static void add_start(struct sequence *s, struct dice *d)
{
	switch (any(d, 9)) {
	case 0:
		add_leftover(s);
		break;
	case 1:
		add_leftover(s);
		add_leftover(s);
		add(s, (struct op){.kind = OP_ENABLE});
		add(s, (struct op){.kind = OP_DISABLE,
				   .rules = {{RULE_DESTROY_CONF, (uint8_t)(1 + any(d, 3))},
					     {RULE_DESTROY_CONF_LIE, (uint8_t)(1 + any(d, 3))}}});
		break;
	case 2:
		add_sharer(s, d);
		break;
	case 3:
		add_dump(s, d);
		break;
	case 4:
		add_reset(s, d);
		break;
	case 5:
		add_taken(s, d);
		break;
	}
}

static void add_threads(struct sequence *s, struct dice *d)
{
	uint8_t threads = (uint8_t)(2 + any(d, MAX_THREADS - 1));
	unsigned int n = 5 + any(d, 6);

	for (unsigned int i = 0; i < n; i++) {
		struct op op = any_op(d, thread_weights);

		op.thread = (uint8_t)(1 + any(d, threads));
		op.vm = 0;
		add(s, op);
	}
}

void sequence_random(struct sequence *s, uint32_t seed, bool threads, const char *model)
{
	static const char *const models[] = {"z15", "z16", "z17", "proposal"};
	struct dice d = {.state = seed};
	unsigned int n = threads ? 10 : 4 + any(&d, 40);

	*s = (struct sequence){0};
	snprintf(s->model, sizeof(s->model), "%s", models[any(&d, NR_ROWS(models))]);
	if (model)
		snprintf(s->model, sizeof(s->model), "%s", model);
	add_vm(s, &d);
	if (threads) {
		add(s, (struct op){.kind = OP_ENABLE});
		if (!any(&d, 3))
			add(s, (struct op){.kind = OP_SET_PARMS});
	} else {
		add_start(s, &d);
	}
	for (unsigned int i = 0; i < n; i++) {
		struct op op = any_op(&d, weights);

		if (threads && (op.kind == OP_EXIT || op.kind == OP_RELEASE_VM))
			continue;
		if (!threads)
			add_rules(&d, &op);
		add(s, op);
	}
	if (threads)
		add_threads(s, &d);
}
