// SPDX-License-Identifier: GPL-2.0-or-later
/* VMs and configurations of the abstract state. */
#include "tests/oracle/spec.h"

#include <errno.h>
#include <string.h>

#define RC_EXECUTED  0x0001
#define RC_NO_CONFIG 0x0020
#define RC_HAS_CPUS  0x0102
#define RRC_DECREE   42

/* The answer of an Ultravisor call, and whether it was carried out */
struct answer {
	uint16_t rc;
	uint16_t rrc;
	bool done;
};

static const struct answer executed = {.rc = RC_EXECUTED, .done = true};

void spec_init(struct spec *s, const char *model, uint8_t image_pages)
{
	bool base_only = !strcmp(model, "z15");

	*s = (struct spec){.fast = !base_only, .misc = !base_only, .image_pages = image_pages};
}

static struct outcome result(long ret)
{
	return (struct outcome){.ret = ret, .rc = UNTOUCHED_RC, .rrc = UNTOUCHED_RRC};
}

static struct outcome answered(long ret, struct answer a)
{
	return (struct outcome){.ret = ret, .rc = a.rc, .rrc = a.rrc};
}

/* ---- faults ---- */

/* A step that rules of these kinds can hit comes: does one? */
static const struct rule *step(struct spec *s, enum rule_kind kind, enum rule_kind also)
{
	const struct rule *hit = NULL;
	bool taken = false;

	for (int i = 0; i < MAX_RULES; i++) {
		struct rule *r = &s->rules[i];

		/* Every rule counts every step it covers; the oldest that hits decides. */
		if (r->kind == RULE_NONE || (r->kind != kind && r->kind != also) || !r->nth)
			continue;
		if (--r->nth == 0 && !taken) {
			hit = r;
			taken = true;
		}
	}
	return hit;
}

static struct answer refused(const struct rule *hit, uint8_t nth)
{
	const struct rule r = {.kind = hit->kind, .nth = nth};

	return (struct answer){.rc = rule_rc(&r), .rrc = rule_rrc(&r)};
}

/* As step(), with the answer that the rule makes */
static bool fails(struct spec *s, const struct op *op, enum rule_kind kind, enum rule_kind also,
		  struct answer *a)
{
	const struct rule *hit = step(s, kind, also);

	if (!hit)
		return false;
	*a = refused(hit, op->rules[hit - s->rules].nth);
	a->done = hit->kind != kind;
	return true;
}

static bool no_memory(struct spec *s, enum rule_kind kind)
{
	return step(s, kind, RULE_NONE) != NULL;
}

/* ---- Ultravisor calls ---- */

static struct answer destroy_conf_call(struct spec *s, const struct op *op, int config)
{
	struct spec_config *c = &s->configs[config];
	struct answer natural = executed, told = executed;
	bool fault = fails(s, op, RULE_DESTROY_CONF, RULE_DESTROY_CONF_LIE, &told);

	if (fault && !told.done)
		return told;
	if (!c->known)
		natural = (struct answer){.rc = RC_NO_CONFIG};
	else if (c->cpus)
		natural = (struct answer){.rc = RC_HAS_CPUS};
	if (natural.done) {
		c->known = false;
		spec_config_gone(s, config);
	}
	told.done = false;
	return fault ? told : natural;
}

/* Whatever the answer: KVM does not know the CPU any more. Return: true if it was refused */
static bool destroy_cpu(struct spec *s, const struct op *op, struct spec_vm *vm, int cpu,
			struct answer *a)
{
	bool fault = fails(s, op, RULE_DESTROY_CPU, RULE_DESTROY_CPU_LIE, a);

	vm->secure[cpu] = false;
	if (!fault || a->done)
		s->configs[vm->active].cpus--;
	s->leaked_cpus += fault;
	return fault;
}

/* Every CPU is tried. Return: true and the first failure's answer if one was refused */
static bool destroy_cpus(struct spec *s, const struct op *op, struct spec_vm *vm,
			 struct answer *first)
{
	bool failed = false;
	struct answer a;

	for (int i = 0; i < vm->cpus; i++) {
		if (!vm->secure[i] || !destroy_cpu(s, op, vm, i, &a))
			continue;
		if (!failed)
			*first = a;
		failed = true;
	}
	return failed;
}

