// SPDX-License-Identifier: GPL-2.0-or-later
/* A guest with an Ultravisor of its own runs a protected guest: SIE with a block of format 4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kvm/vcpu.h"
#include "tests/unit/kvm/uv_host_env.h"
#include "tests/unit/uv/se_image.h"

/* The hypervisor's storage */
#define CODE     0x10000UL
#define HANDLER  0x11000UL
#define BLOCK    (MIB + 0x38000)
#define CPU_STOR (MIB + 0x40000)
#define SIDA     (MIB + 0x48000)
#define HEADER   (MIB + 0x50000)
#define GUEST    (2 * MIB) /* its first pages, in order */

/* The protected guest's */
#define GUEST_CODE 0x400U
#define FAR        3U /* number of a page that is not there */

#define PSW64 0x180000000UL

/* SIE 0(%r9), then DIAG 501; and what program interruptions lead to: DIAG 502 */
static const uint8_t code_sie[] = {0xb2, 0x14, 0x90, 0x00, 0x83, 0x00, 0x05, 0x01};
static const uint8_t code_handler[] = {0x83, 0x00, 0x05, 0x02};

/* lghi 3,7; diag 0,0,44; llilh 1,0; llill 1,3000; mvi 0(1),5a; diag 0,0,9c */
static const uint8_t code_guest[] = {0xa7, 0x39, 0x00, 0x07, 0x83, 0x00, 0x00, 0x44, 0xa5, 0x1f,
				     0x30, 0x00, 0x92, 0x5a, 0x10, 0x00, 0x83, 0x00, 0x00, 0x9c};

static uint64_t word(const struct env *e, uint64_t gpa)
{
	return be64_get(*(const be64_t *)(e->low + gpa));
}

static void put(struct env *e, uint64_t gpa, uint64_t value)
{
	*(be64_t *)(e->low + gpa) = be64_make(value);
}

static struct kvm_s390_sie_block *block_of(struct env *e)
{
	return (struct kvm_s390_sie_block *)(e->low + BLOCK);
}

/* ---- the hypervisor's calls ---- */

static uint64_t create_cpu(struct env *e, uint64_t handle)
{
	struct uv_cb_csc block = {
		.header = {.len = be16_make(sizeof(block)),
			   .cmd = be16_make(UVC_CMD_CREATE_SEC_CPU)},
		.guest_handle = be64_make(handle),
		.stor_origin = be64_make(CPU_STOR),
		.state_origin = be64_make(BLOCK),
	};

	assert_int_equal(call(e, &block.header, sizeof(block)), UVC_RC_EXECUTED);
	return be64_get(block.cpu_handle);
}

static void unpack_page(struct env *e, uint64_t handle, const struct se_image *img, size_t n)
{
	struct uv_cb_unp block = {
		.header = {.len = be16_make(sizeof(block)), .cmd = be16_make(UVC_CMD_UNPACK_IMG)},
		.guest_handle = be64_make(handle),
		.gaddr = be64_make(n * PAGE_SIZE),
		.tweak = {be64_make(SE_IMAGE_PREFIX), be64_make(n * PAGE_SIZE)},
	};

	memcpy(e->low + GUEST + n * PAGE_SIZE, img->data[n], PAGE_SIZE);
	assert_int_equal(call(e, &block.header, sizeof(block)), UVC_RC_EXECUTED);
}

static void verify(struct env *e, uint64_t handle)
{
	struct uv_cb_nodata block = {
		.header = {.len = be16_make(sizeof(block)), .cmd = be16_make(UVC_CMD_VERIFY_IMG)},
		.handle = be64_make(handle),
	};

	assert_int_equal(call(e, &block.header, sizeof(block)), UVC_RC_EXECUTED);
}

static void load(struct env *e, uint64_t handle, const struct se_image *img)
{
	struct uv_cb_ssc block = {
		.header = {.len = be16_make(sizeof(block)),
			   .cmd = be16_make(UVC_CMD_SET_SEC_CONF_PARAMS)},
		.guest_handle = be64_make(handle),
		.sec_header_origin = be64_make(HEADER),
		.sec_header_len = be32_make((uint32_t)img->len),
	};

	memcpy(e->low + HEADER, img->header, sizeof(img->header));
	assert_int_equal(call(e, &block.header, sizeof(block)), UVC_RC_EXECUTED);
	for (size_t n = 0; n < img->pages; n++)
		unpack_page(e, handle, img, n);
	verify(e, handle);
}

static void start_cpu(struct env *e, uint64_t cpu)
{
	struct uv_cb_cpu_set_state block = {
		.header = {.len = be16_make(sizeof(block)),
			   .cmd = be16_make(UVC_CMD_CPU_SET_STATE)},
		.cpu_handle = be64_make(cpu),
		.state = PV_CPU_STATE_OPR_LOAD,
	};

	assert_int_equal(call(e, &block.header, sizeof(block)), UVC_RC_EXECUTED);
}

