/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How fast is the engine? Runs bench/compute.c with DAT off.
 *
 * usage: engine IMAGE [ROUNDS]
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/sie/fixture.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int load(struct fx *f, const char *name)
{
	FILE *file = fopen(name, "rb");
	size_t n;

	if (!file) {
		perror(name);
		return -1;
	}
	n = fread(f->mem + FX_CODE, 1, FX_SIZE - FX_CODE, file);
	fclose(file);
	return n ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct fx *f = fx_create();
	struct sie_stats stats;
	double start, seconds;

	if (argc < 2 || load(f, argv[1])) {
		fprintf(stderr, "usage: engine IMAGE [ROUNDS]\n");
		return 2;
	}
	f->cpu[0].state.gprs[2] = argc > 2 ? strtoul(argv[2], NULL, 0) : 500;
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | 0x40000); /* AFP registers */
	fx_psw(f, FX_PSW_MASK, FX_CODE);
	start = now();
	if (fx_run(f) != SIE_INTERCEPT || f->cpu[0].scb.icptcode != ICPT_WAIT) {
		fprintf(stderr, "engine: the guest did not end in a wait\n");
		return 1;
	}
	seconds = now() - start;
	sie_get_stats(f->cpu[0].sie, &stats);
	printf("%lu instructions, %.2f s of CPU, %.0f MIPS, result %016lx\n",
	       (unsigned long)stats.instructions, seconds,
	       (double)stats.instructions / seconds * 1e-6, (unsigned long)f->cpu[0].state.gprs[2]);
	fx_destroy(f);
	return 0;
}
