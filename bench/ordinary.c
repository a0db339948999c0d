/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A section of the benchmark in an ordinary guest, with DAT off.
 *
 * usage: ordinary IMAGE SECTION ROUNDS
 * Prints instructions, seconds of this thread's CPU time, result.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bench/layout.h"
#include "bench/measure.h"
#include "tests/unit/sie/fixture.h"

int main(int argc, char **argv)
{
	struct fx *f = fx_create();
	struct sie_stats stats;
	double start, seconds;
	FILE *file;

	if (argc != 4 || !(file = fopen(argv[1], "rb")) ||
	    !fread(f->mem + IMAGE_AT, 1, FX_SIZE - IMAGE_AT, file)) {
		fprintf(stderr, "usage: ordinary IMAGE SECTION ROUNDS\n");
		return 2;
	}
	fclose(file);
	fx_set8(f, PARAMETERS, strtoul(argv[2], NULL, 0));
	fx_set8(f, PARAMETERS + 8, strtoul(argv[3], NULL, 0));
	fx_psw(f, FX_PSW_MASK, IMAGE_AT);
	start = cpu_seconds();
	if (fx_run(f) != SIE_INTERCEPT || f->cpu[0].scb.icptcode != ICPT_WAIT) {
		fprintf(stderr, "ordinary: the guest did not end in a wait\n");
		return 1;
	}
	seconds = cpu_seconds() - start;
	sie_get_stats(f->cpu[0].sie, &stats);
	printf("%lu %.6f %016lx\n", (unsigned long)stats.instructions, seconds,
	       (unsigned long)fx_get8(f, PARAMETERS + 16));
	fx_destroy(f);
	return 0;
}
