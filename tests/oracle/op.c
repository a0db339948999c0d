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
	[OP_UNSHARE_ALL] = {"unshare-all", true, 0},
	[OP_PREP_RESET] = {"prep-reset", true, 0},
	[OP_DUMP_INIT] = {"dump-init", true, 0},
	[OP_DUMP_STATE] = {"dump-state", true, 3},
	[OP_DUMP_COMPLETE] = {"dump-complete", true, 1},
	[OP_DUMP_CPU] = {"dump-cpu", true, 2},
	[OP_CPU_STATE] = {"cpu-state", true, 2},
	[OP_CPU_RESET] = {"cpu-reset", true, 2},
	[OP_RUN] = {"run", true, 2},
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
	[RULE_CONDEMN] = {"condemn", "uvc=CONDEMN_SEC_CONF", true, false},
	[RULE_CONDEMN_LIE] = {"condemn-lie", "uvc=CONDEMN_SEC_CONF", true, true},
	[RULE_UNSHARE_ALL] = {"unshare-all", "uvc=SET_UNSHARE_ALL", true, false},
	[RULE_UNSHARE_ALL_LIE] = {"unshare-all-lie", "uvc=SET_UNSHARE_ALL", true, true},
	[RULE_PREP_RESET] = {"prep-reset", "uvc=PREPARE_RESET", true, false},
	[RULE_PREP_RESET_LIE] = {"prep-reset-lie", "uvc=PREPARE_RESET", true, true},
	[RULE_DUMP_INIT] = {"dump-init", "uvc=DUMP_INIT", true, false},
	[RULE_DUMP_INIT_LIE] = {"dump-init-lie", "uvc=DUMP_INIT", true, true},
	[RULE_DUMP_STATE] = {"dump-state", "uvc=DUMP_CONF_STOR_STATE", true, false},
	[RULE_DUMP_COMPLETE] = {"dump-complete", "uvc=DUMP_COMPLETE", true, false},
	[RULE_DUMP_COMPLETE_LIE] = {"dump-complete-lie", "uvc=DUMP_COMPLETE", true, true},
	[RULE_DUMP_CPU] = {"dump-cpu", "uvc=DUMP_CPU", true, false},
	[RULE_ALLOC_BASE] = {"alloc-base", "alloc=conf-base", false, false},
	[RULE_ALLOC_VAR] = {"alloc-var", "alloc=conf-var", false, false},
	[RULE_ALLOC_CPU] = {"alloc-cpu", "alloc=cpu-stor", false, false},
	[RULE_ALLOC_RECORD] = {"alloc-record", "alloc=object", false, false},
	[RULE_ALLOC_TABLE] = {"alloc-table", "alloc=table", false, false},
	[RULE_ALLOC_PAGE] = {"alloc-page", "alloc=page", false, false},
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

uint64_t position_gpa(unsigned int position)
{
	static const uint64_t gpa[NR_POSITIONS] = {
		0, 0x20000000, 0x80000000 - AREA_PAGES / 2 * 0x1000, 0xc0000000};

	return gpa[position];
}

/* ---- text ---- */

bool op_has_vm(enum op_kind kind)
{
	return op_rows[kind].vm;
}

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

static bool is_flaw(uint8_t flaw)
{
	return flaw <= DUMP_BAD_BUFFER;
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
	case OP_DUMP_STATE:
		return op->a < NR_POSITIONS && op->b && op->b <= MAX_DUMP_MIB && op->c < DUMP_NR;
	case OP_DUMP_COMPLETE:
		return is_flaw(op->a);
	case OP_DUMP_CPU:
		return op->a < MAX_CPUS && is_flaw(op->b);
	case OP_CPU_STATE:
		return op->a < MAX_CPUS && op->b < CPU_STATE_NR;
	case OP_CPU_RESET:
		return op->a < MAX_CPUS && op->b < CPU_RESET_NR;
	case OP_RUN:
		return op->a < MAX_CPUS && op->b < 2;
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
