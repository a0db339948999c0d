// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How fast is secure memory destroyed? PERFORM and DISABLE, dense and every second page, beside
 * clearing the same memory in place and beside giving it back to the kernel. VMM and machine have a
 * CPU each; dense memory of a smaller guest is measured with both on one as well.
 */
#include <err.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/clear.h"
#include "bench/guest.h"
#include "bench/hold.h"
#include "bench/place.h"
#include "bench/report.h"
#include "protvirt/kvm.h"

#define ROUNDS 5U

static struct samples clear1, clear2, half_clear, perform, disable, half_perform, half_disable;
static struct samples unmapped, small_back, huge_back, punched;

static unsigned int machine_cpu; /* the VMM's thread is on the first one */

/* Both on one CPU although there are more: only what is needed to see whether that matters */
static bool is_short(void)
{
	return report_quick() || (!machine_cpu && place_count() > 1);
}

static size_t memory(void)
{
	return is_short() ? 3 * GIB : 4 * GIB;
}

static double rate(size_t bytes, double seconds)
{
	return (double)bytes / (double)GIB / seconds;
}

static void measure_clear(size_t bytes)
{
	uint8_t *arena = arena_create(bytes);

	for (unsigned int i = 0; i < ROUNDS; i++) {
		report_progress("clear %u of %u", i + 1, ROUNDS);
		samples_add(&clear1, rate(bytes, clear_arena(arena, bytes, 1)));
		place_anywhere(0);
		samples_add(&clear2, rate(bytes, clear_arena(arena, bytes, 2)));
		place_thread(0, machine_cpu);
		samples_add(&half_clear, rate(bytes / 2, clear_half(arena, bytes)));
	}
	arena_free(arena, bytes);
}

static double give_back(uint8_t *bytes, size_t size)
{
	uint64_t start = now_ns();

	if (madvise(bytes, size, MADV_DONTNEED))
		err(1, "MADV_DONTNEED");
	return seconds_since(start);
}

static double unmap(uint8_t *bytes, size_t size)
{
	uint64_t start = now_ns();

	munmap(bytes, size);
	return seconds_since(start);
}

static uint8_t *small_pages(size_t size)
{
	uint8_t *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (bytes == MAP_FAILED)
		err(1, "%zu bytes", size);
	madvise(bytes, size, MADV_NOHUGEPAGE);
	hold_touch(bytes, size);
	return bytes;
}

static double punch(size_t size)
{
	int fd = memfd_create("bench", MFD_CLOEXEC);
	uint8_t *bytes;
	uint64_t start;
	double seconds;

	if (fd < 0 || ftruncate(fd, (off_t)size))
		err(1, "memfd");
	bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		err(1, "%zu bytes", size);
	hold_touch(bytes, size);
	start = now_ns();
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)size))
		err(1, "hole punch");
	seconds = seconds_since(start);
	munmap(bytes, size);
	close(fd);
	return seconds;
}

/* 1 GiB: what is given back has to be got again, and that is slow. */
static void measure_kernel(void)
{
	const size_t size = GIB;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint8_t *huge = arena_create(size), *small = small_pages(size);

		report_progress("giving back %u of %u", i + 1, ROUNDS);
		samples_add(&huge_back, rate(size, give_back(huge, size)));
		samples_add(&small_back, rate(size, give_back(small, size)));
		hold_touch(huge, size);
		samples_add(&unmapped, rate(size, unmap(huge, size)));
		munmap(small, size);
		samples_add(&punched, rate(size, punch(size)));
	}
}

/* What PREPARE destroys is not PERFORM's: only memory above 2 GiB counts. */
static double measure_perform(struct life *l, bool half)
{
	size_t bytes = l->memory_len - 2 * GIB;

	if (half)
		guest_fill_half(l);
	else
		guest_fill(l);
	guest_pv(l, KVM_PV_ASYNC_CLEANUP_PREPARE);
	double seconds = guest_pv(l, KVM_PV_ASYNC_CLEANUP_PERFORM);
	guest_reset(l);
	return rate(half ? bytes / 2 : bytes, seconds);
}

static double measure_disable(struct life *l, bool half)
{
	size_t bytes = guest_secure_bytes(l);

	if (half)
		guest_fill_half(l);
	else
		guest_fill(l);
	double seconds = guest_pv(l, KVM_PV_DISABLE);
	guest_reset(l);
	return rate(half ? bytes / 2 : bytes, seconds);
}

static void row(const char *what, const struct samples *figure, const struct samples *limit,
		const char *limit_name, enum aim aim, double target)
{
	report_row(&(struct result){
		.model = "z17",
		.what = what,
		.figure = figure,
		.unit = "GiB/s",
		.limit = limit,
		.limit_name = limit_name,
		.aim = aim,
		.target = target,
		.place = machine_cpu ? "other CPU" : "same CPU",
	});
}

static void measure_dense(struct life *l)
{
	perform.n = disable.n = 0;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		report_progress("dense, %u of %u", i + 1, ROUNDS);
		samples_add(&perform, measure_perform(l, false));
		samples_add(&disable, measure_disable(l, false));
	}
	row("PERFORM, dense", &perform, &clear1, "a one-thread clear", AIM_AT_LEAST, 0.8);
	row("DISABLE, dense", &disable, &clear1, "a one-thread clear", AIM_AT_LEAST, 0.8);
	row("DISABLE beside PERFORM, dense", &disable, &perform, "PERFORM", AIM_AT_MOST, 1.2);
}

static void measure_half(struct life *l)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		report_progress("every second page, %u of %u", i + 1, ROUNDS);
		samples_add(&half_perform, measure_perform(l, true));
		samples_add(&half_disable, measure_disable(l, true));
	}
	row("PERFORM, every second page", &half_perform, &half_clear, "a clear of these",
	    AIM_AT_LEAST, 0.8);
	row("DISABLE, every second page", &half_disable, &half_clear, "a clear of these",
	    AIM_AT_LEAST, 0.8);
}

static void measure_guest(const char *model)
{
	struct life l;

	place_thread(0, 0);
	guest_create(&l, memory());
	measure_dense(&l);
	if (machine_cpu || place_count() == 1)
		measure_half(&l);
	life_close(&l);
}

static void peer(const char *what, const struct samples *figure, const char *place)
{
	report_row(&(struct result){
		.model = "",
		.what = what,
		.figure = figure,
		.unit = "GiB/s",
		.place = place,
	});
}

int main(int argc, char **argv)
{
	report_open("destroy", "how fast is secure memory destroyed?", argc, argv);
	machine_cpu = place_count() > 1;
	place_thread(0, machine_cpu);
	measure_clear(memory());
	measure_kernel();
	bench_on_machine("z17", measure_guest);
	if (machine_cpu) {
		machine_cpu = 0;
		place_thread(0, machine_cpu);
		bench_on_machine("z17", measure_guest);
	}
	bench_machines_done();
	peer("wide clear, one thread", &clear1, "one CPU");
	peer("wide clear, two threads", &clear2, "any CPU");
	peer("wide clear of every second page", &half_clear, "one CPU");
	peer("munmap of huge pages", &unmapped, "one CPU");
	peer("MADV_DONTNEED of huge pages", &huge_back, "one CPU");
	peer("MADV_DONTNEED of 4 KiB pages", &small_back, "one CPU");
	peer("hole punched into a memfd", &punched, "one CPU");
	return report_close();
}
