// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/kernel_file.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETER_MARK 0x10008UL
#define CMDLINE_SIZE   0x10430UL

static int check_elf(const struct file_data *f, const Elf64_Ehdr *ehdr, const char *path,
		     struct image_error *err)
{
	uint64_t phoff, phnum;

	if (f->len < sizeof(*ehdr) || ehdr->e_ident[EI_CLASS] != ELFCLASS64 ||
	    ehdr->e_ident[EI_DATA] != ELFDATA2MSB || be16toh(ehdr->e_machine) != EM_S390 ||
	    be16toh(ehdr->e_type) != ET_EXEC)
		return image_fail(err, -EINVAL,
				  "%s: ELF file, but not an s390x executable (static, not PIE)",
				  path);
	phoff = be64toh(ehdr->e_phoff);
	phnum = be16toh(ehdr->e_phnum);
	if (be16toh(ehdr->e_phentsize) != sizeof(Elf64_Phdr) || phoff > f->len ||
	    phnum > (f->len - phoff) / sizeof(Elf64_Phdr))
		return image_fail(err, -EINVAL, "%s: ELF program headers are cut off", path);
	return 0;
}

static int check_segment(const struct file_data *f, const Elf64_Phdr *p, const char *path,
			 struct image_error *err)
{
	uint64_t addr = be64toh(p->p_paddr), offset = be64toh(p->p_offset);
	uint64_t filesz = be64toh(p->p_filesz), memsz = be64toh(p->p_memsz);

	if (addr < KERNEL_ADDR)
		return image_fail(err, -EINVAL,
				  "%s: segment at 0x%" PRIx64
				  ", kernels are linked at 0x%lx or above",
				  path, addr, KERNEL_ADDR);
	if (memsz > FILE_IO_MAX || addr > FILE_IO_MAX - memsz)
		return image_fail(err, -EFBIG, "%s: segment at 0x%" PRIx64 " ends above %lu MiB",
				  path, addr, FILE_IO_MAX >> 20);
	if (filesz > memsz || offset > f->len || filesz > f->len - offset)
		return image_fail(err, -EINVAL, "%s: segment at 0x%" PRIx64 " is cut off", path,
				  addr);
	return 0;
}

/* The program header @i, copied, as a file's bytes need not be aligned. */
static Elf64_Phdr segment(const struct file_data *f, const Elf64_Ehdr *ehdr, unsigned int i)
{
	Elf64_Phdr p;

	memcpy(&p, f->bytes + be64toh(ehdr->e_phoff) + i * sizeof(p), sizeof(p));
	return p;
}

static int measure(const struct file_data *f, const Elf64_Ehdr *ehdr, const char *path,
		   size_t *size, struct image_error *err)
{
	*size = 0;
	for (unsigned int i = 0; i < be16toh(ehdr->e_phnum); i++) {
		Elf64_Phdr p = segment(f, ehdr, i);
		size_t end = be64toh(p.p_paddr) + be64toh(p.p_memsz);
		int rc;

		if (be32toh(p.p_type) != PT_LOAD || !p.p_memsz)
			continue;
		rc = check_segment(f, &p, path, err);
		if (rc)
			return rc;
		if (end > *size)
			*size = end;
	}
	if (!*size)
		return image_fail(err, -EINVAL, "%s: ELF file without a segment to load", path);
	return 0;
}

static int lay_out(const struct file_data *f, const Elf64_Ehdr *ehdr, const char *path,
		   struct kernel_file *out, struct image_error *err)
{
	int rc = measure(f, ehdr, path, &out->raw.len, err);

	out->entry = be64toh(ehdr->e_entry);
	out->from_elf = true;
	if (rc)
		return rc;
	if (out->entry < KERNEL_ADDR || out->entry >= out->raw.len)
		return image_fail(err, -EINVAL, "%s: entry point 0x%" PRIx64 " is in no segment",
				  path, out->entry);
	out->raw.bytes = calloc(1, out->raw.len);
	if (!out->raw.bytes)
		return image_fail(err, -ENOMEM, "%s: no memory for %zu bytes", path, out->raw.len);
	for (unsigned int i = 0; i < be16toh(ehdr->e_phnum); i++) {
		Elf64_Phdr p = segment(f, ehdr, i);

		if (be32toh(p.p_type) == PT_LOAD)
			memcpy(out->raw.bytes + be64toh(p.p_paddr), f->bytes + be64toh(p.p_offset),
			       be64toh(p.p_filesz));
	}
	return 0;
}

static int load_elf(struct file_data *f, const char *path, struct kernel_file *out,
		    struct image_error *err)
{
	Elf64_Ehdr ehdr = {0};
	int rc;

	memcpy(&ehdr, f->bytes, f->len < sizeof(ehdr) ? f->len : sizeof(ehdr));
	rc = check_elf(f, &ehdr, path, err);
	if (!rc)
		rc = lay_out(f, &ehdr, path, out, err);
	file_free(f);
	return rc;
}

int kernel_file_load(const char *path, struct kernel_file *out, struct image_error *err)
{
	struct file_data f;
	int rc = file_read(path, &f, err);

	*out = (struct kernel_file){.entry = KERNEL_ADDR};
	if (rc)
		return rc;
	if (f.len >= SELFMAG && !memcmp(f.bytes, ELFMAG, SELFMAG))
		return load_elf(&f, path, out, err);
	if (f.len <= KERNEL_ADDR) {
		rc = image_fail(
			err, -EINVAL,
			"%s: %zu bytes, a raw kernel has more than 0x%lx (ELF is taken too)", path,
			f.len, KERNEL_ADDR);
		file_free(&f);
		return rc;
	}
	out->raw = f;
	return 0;
}

void kernel_file_free(struct kernel_file *k)
{
	file_free(&k->raw);
}

bool kernel_has_parameter_area(const struct kernel_file *k)
{
	return k->raw.len >= CMDLINE_SIZE + 8 &&
	       !memcmp(k->raw.bytes + PARAMETER_MARK, "S390EP", 6);
}

uint64_t kernel_cmdline_max(const struct kernel_file *k)
{
	uint64_t max = 0;

	if (k->raw.len >= CMDLINE_SIZE + sizeof(max))
		memcpy(&max, k->raw.bytes + CMDLINE_SIZE, sizeof(max));
	return max ? be64toh(max) : KERNEL_CMDLINE_DEFAULT;
}
