// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/oracle/op.h"

#include <stdlib.h>
#include <string.h>

/* name and number of arguments beside the VM; -1: not even a VM */
static const struct {
	const char *name;
	bool vm;
	int args;
} op_rows[] = {
	[OP_CREATE_VM] = {"create-vm", true, 1},
	[OP_RELEASE_VM] = {"release-vm", true, 0},
	[OP_VCPU] = {"vcpu", true, 0},
	[OP_SLOT] = {"slot", true, 3},
	[OP_DELETE_SLOT] = {"delete-slot", true, 1},
	[OP_ENABLE] = {"enable", true, 0},
	[OP_DISABLE] = {"disable", true, 0},
	[OP_PREPARE] = {"prepare", true, 0},
	[OP_PERFORM] = {"perform", true, 0},
	[OP_PERFORM_DEAD] = {"perform-dead", true, 0},
	[OP_SET_PARMS] = {"set-sec-parms", true, 0},
	[OP_UNPACK] = {"unpack", true, 0},
	[OP_VERIFY] = {"verify", true, 0},
	[OP_TOUCH] = {"touch", true, 2},
	[OP_SHARE] = {"share", true, 2},
	[OP_UNSHARE] = {"unshare", true, 2},
	[OP_READ] = {"read", true, 2},
	[OP_WRITE] = {"write", true, 3},
	[OP_EXIT] = {"exit", false, 1},
	[OP_DROP] = {"drop", false, 0},
};

/* name here, and the rule of docs/inject.md without its number */
static const struct {
	const char *name;
	const char *text;
	bool uvc;
	bool perform;
} rule_rows[] = {
	[RULE_NONE] = {"none", "", false, false},
	[RULE_CREATE_CONF] = {"create-conf", "uvc=CREATE_SEC_CONF", true, false},
	[RULE_CREATE_CONF_UNDO] = {"create-conf-undo", "uvc=CREATE_SEC_CONF,need-destroy", true,
				   false},
	[RULE_CREATE_CPU] = {"create-cpu", "uvc=CREATE_SEC_CPU", true, false},
	[RULE_DESTROY_CPU] = {"destroy-cpu", "uvc=DESTROY_SEC_CPU", true, false},
	[RULE_DESTROY_CPU_LIE] = {"destroy-cpu-lie", "uvc=DESTROY_SEC_CPU", true, true},
	[RULE_DESTROY_CONF] = {"destroy-conf", "uvc=DESTROY_SEC_CONF", true, false},
	[RULE_DESTROY_CONF_LIE] = {"destroy-conf-lie", "uvc=DESTROY_SEC_CONF", true, true},
	[RULE_DESTROY_FAST] = {"destroy-fast", "uvc=DESTROY_SEC_CONF_FAST", true, false},
	[RULE_ALLOC_BASE] = {"alloc-base", "alloc=conf-base", false, false},
	[RULE_ALLOC_VAR] = {"alloc-var", "alloc=conf-var", false, false},
	[RULE_ALLOC_CPU] = {"alloc-cpu", "alloc=cpu-stor", false, false},
	[RULE_ALLOC_RECORD] = {"alloc-record", "alloc=object", false, false},
	[RULE_ALLOC_TABLE] = {"alloc-table", "alloc=table", false, false},
};

uint16_t rule_rc(const struct rule *r)
{
	uint16_t need_destroy = r->kind == RULE_CREATE_CONF_UNDO ? 0x8000 : 0;

	return (uint16_t)(0x1a0 + (int)r->kind) | need_destroy;
}

uint16_t rule_rrc(const struct rule *r)
{
	return (uint16_t)(0x50 + r->nth);
}

const char *rule_text(const struct rule *r)
{
	static char text[128];
	int n = snprintf(text, sizeof(text), "%s,nth=%u", rule_rows[r->kind].text, r->nth);

	if (rule_rows[r->kind].uvc)
		snprintf(text + n, sizeof(text) - (size_t)n, ",rc=%#x,rrc=%#x%s",
			 rule_rc(r) & 0x7fffU, rule_rrc(r),
			 rule_rows[r->kind].perform ? ",perform" : "");
	return text;
}

bool op_is_pv(enum op_kind kind)
{
	return kind >= OP_ENABLE && kind <= OP_VERIFY;
}

uint64_t position_gpa(unsigned int position)
{
	static const uint64_t gpa[NR_POSITIONS] = {
		0, 0x20000000, 0x80000000 - AREA_PAGES / 2 * 0x1000, 0xc0000000};

	return gpa[position];
}

/* ---- text ---- */