/* Return: 0, -ENOMEM or -EIO, and then @a if the call was reached */
static long create_cpu(struct spec *s, const struct op *op, struct spec_vm *vm, int cpu,
		       struct answer *a)
{
	struct spec_config *c = &s->configs[vm->active];

	if (no_memory(s, RULE_ALLOC_CPU))
		return -ENOMEM;
	if (fails(s, op, RULE_CREATE_CPU, RULE_NONE, a))
		return -EIO;
	*a = executed;
	if (!c->known) {
		*a = (struct answer){.rc = RC_NO_CONFIG};
		return -EIO;
	}
	c->cpus++;
	vm->secure[cpu] = true;
	return 0;
}

/* ---- configurations ---- */

/* End of the highest slot, in whole MiB */
static uint64_t storage_len(const struct spec_vm *vm)
{
	const uint64_t mib = 0x100000;
	uint64_t len = 0;

	for (int i = 0; i < NR_SLOTS; i++) {
		uint64_t end = position_gpa(vm->slots[i].position) + AREA_PAGES * 0x1000UL;

		if (vm->slots[i].used && end > len)
			len = end;
	}
	return (len + mib - 1) / mib * mib;
}

static void new_config(struct spec *s, struct spec_vm *vm)
{
	int config = s->nr_configs++;

	s->configs[config] =
		(struct spec_config){.state = CONFIG_ACTIVE, .known = true, .len = storage_len(vm)};
	vm->active = (int8_t)config;
	s->count++;
}

/* The active one: kvm-pv 3.4, step 3. Return: true if it is gone */
static bool deinit_active(struct spec *s, const struct op *op, struct spec_vm *vm, struct answer *a)
{
	struct spec_config *c = &s->configs[vm->active];

	*a = destroy_conf_call(s, op, vm->active);
	if (!a->done) {
		c->state = CONFIG_STUCK;
		return false;
	}
	c->state = CONFIG_NONE;
	vm->active = NO_CONFIG;
	s->count--;
	return true;
}

/* Return: true if it is gone */
static bool dispose(struct spec *s, const struct op *op, int config, struct answer *a)
{
	struct spec_config *c = &s->configs[config];

	*a = c->fast ? executed : destroy_conf_call(s, op, config);
	c->state = a->done ? CONFIG_NONE : CONFIG_LEAKED;
	s->count -= a->done;
	return a->done;
}

static void queue(struct spec *s, struct spec_vm *vm, int config)
{
	memmove(vm->leftovers + 1, vm->leftovers, vm->nr_leftovers * sizeof(vm->leftovers[0]));
	vm->leftovers[0] = (int8_t)config;
	vm->nr_leftovers++;
	s->configs[config].state = CONFIG_LEFTOVER;
}

/* kvm-pv 3.4. Return: true if everything went well; @first: of the first failure, else of the end
 */
static bool cleanup_all(struct spec *s, const struct op *op, struct spec_vm *vm,
			struct answer *first)
{
	int active = vm->active;
	struct answer a;
	bool good = true;

	*first = executed;
	if (active != NO_CONFIG)
		good = deinit_active(s, op, vm, first);
	if (vm->aside != NO_CONFIG)
		queue(s, vm, vm->aside);
	vm->aside = NO_CONFIG;
	for (int i = 0; i < vm->nr_leftovers; i++) {
		if (dispose(s, op, vm->leftovers[i], &a))
			continue;
		if (good)
			*first = a;
		good = false;
	}
	if (!s->mm_gone) {
		if (active != NO_CONFIG)
			spec_destroy_owned(s, active, NULL);
		for (int i = 0; i < vm->nr_leftovers; i++)
			spec_destroy_owned(s, vm->leftovers[i], NULL);
	}
	vm->nr_leftovers = 0;
	return good;
}

/* ---- PV commands ---- */

/* CREATE_SEC_CONF. Return: 0 or -EIO */
static long create_conf(struct spec *s, const struct op *op, struct spec_vm *vm, struct answer *a)
{
	struct answer dummy;

	if (fails(s, op, RULE_CREATE_CONF, RULE_CREATE_CONF_UNDO, a)) {
		if (a->done && storage_len(vm)) {
			new_config(s, vm);
			deinit_active(s, op, vm, &dummy);
		}
		return -EIO;
	}
	*a = executed;
	if (!storage_len(vm)) {
		*a = (struct answer){.rc = 0x103};
		return -EIO;
	}
	new_config(s, vm);
	return 0;
}

