/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations of a random sequence, and the text that replays them. */
#ifndef TESTS_ORACLE_OP_H
#define TESTS_ORACLE_OP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define MAX_OPS      64
#define MAX_RULES    2
#define MAX_THREADS  3
#define NR_VMS       2  /* of one process */
#define NR_SLOTS     3  /* of a VM */
#define NR_AREAS     3  /* of a process: memory that slots show */
#define AREA_PAGES   32 /* of an area, so of a slot */
#define NR_POSITIONS 4  /* where a slot may be: position_gpa() */
#define MAX_CPUS     3
#define MAX_DUMP_MIB 3 /* whose state is asked for at once */

enum op_kind {
	OP_CREATE_VM,   /* vm, a: 1: memory limit of 2 GiB */
	OP_RELEASE_VM,  /* vm: every descriptor is closed */
	OP_VCPU,        /* vm */
	OP_SLOT,        /* vm, a: slot, b: area, c: position: add, or move, or something wrong */
	OP_DELETE_SLOT, /* vm, a: slot */
	OP_ENABLE,      /* vm; so are the next */
	OP_DISABLE,
	OP_PREPARE,
	OP_PERFORM,
	OP_PERFORM_DEAD, /* the thread has its fatal signal before it begins */
	OP_SET_PARMS,
	OP_UNPACK, /* the whole image, at its place in position 0 */
	OP_VERIFY,
	OP_UNSHARE_ALL,
	OP_PREP_RESET,
	OP_DUMP_INIT,
	OP_DUMP_STATE,    /* vm, a: position, b: MiB, c: enum dump_flaw */
	OP_DUMP_COMPLETE, /* vm, a: enum dump_flaw */
	OP_DUMP_CPU,      /* vm, a: CPU, b: enum dump_flaw */
	OP_CPU_STATE,     /* vm, a: CPU, b: enum cpu_mode */
	OP_CPU_RESET,     /* vm, a: CPU, b: enum cpu_reset_kind */
	OP_RUN,           /* vm, a: CPU, b: 1: only where it is refused; 0: with immediate_exit */
	OP_TOUCH,         /* vm, a: position, b: page: the guest, of whatever kind, uses the page */
	OP_SHARE,         /* vm, a, b: the guest shares it */
	OP_UNSHARE,       /* vm, a, b */
	OP_READ,          /* vm, a, b: the host reads it */
	OP_WRITE,         /* vm, a, b, c: the host fills it with a value, not 0 */
	OP_EXIT,          /* a: mask of VMs that somebody else keeps open: the process ends */
	OP_DROP,          /* whatever is kept open is closed */
	OP_NR
};

/** enum dump_flaw - what is wrong with the caller's buffer */
enum dump_flaw {
	DUMP_RIGHT,
	DUMP_BAD_LEN,
	DUMP_BAD_BUFFER, /* nobody can write there */
	DUMP_BAD_GADDR,  /* OP_DUMP_STATE only; so is the next */
	DUMP_NO_LEN,
	DUMP_NR
};

enum cpu_mode {
	CPU_STOPPED,
	CPU_OPERATING,
	CPU_LOAD, /* operating, with the image's PSW */
	CPU_STATE_NR
};

enum cpu_reset_kind {
	CPU_RESET_NORMAL,
	CPU_RESET_INITIAL,
	CPU_RESET_CLEAR,
	CPU_RESET_NR
};

/** enum rule_kind - what fails on demand */
enum rule_kind {
	RULE_NONE,
	RULE_CREATE_CONF,
	RULE_CREATE_CONF_UNDO, /* carried out, and must be destroyed */
	RULE_CREATE_CPU,
	RULE_DESTROY_CPU,
	RULE_DESTROY_CPU_LIE, /* carried out, but says that it was not; so below */
	RULE_DESTROY_CONF,
	RULE_DESTROY_CONF_LIE,
	RULE_DESTROY_FAST,
	RULE_CONDEMN,
	RULE_CONDEMN_LIE,
	RULE_UNSHARE_ALL,
	RULE_UNSHARE_ALL_LIE,
	RULE_PREP_RESET,
	RULE_PREP_RESET_LIE,
	RULE_DUMP_INIT,
	RULE_DUMP_INIT_LIE,
	RULE_DUMP_STATE,
	RULE_DUMP_COMPLETE,
	RULE_DUMP_COMPLETE_LIE,
	RULE_DUMP_CPU,
	RULE_ALLOC_BASE,
	RULE_ALLOC_VAR,
	RULE_ALLOC_CPU,
	RULE_ALLOC_RECORD, /* with PREPARE only; so is the next */
	RULE_ALLOC_TABLE,
	RULE_ALLOC_PAGE, /* with the header and dumps only */
	RULE_NR
};

/** struct rule - step number @nth (from 1) of @kind within the operation fails */
struct rule {
	enum rule_kind kind;
	uint8_t nth;
};

/** struct op - @thread: 0: alone; 1 and above: beside the other threads */
struct op {
	enum op_kind kind;
	uint8_t vm;
	uint8_t a;
	uint8_t b;
	uint8_t c;
	uint8_t thread;
	struct rule rules[MAX_RULES];
};

/** struct sequence - a case */
struct sequence {
	char model[16];
	unsigned int n;
	struct op ops[MAX_OPS];
};

/** rule_rc(), rule_rrc() - what a call answers that a rule made fail */
uint16_t rule_rc(const struct rule *r);
uint16_t rule_rrc(const struct rule *r);

/** rule_text() - as docs/inject.md has it; the answer is overwritten by the next call */
const char *rule_text(const struct rule *r);

/** op_has_vm() - is it done to a VM? */
bool op_has_vm(enum op_kind kind);

/** position_gpa() - guest address of a position; one of them lies across 2 GiB */
uint64_t position_gpa(unsigned int position);

/** op_print(), sequence_print() - as text that sequence_read() takes back */
void op_print(const struct op *op, FILE *out);
void sequence_print(const struct sequence *s, FILE *out);

/** sequence_read() - Return: 0, or the number of the first line that is wrong */
int sequence_read(struct sequence *s, FILE *in);

/**
 * sequence_random() - the case of a seed
 * @threads: its second half has threads
 * @model: on this machine model; NULL: the seed says on which
 */
void sequence_random(struct sequence *s, uint32_t seed, bool threads, const char *model);

#endif