void op_print(const struct op *op, FILE *out)
{
	const uint8_t args[] = {op->a, op->b, op->c};

	if (op->thread)
		fprintf(out, "@%u ", op->thread);
	fputs(op_rows[op->kind].name, out);
	if (op_rows[op->kind].vm)
		fprintf(out, " %u", op->vm);
	for (int i = 0; i < op_rows[op->kind].args; i++)
		fprintf(out, " %u", args[i]);
	for (int i = 0; i < MAX_RULES; i++) {
		if (op->rules[i].kind)
			fprintf(out, " fail=%s:%u", rule_rows[op->rules[i].kind].name,
				op->rules[i].nth);
	}
}

void sequence_print(const struct sequence *s, FILE *out)
{
	fprintf(out, "model %s\n", s->model);
	for (unsigned int i = 0; i < s->n; i++) {
		op_print(&s->ops[i], out);
		fputc('\n', out);
	}
}

static bool read_number(const char *word, uint8_t limit, uint8_t *value)
{
	char *end;
	unsigned long number = word ? strtoul(word, &end, 10) : 0;

	if (!word || end == word || *end || number >= limit)
		return false;
	*value = (uint8_t)number;
	return true;
}

static bool read_rule(char *word, struct op *op)
{
	char *nth = strchr(word, ':');
	struct rule *r = op->rules[0].kind ? &op->rules[1] : &op->rules[0];

	if (strncmp(word, "fail=", 5) != 0 || !nth || r->kind)
		return false;
	*nth++ = '\0';
	for (int kind = RULE_NONE + 1; kind < RULE_NR; kind++) {
		if (!strcmp(word + 5, rule_rows[kind].name))
			r->kind = (enum rule_kind)kind;
	}
	return r->kind && read_number(nth, UINT8_MAX, &r->nth) && r->nth;
}

static bool in_range(const struct op *op)
{
	switch (op->kind) {
	case OP_CREATE_VM:
		return op->a < 2;
	case OP_SLOT:
		return op->a < NR_SLOTS && op->b < NR_AREAS && op->c < NR_POSITIONS;
	case OP_DELETE_SLOT:
		return op->a < NR_SLOTS;
	case OP_EXIT:
		return op->a < 1 << NR_VMS;
	case OP_WRITE:
		return op->c && op->a < NR_POSITIONS && op->b < AREA_PAGES;
	default:
		return op->a < NR_POSITIONS && op->b < AREA_PAGES;
	}
}

static bool read_op(char *line, struct op *op)
{
	uint8_t *args[] = {&op->a, &op->b, &op->c};
	char *save, *word = strtok_r(line, " \n", &save);
	int kind = 0;

	if (word && *word == '@') {
		if (!read_number(word + 1, MAX_THREADS + 1, &op->thread) || !op->thread)
			return false;
		word = strtok_r(NULL, " \n", &save);
	}
	while (word && kind < OP_NR && strcmp(word, op_rows[kind].name) != 0)
		kind++;
	if (!word || kind == OP_NR)
		return false;
	op->kind = (enum op_kind)kind;
	if (op_rows[kind].vm && !read_number(strtok_r(NULL, " \n", &save), NR_VMS, &op->vm))
		return false;
	for (int i = 0; i < op_rows[kind].args; i++) {
		if (!read_number(strtok_r(NULL, " \n", &save), UINT8_MAX, args[i]))
			return false;
	}
	while ((word = strtok_r(NULL, " \n", &save))) {
		if (!read_rule(word, op))
			return false;
	}
	return in_range(op);
}

int sequence_read(struct sequence *s, FILE *in)
{
	char line[256];
	int number = 0;

	*s = (struct sequence){.model = "z17"};
	while (fgets(line, sizeof(line), in)) {
		number++;
		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (sscanf(line, "model %15s", s->model) == 1)
			continue;
		if (s->n == MAX_OPS || !read_op(line, &s->ops[s->n++]))
			return number;
	}
	return 0;
}

/* ---- random sequences ---- */

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
	[OP_CREATE_VM] = 4,   [OP_RELEASE_VM] = 2,   [OP_VCPU] = 6,      [OP_SLOT] = 10,
	[OP_DELETE_SLOT] = 3, [OP_ENABLE] = 20,      [OP_DISABLE] = 8,   [OP_PREPARE] = 16,
	[OP_PERFORM] = 8,     [OP_PERFORM_DEAD] = 6, [OP_SET_PARMS] = 5, [OP_UNPACK] = 5,
	[OP_VERIFY] = 4,      [OP_TOUCH] = 30,       [OP_SHARE] = 8,     [OP_UNSHARE] = 5,
	[OP_READ] = 10,       [OP_WRITE] = 8,        [OP_EXIT] = 1,      [OP_DROP] = 1,
};