static struct outcome enable(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	struct answer a, dummy;
	long err;

	if (vm->active != NO_CONFIG)
		return result(-EINVAL);
	if (no_memory(s, RULE_ALLOC_BASE) || no_memory(s, RULE_ALLOC_VAR))
		return result(-ENOMEM);
	err = create_conf(s, op, vm, &a);
	if (err)
		return answered(err, a);
	for (int i = 0; i < vm->cpus && !err; i++)
		err = create_cpu(s, op, vm, i, &a);
	if (err) {
		destroy_cpus(s, op, vm, &dummy);
		deinit_active(s, op, vm, &dummy);
	}
	return answered(err, a);
}

/* Its CPUs are gone or going. */
static void note_half(struct spec *s, const struct spec_vm *vm)
{
	if (s->configs[vm->active].state == CONFIG_ACTIVE)
		s->configs[vm->active].state = CONFIG_HALF;
}

static struct outcome disable(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	struct answer a;

	if (vm->active == NO_CONFIG)
		return result(-EINVAL);
	if (destroy_cpus(s, op, vm, &a)) {
		note_half(s, vm);
		return answered(-EIO, a);
	}
	return cleanup_all(s, op, vm, &a) ? answered(0, a) : answered(-EIO, a);
}

/* DESTROY_SEC_CONF_FAST. Return: true if it was carried out */
static bool destroy_fast(struct spec *s, const struct op *op, struct spec_config *c,
			 struct answer *a)
{
	if (fails(s, op, RULE_DESTROY_FAST, RULE_NONE, a))
		return false;
	*a = executed;
	if (!c->known)
		*a = (struct answer){.rc = RC_NO_CONFIG};
	else if (c->cpus)
		*a = (struct answer){.rc = RC_HAS_CPUS};
	if (!a->done)
		return false;
	c->known = false;
	return true;
}

/* Steps 3 to 9 of kvm-pv 2.6 */
static struct outcome set_aside(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	struct spec_config *c = &s->configs[vm->active];
	struct answer a;

	if (vm->aside != NO_CONFIG || vm->small)
		return result(-EINVAL);
	if (no_memory(s, RULE_ALLOC_RECORD))
		return result(-ENOMEM);
	if (s->fast) {
		if (!destroy_fast(s, op, c, &a))
			return answered(-EIO, a);
		c->fast = true;
	} else if (c->state != CONFIG_STUCK && no_memory(s, RULE_ALLOC_TABLE)) {
		return result(-ENOMEM); /* a stuck one has been given a table of its own already */
	}
	spec_destroy_owned(s, vm->active, vm);
	c->state = CONFIG_ASIDE;
	vm->aside = vm->active;
	vm->active = NO_CONFIG;
	a = (struct answer){.rc = RC_EXECUTED, .rrc = RRC_DECREE};
	return answered(0, a);
}

static struct outcome prepare(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	struct outcome out;
	struct answer a;

	if (vm->active == NO_CONFIG)
		return result(-EINVAL);
	if (destroy_cpus(s, op, vm, &a))
		out = answered(-EIO, a);
	else
		out = set_aside(s, op, vm);
	if (out.ret)
		note_half(s, vm);
	return out;
}

int spec_perform_begin(struct spec *s, struct spec_vm *vm, struct outcome *out)
{
	int config = vm->aside;

	*out = result(-EINVAL);
	if (config == NO_CONFIG)
		return NO_CONFIG;
	vm->aside = NO_CONFIG;
	s->configs[config].state = CONFIG_TEARING;
	return config;
}

static struct outcome perform_end(struct spec *s, const struct op *op, struct spec_vm *vm,
				  int config, bool dead, const struct outcome *seen)
{
	struct answer a = {.rc = RC_EXECUTED, .rrc = RRC_DECREE};

	/* Looked for at each page. Without pages nothing says whether it is looked for. */
	if (dead && (spec_owned(s, config) || (!seen->ret && seen->rrc == RRC_DECREE))) {
		queue(s, vm, config);
		return answered(0, a);
	}
	spec_destroy_owned(s, config, NULL);
	return dispose(s, op, config, &a) ? answered(0, a) : answered(-EIO, a);
}

