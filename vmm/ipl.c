// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/ipl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "image/image_info.h"
#include "protvirt/protvirt.h"
#include "vmm/vcpu.h"

#define MIB            (1UL << 20)
#define PAGE_LEN       4096UL
#define INITRD_FIELDS  0x10408UL /* start and size, 8 bytes each */
#define COMMAND_LINE   0x10480UL
#define INITRD_LOWEST  0x800000UL
#define SHORT_PSW_ADDR 0x7fffffffU

/*
 * A raw file without "S390EP" says by its short PSW where it starts. An executable has nothing
 * below 0x10000, so that it cannot be taken for one.
 */
static uint64_t start_address(const struct kernel_file *kernel)
{
	be32_t word;

	memcpy(&word, kernel->raw.bytes + 4, sizeof(word));
	if (kernel_has_parameter_area(kernel) || !(be32_get(word) & SHORT_PSW_ADDR))
		return kernel->entry;
	return be32_get(word) & SHORT_PSW_ADDR;
}

static int check_parameters(const struct boot_image *image, const char *path,
			    struct image_error *err)
{
	size_t len = strlen(image->parameters);

	if (!len)
		return 0;
	if (image->is_protected)
		return image_fail(err, -EINVAL,
				  "%s: is a Secure Execution image, its parameters are inside of "
				  "it (protvirt image create --parmfile); -p cannot be used",
				  path);
	if (!kernel_has_parameter_area(&image->kernel))
		return image_fail(err, -EINVAL,
				  "%s: has no parameter area (\"S390EP\" at 0x10008), -p cannot "
				  "be used",
				  path);
	if (len >= kernel_cmdline_max(&image->kernel))
		return image_fail(err, -EINVAL, "-p: %zu characters, this kernel takes %lu", len,
				  kernel_cmdline_max(&image->kernel) - 1);
	return 0;
}

/* At 8 MiB, or where the kernel leaves it a gap of 1 MiB for what it clears behind itself. */
static uint64_t initrd_address(const struct kernel_file *kernel)
{
	uint64_t behind = (kernel->raw.len + 2 * MIB - 1) & -MIB;

	return behind > INITRD_LOWEST ? behind : INITRD_LOWEST;
}

static int read_initrd(struct boot_image *image, const char *path, const char *initrd,
		       struct image_error *err)
{
	if (image->is_protected)
		return image_fail(err, -EINVAL,
				  "%s: is a Secure Execution image, its ramdisk is inside of it "
				  "(protvirt image create --ramdisk); --initrd cannot be used",
				  path);
	if (!kernel_has_parameter_area(&image->kernel))
		return image_fail(err, -EINVAL,
				  "%s: has no parameter area (\"S390EP\" at 0x10008), --initrd "
				  "cannot be used",
				  path);
	image->initrd_addr = initrd_address(&image->kernel);
	return file_read(initrd, &image->initrd, err);
}

int boot_image_read(const char *path, const char *parameters, const char *initrd,
		    struct boot_image *image, struct image_error *err)
{
	struct image_view view;
	struct image_error none;
	int rc;

	*image = (struct boot_image){.parameters = parameters ? parameters : ""};
	rc = kernel_file_load(path, &image->kernel, err);
	if (rc)
		return rc;
	image->start = start_address(&image->kernel);
	image->is_protected = !image_open(&image->kernel.raw, &view, &none) && view.ipib;
	rc = check_parameters(image, path, err);
	if (!rc && image->start >= image->kernel.raw.len)
		rc = image_fail(err, -EINVAL,
				"%s: %zu bytes, but it starts at 0x%lx: cut off, or not a kernel",
				path, image->kernel.raw.len, image->start);
	if (!rc && initrd)
		rc = read_initrd(image, path, initrd, err);
	if (rc)
		boot_image_free(image);
	return rc;
}

void boot_image_free(struct boot_image *image)
{
	kernel_file_free(&image->kernel);
	file_free(&image->initrd);
}

uint64_t boot_image_end(const struct boot_image *image)
{
	return image->initrd.len ? image->initrd_addr + image->initrd.len : image->kernel.raw.len;
}

/* Punching a hole is cheap; where memory is not a file's, clearing is left. */
static void clear_storage(struct vm *vm)
{
	if (madvise(vm->memory, vm->params.memory_size, MADV_REMOVE))
		memset(vm->memory, 0, vm->params.memory_size);
}

/* The rest of the last page is cleared. */
static int copy_file(struct vm *vm, uint64_t addr, const struct file_data *file)
{
	size_t len = (file->len + PAGE_LEN - 1) & -PAGE_LEN;
	uint8_t *to = vm->memory + addr;

	if (protvirt_make_accessible(to, len))
		return -errno;
	/* By one call, where the kernel has it: a fault a page takes longer than the copy. */
	madvise(to, len, MADV_POPULATE_WRITE);
	memcpy(to, file->bytes, file->len);
	memset(to + file->len, 0, len - file->len);
	return 0;
}

static int copy_initrd(struct vm *vm)
{
	const struct boot_image *image = vm->image;
	const be64_t fields[] = {be64_make(image->initrd_addr), be64_make(image->initrd.len)};

	memcpy(vm->memory + INITRD_FIELDS, fields, sizeof(fields));
	return copy_file(vm, image->initrd_addr, &image->initrd);
}

static int copy_image(struct vm *vm)
{
	const struct boot_image *image = vm->image;
	char *command_line = (char *)vm->memory + COMMAND_LINE;
	int rc = copy_file(vm, 0, &image->kernel.raw);

	if (!rc && image->initrd.len)
		rc = copy_initrd(vm);
	if (rc)
		return rc;
	if (*image->parameters)
		memcpy(command_line, image->parameters, strlen(image->parameters) + 1);
	return 0;
}

static int reset_cpu(struct vcpu *vcpu)
{
	int rc = vcpu_set_mp_state(vcpu, KVM_MP_STATE_STOPPED);

	if (!rc)
		rc = (int)vcpu_ioctl(vcpu, KVM_S390_CLEAR_RESET, NULL);
	vcpu->job = VCPU_JOB_NONE;
	vcpu->run->kvm_dirty_regs = 0;
	vcpu_set_psw(vcpu, 0, 0);
	return rc;
}

int ipl_load(struct vm *vm, bool clear)
{
	int rc = vm_subsystem_reset(vm);
	for (unsigned int i = 0; i < vm->params.nr_cpus && !rc; i++)
		rc = reset_cpu(&vm->cpus[i]);
	if (!rc && clear)
		clear_storage(vm);
	if (!rc)
		rc = copy_image(vm);
	if (rc)
		return rc;
	vcpu_set_psw(&vm->cpus[0], PSW_MASK_64BIT, vm->image->start);
	return vcpu_set_mp_state(&vm->cpus[0], KVM_MP_STATE_OPERATING);
}
