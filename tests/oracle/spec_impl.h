/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the specification share; spec.h is what others see. */
#ifndef TESTS_ORACLE_SPEC_IMPL_H
#define TESTS_ORACLE_SPEC_IMPL_H

#include "tests/oracle/spec.h"

#define RC_EXECUTED  0x0001
#define RC_NO_CONFIG 0x0020
#define RC_HAS_CPUS  0x0102

/** struct answer - of an Ultravisor call, and whether it was carried out */
struct answer {
	uint16_t rc;
	uint16_t rrc;
	bool done;
};

static const struct answer spec_executed = {.rc = RC_EXECUTED, .done = true};

/** spec_result(), spec_answered() - of an operation without a call, with one */
struct outcome spec_result(long ret);
struct outcome spec_answered(long ret, struct answer a);

/* ---- faults: spec_fault.c ---- */

/** spec_fails() - does a rule hit this step, and what is the answer then? @also: carried out */
bool spec_fails(struct spec *s, const struct op *op, enum rule_kind kind, enum rule_kind also,
		struct answer *a);
bool spec_no_memory(struct spec *s, enum rule_kind kind);

/* ---- Ultravisor calls: spec_uv.c ---- */

/**
 * struct spec_call - a call that rules may make fail
 * @refused: by this rule it is not carried out; by @lie it is, and says that it was not
 * @natural: what it does and answers by itself; @arg is its own
 */
struct spec_call {
	enum rule_kind refused;
	enum rule_kind lie;
	struct answer (*natural)(struct spec *s, int config, uint64_t arg);
};

/** spec_call() - Return: what the caller is told; done: that it was carried out */
struct answer spec_call(struct spec *s, const struct op *op, const struct spec_call *call,
			int config, uint64_t arg);

/** spec_answers() - does the Ultravisor accept more than the end of the configuration? */
bool spec_answers(const struct spec_config *c);

struct answer spec_destroy_conf(struct spec *s, const struct op *op, int config);

/** spec_condemn() - Return: true if it was carried out and said so */
bool spec_condemn(struct spec *s, const struct op *op, int config, struct answer *a);

/** spec_destroy_fast() - Return: true if it was carried out */
bool spec_destroy_fast(struct spec *s, const struct op *op, int config, struct answer *a);

/** spec_destroy_cpus() - all are tried. Return: true and the first failure's answer if one was
 * refused */
bool spec_destroy_cpus(struct spec *s, const struct op *op, struct spec_vm *vm,
		       struct answer *first);

/** spec_create_cpu() - Return: 0, -ENOMEM or -EIO, and then @a if the call was reached */
long spec_create_cpu(struct spec *s, const struct op *op, struct spec_vm *vm, int cpu,
		     struct answer *a);

/* ---- configurations: spec_config.c ---- */

uint64_t spec_storage_len(const struct spec_vm *vm);
void spec_new_config(struct spec *s, struct spec_vm *vm);
void spec_clear_active(struct spec_vm *vm);
void spec_note_half(struct spec *s, const struct spec_vm *vm);
bool spec_deinit_active(struct spec *s, const struct op *op, struct spec_vm *vm, struct answer *a);
bool spec_dispose(struct spec *s, const struct op *op, int config, struct answer *a);
void spec_queue(struct spec *s, struct spec_vm *vm, int config);
bool spec_cleanup_all(struct spec *s, const struct op *op, struct spec_vm *vm,
		      struct answer *first);

/* ---- operations, in a file for each concept ---- */

struct outcome spec_enable(struct spec *s, const struct op *op, struct spec_vm *vm);
struct outcome spec_disable(struct spec *s, const struct op *op, struct spec_vm *vm);
struct outcome spec_prepare(struct spec *s, const struct op *op, struct spec_vm *vm);
struct outcome spec_perform(struct spec *s, const struct op *op, struct spec_vm *vm, bool dead,
			    const struct outcome *seen);
struct outcome spec_set_parms(struct spec *s, struct spec_vm *vm);
struct outcome spec_unpack(struct spec *s, struct spec_vm *vm);
struct outcome spec_verify(struct spec *s, struct spec_vm *vm);
struct outcome spec_unshare_all(struct spec *s, const struct op *op, struct spec_vm *vm);
struct outcome spec_prep_reset(struct spec *s, const struct op *op, struct spec_vm *vm);
struct outcome spec_cpu_state(struct spec *s, const struct op *op, struct spec_vm *vm);
struct outcome spec_cpu_reset(struct spec *s, const struct op *op, struct spec_vm *vm);
struct outcome spec_run(const struct spec_vm *vm, const struct op *op);
struct outcome spec_dump_init(struct spec *s, const struct op *op, struct spec_vm *vm);
struct outcome spec_dump_state(struct spec *s, const struct op *op, struct spec_vm *vm);
struct outcome spec_dump_complete(struct spec *s, const struct op *op, struct spec_vm *vm);
struct outcome spec_dump_cpu(struct spec *s, const struct op *op, struct spec_vm *vm);
struct outcome spec_create_vm(struct spec_vm *vm, const struct op *op);
struct outcome spec_create_vcpu(struct spec *s, const struct op *op, struct spec_vm *vm);
struct outcome spec_set_slot(struct spec_vm *vm, const struct op *op);
struct outcome spec_delete_slot(struct spec_vm *vm, const struct op *op);
struct outcome spec_exit(struct spec *s, const struct op *op);
struct outcome spec_drop(struct spec *s, const struct op *op);
struct outcome spec_read(struct spec *s, const struct op *op, struct spec_vm *vm);
struct outcome spec_write(struct spec *s, const struct op *op, struct spec_vm *vm);

/** spec_release() - Errors are dropped: what cannot be destroyed now never will be. */
void spec_release(struct spec *s, const struct op *op, struct spec_vm *vm);

#endif