struct outcome spec_perform_end(struct spec *s, struct spec_vm *vm, int config, bool dead,
				const struct outcome *seen)
{
	const struct op none = {0};

	return perform_end(s, &none, vm, config, dead, seen);
}

static struct outcome perform(struct spec *s, const struct op *op, struct spec_vm *vm, bool dead,
			      const struct outcome *seen)
{
	struct outcome out;
	int config = spec_perform_begin(s, vm, &out);

	return config == NO_CONFIG ? out : perform_end(s, op, vm, config, dead, seen);
}

/* ---- the image ---- */

static struct outcome image_call(uint16_t rc, uint16_t rrc)
{
	return answered(rc == RC_EXECUTED ? 0 : -EINVAL, (struct answer){.rc = rc, .rrc = rrc});
}

static struct outcome set_parms(struct spec *s, struct spec_vm *vm)
{
	struct spec_config *c;

	if (vm->active == NO_CONFIG)
		return result(-EINVAL);
	c = &s->configs[vm->active];
	if (!c->known)
		return image_call(RC_NO_CONFIG, 0);
	if (c->image != IMAGE_NONE)
		return image_call(0x101, 0);
	c->image = IMAGE_HEADER;
	return image_call(RC_EXECUTED, 0);
}

/* The VMM writes the pages, which takes them from whoever has them. */
static void write_image(struct spec *s, const struct spec_vm *vm)
{
	for (unsigned int i = 0; i < s->image_pages; i++) {
		int frame = spec_frame_at(vm, 0, IMAGE_PAGE + i);

		if (frame < 0)
			continue;
		spec_host_access(s, frame);
		s->frames[frame].content = CONTENT_OTHER;
	}
}

static struct outcome unpack(struct spec *s, struct spec_vm *vm)
{
	struct outcome out = result(-EINVAL);

	if (vm->active == NO_CONFIG)
		return out;
	write_image(s, vm);
	/* The Ultravisor goes on with a table that nothing is mapped into any more. */
	if (s->configs[vm->active].state == CONFIG_STUCK)
		return out;
	for (unsigned int i = 0; i < s->image_pages; i++) {
		struct spec_config *c = &s->configs[vm->active];
		int frame = spec_frame_at(vm, 0, IMAGE_PAGE + i);

		if (frame < 0) {
			out.ret = -EFAULT;
			out.any_rrc = true; /* the call was tried before the page was looked for */
			return out;
		}
		out = image_call(c->known ? spec_unpack_page(s, vm->active, IMAGE_PAGE + i, frame)
					  : RC_NO_CONFIG,
				 0);
		if (out.ret)
			return out;
		c->unpacked = c->unpacked == (int)i ? (int8_t)(i + 1) : -1;
	}
	return out;
}

static struct outcome verify(struct spec *s, struct spec_vm *vm)
{
	struct spec_config *c;
	struct outcome out;

	if (vm->active == NO_CONFIG)
		return result(-EINVAL);
	c = &s->configs[vm->active];
	if (!c->known)
		return image_call(RC_NO_CONFIG, 0);
	if (c->image != IMAGE_HEADER)
		return image_call(0x101, 0);
	if (c->unpacked != s->image_pages) {
		out = image_call(0x102, 0);
		out.any_rrc = true;
		return out;
	}
	c->image = IMAGE_VERIFIED;
	return image_call(RC_EXECUTED, 0);
}

/* ---- VMs ---- */

static struct outcome create_vm(struct spec_vm *vm, const struct op *op)
{
	*vm = (struct spec_vm){
		.exists = true, .small = op->a, .active = NO_CONFIG, .aside = NO_CONFIG};
	return result(0);
}

static struct outcome create_vcpu(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	struct answer a;
	long err = 0;

	if (vm->cpus == MAX_CPUS)
		return result(-EINVAL);
	if (vm->active != NO_CONFIG)
		err = create_cpu(s, op, vm, vm->cpus, &a);
	if (!err)
		vm->cpus++;
	return result(err);
}

static bool position_free(const struct spec_vm *vm, const struct op *op)
{
	for (int i = 0; i < NR_SLOTS; i++) {
		if (i != op->a && vm->slots[i].used && vm->slots[i].position == op->c)
			return false;
	}
	return true;
}