/* What threads do to one VM at the same time: each takes effect at one moment, PERFORM at two. */
static const uint8_t thread_weights[OP_NR] = {
	[OP_VCPU] = 4,    [OP_SLOT] = 3,     [OP_DELETE_SLOT] = 2, [OP_ENABLE] = 12,
	[OP_DISABLE] = 4, [OP_PREPARE] = 12, [OP_PERFORM] = 10,    [OP_PERFORM_DEAD] = 4,
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

static enum rule_kind any_rule(struct dice *d, enum op_kind kind)
{
	static const enum rule_kind on_enable[] = {
		RULE_CREATE_CONF,  RULE_CREATE_CONF_UNDO, RULE_CREATE_CPU, RULE_DESTROY_CPU,
		RULE_DESTROY_CONF, RULE_ALLOC_BASE,       RULE_ALLOC_VAR,  RULE_ALLOC_CPU};
	static const enum rule_kind on_prepare[] = {RULE_DESTROY_CPU, RULE_DESTROY_CPU_LIE,
						    RULE_DESTROY_FAST, RULE_ALLOC_RECORD,
						    RULE_ALLOC_TABLE};
	static const enum rule_kind on_end[] = {RULE_DESTROY_CPU, RULE_DESTROY_CPU_LIE,
						RULE_DESTROY_CONF, RULE_DESTROY_CONF_LIE};

	switch (kind) {
	case OP_ENABLE:
		return on_enable[any(d, sizeof(on_enable) / sizeof(on_enable[0]))];
	case OP_PREPARE:
		return on_prepare[any(d, sizeof(on_prepare) / sizeof(on_prepare[0]))];
	case OP_DISABLE:
	case OP_RELEASE_VM:
	case OP_DROP:
		return on_end[any(d, 4)];
	case OP_PERFORM:
		return on_end[2 + any(d, 2)];
	case OP_VCPU:
		return any(d, 2) ? RULE_CREATE_CPU : RULE_ALLOC_CPU;
	default:
		return RULE_NONE;
	}
}

static struct rule some_rule(struct dice *d, const struct op *op)
{
	struct rule r = {.kind = any_rule(d, op->kind)};

	/* There is one record, and what is allocated after it is not the same thing. */
	if (r.kind == RULE_ALLOC_RECORD || r.kind == RULE_ALLOC_TABLE)
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

static struct op any_op(struct dice *d, const uint8_t *weight)
{
	struct op op = {.kind = any_kind(d, weight)};

	if (op_rows[op.kind].vm)
		op.vm = (uint8_t)!any(d, 4);
	switch (op.kind) {
	case OP_CREATE_VM:
		op.a = (uint8_t)!any(d, 8);
		break;
	case OP_SLOT:
		op.a = (uint8_t)any(d, NR_SLOTS);
		op.b = (uint8_t)any(d, NR_AREAS);
		op.c = (uint8_t)any(d, NR_POSITIONS);
		break;
	case OP_DELETE_SLOT:
		op.a = (uint8_t)any(d, NR_SLOTS);
		break;
	case OP_EXIT:
		op.a = (uint8_t)any(d, 1 << NR_VMS);
		break;
	default:
		/* Few different pages, so that guests meet each other's. */
		op.a = op_rows[op.kind].args > 1 ? (uint8_t)any(d, NR_POSITIONS) : 0;
		op.b = op_rows[op.kind].args > 1 ? (uint8_t)(14 + any(d, 5)) : 0;
		op.c = op.kind == OP_WRITE ? (uint8_t)(1 + any(d, 200)) : 0;
	}
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

	add(s, (struct op){.kind = OP_CREATE_VM, .a = (uint8_t)!any(d, 10)});
	for (uint8_t i = 0; i < NR_SLOTS; i++)
		add(s,
		    (struct op){
			    .kind = OP_SLOT, .a = i, .b = i, .c = (uint8_t)any(d, NR_POSITIONS)});
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
	struct op share = {.kind = OP_SHARE,
			   .a = (uint8_t)any(d, NR_POSITIONS),
			   .b = (uint8_t)(14 + any(d, 5))};

	add(s, (struct op){.kind = OP_ENABLE});
	add(s, share);
	add(s, (struct op){.kind = OP_PREPARE});
	add(s, (struct op){.kind = OP_ENABLE});
	share.kind = OP_TOUCH;
	add(s, share);
}

static void add_start(struct sequence *s, struct dice *d)
{
	switch (any(d, 6)) {
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

void sequence_random(struct sequence *s, uint32_t seed, bool threads)
{
	static const char *const models[] = {"z15", "z16", "z17"};
	struct dice d = {.state = seed};
	unsigned int n = threads ? 10 : 4 + any(&d, 40);

	*s = (struct sequence){0};
	snprintf(s->model, sizeof(s->model), "%s", models[any(&d, 3)]);
	add_vm(s, &d);
	if (threads)
		add(s, (struct op){.kind = OP_ENABLE});
	else
		add_start(s, &d);
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
