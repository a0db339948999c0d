// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/guest.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/hold.h"
#include "bench/samples.h"
#include "protvirt/kvm.h"
#include "protvirt/protvirt.h"
#include "tests/life/host_key.h"
#include "tests/life/transport.h"

#define FIRST_STORE MIB /* where the guest of tests/life begins */

static struct life_image image;

static void check(int ret, const struct life *l, const char *what)
{
	if (ret < 0)
		errx(1, "%s: %s, rc 0x%x rrc 0x%x", what, strerror(-ret), l ? l->rc : 0,
		     l ? l->rrc : 0);
}

void bench_machine_start(const char *model)
{
	const struct transport_params params = {.model = model, .host_key = life_host_key()};

	check(transport_start(&params), NULL, "machine");
	check(life_image_build(&image, life_host_key()), NULL, "image");
}

void bench_image_use(const void *program, size_t len, size_t least_len)
{
	life_image_free(&image);
	if (program)
		check(life_image_build_of(&image, life_host_key(), program, len, least_len), NULL,
		      "image");
	else
		check(life_image_build_large(&image, life_host_key(), least_len), NULL, "image");
}

const struct life_image *bench_image(void)
{
	return &image;
}

void bench_machine_stop(void)
{
	life_image_free(&image);
	transport_stop();
}

static void be_client(const char *model, void (*fn)(const char *model))
{
	bench_machine_start(model);
	fn(model);
	bench_machine_stop();
	exit(fflush(NULL) ? 1 : 0);
}

void bench_on_machine(const char *model, void (*fn)(const char *model))
{
	int status;
	pid_t pid;

	life_host_key(); /* one for all of them */
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid)
		be_client(model, fn);
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	if (!status)
		return;
	life_host_key_remove();
	exit(1); /* it has said why */
}

void bench_machines_done(void)
{
	life_host_key_remove();
}

void guest_create(struct life *l, size_t bytes)
{
	check(life_create(l, bytes, 1), l, "guest");
}

size_t guest_secure_bytes(const struct life *l)
{
	return l->memory_len - FIRST_STORE;
}

void guest_start(struct life *l)
{
	check(life_load(l, &image), l, "start of the guest");
}

/* A store to a huge page gets all of it. */
void guest_first_start(struct life *l)
{
	hold_briefly(guest_secure_bytes(l));
	guest_start(l);
	for (size_t mib = 0; mib < guest_secure_bytes(l) / MIB; mib += 2)
		check(life_run(l, 1 | LIFE_SKIP(mib)), l, "guest");
}

double guest_touch(struct life *l, size_t skip_mib, size_t mib)
{
	uint64_t start = now_ns();

	check(life_run(l, mib * (MIB / 4096) | LIFE_SKIP(skip_mib)), l, "guest");
	return seconds_since(start);
}

void guest_touch_all(struct life *l)
{
	guest_touch(l, 0, guest_secure_bytes(l) / MIB);
}

void guest_fill(struct life *l)
{
	guest_start(l);
	guest_touch_all(l);
}

void guest_fill_half(struct life *l)
{
	guest_start(l);
	check(life_run(l, guest_secure_bytes(l) / 8192 | LIFE_EVERY_SECOND), l, "guest");
}

double guest_pv(struct life *l, uint32_t cmd)
{
	uint64_t start = now_ns();
	int ret = life_pv(l, cmd, NULL);
	double seconds = seconds_since(start);

	check(ret, l, "PV command");
	return seconds;
}

void guest_reset(struct life *l)
{
	if (protvirt_ioctl(l->vcpu[0], KVM_S390_CLEAR_RESET, 0))
		err(1, "reset");
}

void guest_set_cpu(struct life *l, uint32_t state)
{
	struct kvm_mp_state mp = {.mp_state = state};

	if (protvirt_ioctl(l->vcpu[0], KVM_SET_MP_STATE, (uintptr_t)&mp))
		err(1, "KVM_SET_MP_STATE");
}

void guest_unpack(struct life *l)
{
	struct kvm_s390_pv_sec_parm parm = {
		.origin = (uintptr_t)image.header,
		.length = image.header_len,
	};
	struct kvm_s390_pv_unp unp = {
		.addr = LIFE_GUEST_ADDR,
		.size = image.pages_len,
		.tweak = image.tweak_prefix,
	};

	check(life_pv(l, KVM_PV_SET_SEC_PARMS, &parm), l, "header");
	check(life_pv(l, KVM_PV_UNPACK, &unp), l, "unpack");
}

double guest_empty_ioctl(struct life *l, unsigned int calls)
{
	static struct samples s;

	s.n = 0;
	for (unsigned int i = 0; i < calls; i++) {
		uint64_t start = now_ns();

		if (protvirt_ioctl(l->vm, KVM_CHECK_EXTENSION, KVM_CAP_SYNC_REGS) < 0)
			err(1, "KVM_CHECK_EXTENSION");
		samples_add(&s, seconds_since(start));
	}
	return samples_median(&s);
}