static uint16_t import(struct env *e, uint64_t handle, uint64_t gaddr)
{
	struct uv_cb_cts block = {
		.header = {.len = be16_make(sizeof(block)),
			   .cmd = be16_make(UVC_CMD_CONV_TO_SEC_STOR)},
		.guest_handle = be64_make(handle),
		.gaddr = be64_make(gaddr),
	};

	return call(e, &block.header, sizeof(block));
}

/* ---- the hypervisor's CPU ---- */

static void enable_sie(struct env *e)
{
	struct kvm_s390_vm_cpu_feat feat;
	struct kvm_device_attr attr = {
		.group = KVM_S390_VM_CPU_MODEL,
		.attr = KVM_S390_VM_CPU_MACHINE_FEAT,
		.addr = (uintptr_t)&feat,
	};

	assert_int_equal(vmm_ioctl(&e->v, KVM_GET_DEVICE_ATTR, (uintptr_t)&attr), 0);
	attr.attr = KVM_S390_VM_CPU_PROCESSOR_FEAT;
	assert_int_equal(vmm_ioctl(&e->v, KVM_SET_DEVICE_ATTR, (uintptr_t)&attr), 0);
}

static long cpu_ioctl(struct env *e, unsigned int cmd, const void *arg)
{
	return direct_ioctl(e->v.t, e->v.vcpu[0], cmd, (uintptr_t)arg);
}

static void prepare_cpu(struct env *e)
{
	const struct kvm_regs regs = {.gprs = {[9] = BLOCK}};
	struct kvm_sregs sregs;

	memcpy(e->low + CODE, code_sie, sizeof(code_sie));
	memcpy(e->low + HANDLER, code_handler, sizeof(code_handler));
	put(e, 0x1d0, PSW64);
	put(e, 0x1d8, HANDLER);
	assert_int_equal(cpu_ioctl(e, KVM_SET_REGS, &regs), 0);
	assert_int_equal(cpu_ioctl(e, KVM_GET_SREGS, &sregs), 0);
	sregs.crs[1] = ASCE;
	assert_int_equal(cpu_ioctl(e, KVM_SET_SREGS, &sregs), 0);
}

/** execute_sie() - until the hypervisor goes on. Return: function code of its DIAG */
static uint16_t execute_sie(struct env *e)
{
	struct kvm_run *run = kvm_get_vcpu_by_id(e->v.kvm, 0)->run;

	run->psw_mask = PSW64;
	run->psw_addr = CODE;
	assert_int_equal(cpu_ioctl(e, KVM_RUN, NULL), 0);
	assert_int_equal(run->exit_reason, KVM_EXIT_S390_SIEIC);
	assert_int_equal(run->s390_sieic.icptcode, ICPT_INST);
	assert_int_equal(run->s390_sieic.ipa, 0x8300);
	return (uint16_t)(run->s390_sieic.ipb >> 16);
}

/* ---- a protected guest ---- */

static void describe(struct env *e, uint64_t handle, uint64_t cpu)
{
	struct kvm_s390_sie_block *block = block_of(e);

	memset(block, 0, sizeof(*block));
	block->cpuflags = be32_make(CPUSTAT_ZARCH);
	block->pv_handle_cpu = be64_make(cpu);
	block->pv_handle_config = be64_make(handle);
	block->sidad = be64_make(SIDA);
	block->scaol = be32_make(SCA);
	block->cputm = be64_make(INT64_MAX);
	block->ckc = be64_make(UINT64_MAX);
	block->sdf = SDF_FORMAT4;
}

static void make_image(struct se_image *img)
{
	se_image_make(img, 2, 0, SE_PCF_NO_DECRYPT);
	memset(img->data[0], 0, PAGE_SIZE);
	memcpy(img->data[0] + GUEST_CODE, code_guest, sizeof(code_guest));
	img->area.psw_addr = be64_make(GUEST_CODE);
	se_image_hash(img);
	se_image_seal(img);
}

/** guest_create() - verified, its CPU in the load state. Return: the handle */
static uint64_t guest_create(struct env *e)
{
	struct se_image *img = calloc(1, sizeof(*img));
	uint64_t handle, cpu;

	assert_non_null(img);
	env_create(e);
	enable_sie(e);
	vmm_vcpus(&e->v, 1);
	assert_int_equal(init(e), UVC_RC_EXECUTED);
	handle = create(e);
	put(e, PAGES + 8, GUEST + PAGE_SIZE);
	cpu = create_cpu(e, handle);
	make_image(img);
	load(e, handle, img);
	free(img);
	start_cpu(e, cpu);
	describe(e, handle, cpu);
	prepare_cpu(e);
	return handle;
}

