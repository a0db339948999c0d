// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How fast is an image unpacked and verified? UNPACK and VERIFY of images beside SHA-512 of the
 * same bytes on one thread. The memory that an image goes to is held by the machine.
 */
#include <err.h>

#include <openssl/evp.h>

#include "bench/background.h"
#include "bench/place.h"
#include "bench/report.h"
#include "tests/life/transport.h"

#define ROUNDS 7U

static struct samples unpack, sha512;
static const char *place;

static size_t image_bytes(void)
{
	return report_quick() ? 32 * MIB : 128 * MIB;
}

static double rate(double seconds)
{
	return (double)image_bytes() / (double)MIB / seconds;
}

static double hash_image(void)
{
	const struct life_image *image = bench_image();
	unsigned char digest[EVP_MAX_MD_SIZE];
	uint64_t start = now_ns();

	if (EVP_Digest(image->pages, image->pages_len, digest, NULL, EVP_sha512(), NULL) != 1)
		errx(1, "SHA-512");
	return rate(seconds_since(start));
}

static double unpack_image(struct life *l)
{
	double parts[REBOOT_PARTS];
	struct background b;

	guest_reboot(l, &b, parts);
	background_end(&b);
	return rate(parts[REBOOT_UNPACK] + parts[REBOOT_VERIFY]);
}

static void measure(const char *model)
{
	struct life l;

	bench_image_use(NULL, 0, image_bytes());
	guest_create(&l, image_bytes() + 16 * MIB);
	guest_start(&l);
	unpack_image(&l); /* from now on the memory is held */
	for (unsigned int i = 0; i < ROUNDS; i++) {
		report_progress("%s: %u of %u", place, i + 1, ROUNDS);
		samples_add(&sha512, hash_image());
		samples_add(&unpack, unpack_image(&l));
	}
	life_close(&l);
	report_row(&(struct result){
		.model = model,
		.what = "UNPACK and VERIFY",
		.figure = &unpack,
		.unit = "MiB/s",
		.limit = &sha512,
		.limit_name = "SHA-512",
		.aim = AIM_AT_LEAST,
		.target = 0.85,
		.place = place,
	});
}

int main(int argc, char **argv)
{
	report_open("unpack", "how fast is an image unpacked and verified?", argc, argv);
	if (place_count() > 1) {
		place = "any CPU";
		bench_on_machine("z17", measure);
	}
	place = "same CPU";
	place_thread(0, 0);
	bench_on_machine("z17", measure);
	bench_machines_done();
	return report_close();
}
