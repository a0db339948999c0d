/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a protected guest as a VMM drives it, step by step, through the
 * public interface only. The suites kill and lifecycle are made of these steps.
 */
#ifndef TESTS_LIFE_LIFE_H
#define TESTS_LIFE_LIFE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIFE_MAX_CPUS   4
#define LIFE_GUEST_ADDR 0x10000UL

/**
 * struct life_image - SE header and encrypted pages of the guest program
 * @cck: communication key: opens dumps, which the header allows
 */
struct life_image {
	uint8_t *header;
	size_t header_len;
	uint8_t *pages;
	size_t pages_len;
	uint64_t tweak_prefix;
	uint8_t cck[32];
};

/**
 * struct life - a VM and what belongs to it
 * @memory: guest memory, @memory_len bytes from guest absolute 0
 * @run: kvm_run page of each CPU
 */
struct life {
	int kvm;
	int vm;
	int vcpu[LIFE_MAX_CPUS];
	struct kvm_run *run[LIFE_MAX_CPUS];
	unsigned int cpus;
	uint8_t *memory;
	size_t memory_len;
	uint16_t rc;
	uint16_t rrc;
};

/**
 * life_image_build() - an image of tests/life/guest.S for the machine with this host key
 * @host_key: PEM file of the private key; only its public part is used
 *
 * Return: 0 or -errno.
 */
int life_image_build(struct life_image *image, const char *host_key);

/**
 * life_image_build_of() - the same of another program, and at least so large
 * @program: @program_len bytes, position independent, or linked for LIFE_GUEST_ADDR
 * @least_len: bytes of the image; behind the program are zeros
 *
 * Return: 0 or -errno.
 */
int life_image_build_of(struct life_image *image, const char *host_key, const void *program,
			size_t program_len, size_t least_len);

/** life_image_build_large() - life_image_build(), with zeros behind the program up to @least_len */
int life_image_build_large(struct life_image *image, const char *host_key, size_t least_len);
void life_image_free(struct life_image *image);

/**
 * life_create() - VM, memory limit, slot and CPUs
 *
 * The limit is 4 GiB, or @memory_len if that is more.
 *
 * Return: 0 or -errno.
 */
int life_create(struct life *l, size_t memory_len, unsigned int cpus);

/** life_pv() - a KVM_S390_PV_COMMAND with rc and rrc cleared before; repeats -EINTR */
int life_pv(struct life *l, uint32_t cmd, void *data);

/** life_put_image() - the image's pages into guest memory */
void life_put_image(struct life *l, const struct life_image *image);

/** life_start() - ENABLE, SET_SEC_PARMS, UNPACK, VERIFY, CPU 0 to the load state */
int life_start(struct life *l, const struct life_image *image);

/** life_load() - life_put_image(), then life_start() */
int life_load(struct life *l, const struct life_image *image);

/** life_run_to_diag() - run CPU 0 until it shows DIAG 500. Return: as life_run() */
int life_run_to_diag(struct life *l);

/**
 * life_run() - run CPU 0 of the protected guest until it shows DIAG 500
 *
 * The guest stores to each page of @pages pages from 1 MiB on, then issues the DIAG. With
 * LIFE_EVERY_SECOND added to @pages, it leaves out one page behind each; with LIFE_SKIP(mib), it
 * begins so much later.
 *
 * Return: 0; -errno of KVM_RUN; -EPROTO: another exit.
 */
int life_run(struct life *l, uint64_t pages);
#define LIFE_EVERY_SECOND (1UL << 32)
#define LIFE_SKIP(mib)    ((uint64_t)(mib) << 40)

/** LIFE_DUMP_UNIT - bytes of a CPU, of the storage state of 1 MiB, and of the end of a dump */
#define LIFE_DUMP_UNIT 4096U

/*
 * A dump, step by step: the guest does not run from life_dump_init() to life_dump_complete().
 * Return: 0 or -errno; -EPROTO if the machine asks for other lengths.
 */
int life_dump_init(struct life *l);
int life_dump_cpu(struct life *l, unsigned int id, uint8_t out[LIFE_DUMP_UNIT]);
int life_dump_complete(struct life *l, uint8_t out[LIFE_DUMP_UNIT]);

/** life_dump_states() - storage state of the first @mib MiB: LIFE_DUMP_UNIT bytes each */
int life_dump_states(struct life *l, uint8_t *out, size_t mib);

/** life_close() - every descriptor and the memory; all are optional */
void life_close(struct life *l);

#endif