static void expect_guest_diag(struct env *e, uint8_t icpt, uint64_t function)
{
	const struct kvm_s390_sie_block *block = block_of(e);

	assert_int_equal(execute_sie(e), 0x501);
	assert_int_equal(block->icptcode, icpt);
	assert_int_equal(be16_get(block->ipa), 0x8302);
	assert_int_equal(be32_get(block->ipb), 0x50000000);
	assert_int_equal(be64_get(block->pv_grregs[5]), function);
}

/** expect_exception() - of the hypervisor at SIE, about the guest's far page */
static void expect_exception(struct env *e, uint16_t code)
{
	assert_int_equal(execute_sie(e), 0x502);
	assert_int_equal(word(e, 0x88) & 0xffff, code);
	assert_int_equal(word(e, 0x158), CODE);
	assert_int_equal(word(e, 0xa8) & PAGE_MASK, FAR * PAGE_SIZE);
}

static void a_protected_guest_runs(void **state)
{
	const struct kvm_s390_sie_block *block;
	struct env e;
	uint64_t handle = guest_create(&e);

	block = block_of(&e);
	expect_guest_diag(&e, ICPT_PV_NOTIFY, 0x44);
	assert_int_equal(be64_get(block->pv_grregs[3]), 0); /* none of the host's business */
	expect_exception(&e, 0x11);
	put(&e, PAGES + 8UL * FAR, GUEST + FAR * PAGE_SIZE);
	expect_exception(&e, 0x3e);
	assert_int_equal(import(&e, handle, FAR * PAGE_SIZE), UVC_RC_EXECUTED);
	expect_guest_diag(&e, ICPT_PV_NOTIFY, 0x9c);
	/* what it stored neither the hypervisor's VMM sees nor the hypervisor */
	assert_int_equal(word(&e, GUEST + FAR * PAGE_SIZE), 0);
	env_destroy(&e);
}

static void the_description_is_checked(void **state)
{
	struct kvm_s390_sie_block *block;
	struct kvm_sregs sregs;
	struct env e;

	guest_create(&e);
	block = block_of(&e);
	block->pv_handle_cpu = be64_make(be64_get(block->pv_handle_cpu) + 1);
	assert_int_equal(execute_sie(&e), 0x501);
	assert_int_equal(block->icptcode, ICPT_VALIDITY);
	assert_int_equal(be32_get(block->ipb) >> 16, 0x2002);
	block->pv_handle_cpu = be64_make(be64_get(block->pv_handle_cpu) - 1);
	assert_int_equal(cpu_ioctl(&e, KVM_GET_SREGS, &sregs), 0);
	sregs.crs[1] = ASCE & ~0x100UL;
	assert_int_equal(cpu_ioctl(&e, KVM_SET_SREGS, &sregs), 0);
	assert_int_equal(execute_sie(&e), 0x501);
	assert_int_equal(block->icptcode, ICPT_VALIDITY);
	assert_int_equal(be32_get(block->ipb) >> 16, 0x2004);
	env_destroy(&e);
}

/* An ordinary guest of the hypervisor finds what the hypervisor itself would find. */
static void an_ordinary_guest_has_no_secure_page(void **state)
{
	static const uint8_t code[] = {0x58, 0x20, 0x00, 0x00, 0x83, 0x00, 0x00, 0x44}; /* l 2,0 */
	struct kvm_s390_sie_block *block;
	struct kvm_sregs sregs;
	struct env e;

	guest_create(&e);
	block = block_of(&e);
	memset(block, 0, sizeof(*block));
	block->cpuflags = be32_make(CPUSTAT_ZARCH);
	block->mso = block->msl = be64_make(GUEST);
	block->gpsw_mask = be64_make(PSW64);
	block->gpsw_addr = be64_make(0x4000);
	block->gcr[0] = be64_make(0xe0);
	block->ckc = be64_make(UINT64_MAX);
	block->cputm = be64_make(INT64_MAX);
	memcpy(e.low + GUEST + 0x4000, code, sizeof(code));
	assert_int_equal(cpu_ioctl(&e, KVM_GET_SREGS, &sregs), 0);
	sregs.crs[1] = 0x20; /* the real space */
	assert_int_equal(cpu_ioctl(&e, KVM_SET_SREGS, &sregs), 0);
	assert_int_equal(execute_sie(&e), 0x502);
	assert_int_equal(word(&e, 0x88) & 0xffff, 0x3d);
	assert_int_equal(word(&e, 0xa8) & PAGE_MASK, GUEST);
	env_destroy(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_protected_guest_runs),
		cmocka_unit_test(the_description_is_checked),
		cmocka_unit_test(an_ordinary_guest_has_no_secure_page),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("uv-host-sie", tests, NULL, NULL);
}