static struct outcome set_slot(struct spec_vm *vm, const struct op *op)
{
	struct spec_slot *slot = &vm->slots[op->a];
	uint64_t end = position_gpa(op->c) + AREA_PAGES * 0x1000UL;

	if (slot->used && slot->area != op->b)
		return result(-EINVAL);
	if (slot->used && slot->position == op->c)
		return result(0);
	if (!position_free(vm, op))
		return result(-EEXIST);
	if (vm->active != NO_CONFIG || (vm->small && end > 0x80000000UL))
		return result(-EINVAL);
	*slot = (struct spec_slot){.used = true, .area = op->b, .position = op->c};
	return result(0);
}

static struct outcome delete_slot(struct spec_vm *vm, const struct op *op)
{
	if (!vm->slots[op->a].used || vm->active != NO_CONFIG)
		return result(-EINVAL);
	vm->slots[op->a].used = false;
	return result(0);
}

/* Errors are dropped: what cannot be destroyed now never will be. */
static void release(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	struct answer a;

	destroy_cpus(s, op, vm, &a);
	cleanup_all(s, op, vm, &a);
	if (vm->active != NO_CONFIG)
		s->configs[vm->active].state = CONFIG_LEAKED;
	vm->exists = false;
}

/* kvm-pv 3.7.3 */
static void notify(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	struct spec_config *c;
	struct answer a;
	bool failed;

	if (!vm->exists || vm->active == NO_CONFIG)
		return;
	c = &s->configs[vm->active];
	failed = destroy_cpus(s, op, vm, &a);
	note_half(s, vm);
	if (!failed && s->fast && destroy_fast(s, op, c, &a)) {
		c->state = CONFIG_NONE;
		vm->active = NO_CONFIG;
	}
}

static void keep(struct spec *s, const struct spec_vm *vm)
{
	for (int i = 0; i < NR_VMS; i++) {
		if (!s->held[i].exists) {
			s->held[i] = *vm;
			return;
		}
	}
}

/* The address space first, then the descriptors. */
static struct outcome exit_process(struct spec *s, const struct op *op)
{
	for (int i = 0; i < NR_VMS; i++)
		notify(s, op, &s->vms[i]);
	spec_memory_gone(s);
	s->mm_gone = true;
	for (int i = 0; i < NR_VMS; i++) {
		if (s->vms[i].exists && op->a & 1 << i)
			keep(s, &s->vms[i]);
		else if (s->vms[i].exists)
			release(s, op, &s->vms[i]);
		s->vms[i].exists = false;
	}
	s->mm_gone = false;
	s->count = 0; /* of the next process */
	return result(0);
}

static struct outcome drop(struct spec *s, const struct op *op)
{
	int32_t count = s->count;

	s->mm_gone = true;
	for (int i = 0; i < NR_VMS; i++) {
		if (s->held[i].exists)
			release(s, op, &s->held[i]);
	}
	s->mm_gone = false;
	s->count = count;
	return result(0);
}

/* ---- the host and the guest ---- */

static struct outcome read_page(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	int frame = spec_frame_at(vm, op->a, op->b);
	struct outcome out;

	if (vm->active != NO_CONFIG)
		return result(-EINVAL);
	if (frame < 0)
		return result(5); /* addressing exception */
	spec_host_access(s, frame);
	out = result(0);
	out.reads = true;
	out.content = s->frames[frame].content;
	return out;
}

static struct outcome write_page(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	int frame = spec_frame_at(vm, op->a, op->b);

	if (vm->active != NO_CONFIG)
		return result(-EINVAL);
	if (frame < 0)
		return result(5);
	spec_host_access(s, frame);
	s->frames[frame].content = op->c;
	return result(0);
}

bool spec_applies(const struct spec *s, const struct op *op)
{
	const struct spec_vm *vm = &s->vms[op->vm];
	bool active = vm->exists && vm->active != NO_CONFIG &&
		      s->configs[vm->active].state == CONFIG_ACTIVE;

	switch (op->kind) {
	case OP_CREATE_VM:
		return !vm->exists;
	case OP_EXIT:
	case OP_DROP:
		/* One process at a time has somebody who keeps its VMs open. */
		return op->kind == OP_DROP || (!s->held[0].exists && !s->held[1].exists);
	case OP_ENABLE:
		return vm->exists && s->nr_configs < MAX_CONFIGS;
	case OP_TOUCH:
		return vm->exists && (vm->active == NO_CONFIG || active);
	case OP_SHARE:
	case OP_UNSHARE:
		return active;
	default:
		return vm->exists;
	}
}

