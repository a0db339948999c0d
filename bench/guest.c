// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/guest.h"

#include <err.h>
#include <errno.h>
#include <string.h>

#include "bench/samples.h"
#include "protvirt/kvm.h"
#include "protvirt/protvirt.h"
#include "tests/life/host_key.h"
#include "tests/life/transport.h"

#define FIRST_STORE MIB /* where the guest of tests/life begins */
#define EMPTY_CALLS 1001

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

void bench_machine_stop(void)
{
	life_image_free(&image);
	transport_stop();
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

void guest_fill(struct life *l)
{
	check(life_load(l, &image), l, "start of the guest");
	check(life_run(l, guest_secure_bytes(l) / 4096), l, "guest");
}

void guest_fill_half(struct life *l)
{
	check(life_load(l, &image), l, "start of the guest");
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

double guest_empty_ioctl(struct life *l)
{
	static struct samples s;

	s.n = 0;
	for (unsigned int i = 0; i < EMPTY_CALLS; i++) {
		uint64_t start = now_ns();

		if (protvirt_ioctl(l->vm, KVM_CHECK_EXTENSION, KVM_CAP_NR_VCPUS) < 0)
			err(1, "KVM_CHECK_EXTENSION");
		samples_add(&s, seconds_since(start));
	}
	return samples_median(&s);
}