static struct outcome do_step(struct spec *s, const struct op *op, const struct outcome *seen)
{
	struct spec_vm *vm = &s->vms[op->vm];

	switch (op->kind) {
	case OP_CREATE_VM:
		return create_vm(vm, op);
	case OP_RELEASE_VM:
		release(s, op, vm);
		return result(0);
	case OP_VCPU:
		return create_vcpu(s, op, vm);
	case OP_SLOT:
		return set_slot(vm, op);
	case OP_DELETE_SLOT:
		return delete_slot(vm, op);
	case OP_ENABLE:
		return enable(s, op, vm);
	case OP_DISABLE:
		return disable(s, op, vm);
	case OP_PREPARE:
		return prepare(s, op, vm);
	case OP_PERFORM:
	case OP_PERFORM_DEAD:
		return perform(s, op, vm, op->kind == OP_PERFORM_DEAD, seen);
	case OP_SET_PARMS:
		return set_parms(s, vm);
	case OP_UNPACK:
		return unpack(s, vm);
	case OP_VERIFY:
		return verify(s, vm);
	case OP_TOUCH:
		return result(spec_access(s, vm, op->a, op->b));
	case OP_SHARE:
		return result(spec_share(s, vm, op->a, op->b));
	case OP_UNSHARE:
		return result(spec_unshare(s, vm, op->a, op->b));
	case OP_READ:
		return read_page(s, op, vm);
	case OP_WRITE:
		return write_page(s, op, vm);
	case OP_EXIT:
		return exit_process(s, op);
	case OP_DROP:
		return drop(s, op);
	case OP_NR:
		break;
	}
	return result(0);
}

struct outcome spec_step(struct spec *s, const struct op *op, const struct outcome *seen)
{
	memcpy(s->rules, op->rules, sizeof(s->rules));
	return do_step(s, op, seen);
}

/* ---- what there is ---- */

static void count_vm(const struct spec_vm *vm, struct counts *c)
{
	if (!vm->exists)
		return;
	c->vms++;
	c->vcpus += vm->cpus;
	for (int i = 0; i < vm->cpus; i++)
		c->secure_vcpus += vm->secure[i];
}

static void count_frames(const struct spec *s, struct counts *c)
{
	for (int i = 0; i < NR_AREAS * AREA_PAGES; i++) {
		const struct spec_frame *f = &s->frames[i];
		bool known = s->configs[f->owner].known;

		c->secure += f->state == FRAME_SEC && known;
		c->orphan += f->state == FRAME_SEC && !known;
		c->shared += f->state == FRAME_SHR && known;
	}
}

struct counts spec_counts(const struct spec *s)
{
	struct counts c = {.protected_count = s->count};

	for (int i = 0; i < NR_VMS; i++) {
		count_vm(&s->vms[i], &c);
		count_vm(&s->held[i], &c);
	}
	for (int i = 0; i < s->nr_configs; i++) {
		c.configs[s->configs[i].state]++;
		c.uv_configs += s->configs[i].known;
		c.uv_cpus += s->configs[i].known ? s->configs[i].cpus : 0;
	}
	c.configs[CONFIG_NONE] = 0;
	c.leaked_bytes = c.configs[CONFIG_LEAKED] || s->leaked_cpus;
	count_frames(s, &c);
	return c;
}

bool outcome_agrees(const struct outcome *expected, const struct outcome *seen)
{
	if (expected->ret != seen->ret)
		return false;
	if (!expected->any_rrc && (expected->rc != seen->rc || expected->rrc != seen->rrc))
		return false;
	if (!expected->reads)
		return true;
	/* Ciphertext is no page of one value, and above all not the zeros that it was made of. */
	if (expected->content > UINT8_MAX)
		return expected->content == CONTENT_OTHER || seen->content == CONTENT_OTHER;
	return expected->content == seen->content;
}
