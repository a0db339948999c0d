/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A section of the benchmark in a protected guest, with DAT off.
 *
 * usage: protected IMAGE SECTION ROUNDS
 * Prints instructions, seconds of this thread's CPU time, result.
 *
 * usage: protected touch ROUNDS
 * Prints pages and seconds: a store to each page that the guest has not got yet, the exit, its
 * import (CONVERT TO SECURE STORAGE, of a page exported before), the store again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/layout.h"
#include "bench/measure.h"
#include "tests/unit/sie/pv_rig.h"

#define GUEST_SIZE 0x100000UL

static void put_code(struct pv *pv, const uint8_t *image, size_t size)
{
	for (gpa_t at = 0; at < GUEST_SIZE; at += PAGE_SIZE)
		if (at > CODE)
			pv_import(pv, at);
	for (size_t at = 0; at < size; at += PAGE_SIZE)
		memcpy(pv_secure(pv, IMAGE_AT + at), image + at,
		       size - at < PAGE_SIZE ? size - at : PAGE_SIZE);
}

static int run_image(struct pv *pv, char **argv)
{
	uint8_t *image = calloc(1, GUEST_SIZE);
	FILE *file = fopen(argv[1], "rb");
	size_t size = file && image ? fread(image, 1, GUEST_SIZE - IMAGE_AT, file) : 0;
	struct sie_stats stats;
	double start, seconds;
	be64_t result;

	if (!size) {
		perror(argv[1]);
		return 2;
	}
	fclose(file);
	pv_start(pv, image, size < PAGE_SIZE ? size : PAGE_SIZE);
	put_code(pv, image, size);
	free(image);
	pv_set8(pv_secure(pv, PARAMETERS), strtoul(argv[2], NULL, 0));
	pv_set8(pv_secure(pv, PARAMETERS + 8), strtoul(argv[3], NULL, 0));
	start = cpu_seconds();
	if (pv_run(pv) != SIE_INTERCEPT || pv->cpu.scb->icptcode != ICPT_WAIT) {
		fprintf(stderr, "protected: the guest did not end in a wait\n");
		return 1;
	}
	seconds = cpu_seconds() - start;
	sie_get_stats(pv->sie, &stats);
	memcpy(&result, pv_secure(pv, PARAMETERS + 16), sizeof(result));
	printf("%lu %.6f %016lx\n", (unsigned long)stats.instructions, seconds,
	       (unsigned long)be64_get(result));
	return 0;
}

/* mvi 0(%r1),1; agr %r1,%r2; brctg %r3,.-8; lpswe 0(%r4): what is behind it is a wait */
static const uint8_t toucher[] = {0x92, 0x01, 0x10, 0x00, 0xb9, 0x08, 0x00, 0x12, 0xa7, 0x37, 0xff,
				  0xfc, 0xb2, 0xb2, 0x40, 0x00, 0x00, 0x02, 0x00, 0x01, 0x80, 0x00,
				  0x00, 0x00, 0,    0,    0,    0,    0,    0,    0,    0};

static bool export_page(struct pv *pv, gpa_t at)
{
	uint16_t rc = fx_frame_call(pv->f, UVC_CMD_CONV_FROM_SEC_STOR, fx_frame(pv->g, at));

	if (rc != UVC_RC_EXECUTED)
		fprintf(stderr, "protected: page %#lx cannot be exported: %#x\n", (unsigned long)at,
			rc);
	return rc == UVC_RC_EXECUTED;
}

static int touch(struct pv *pv, unsigned long rounds)
{
	const gpa_t first = 0x20000;
	unsigned long pages = 0;
	double start, seconds = 0;

	pv_start(pv, toucher, sizeof(toucher));
	while (rounds--) {
		pv->state->psw = (struct psw){PSW_MASK_64, CODE};
		pv->state->gprs[1] = first;
		pv->state->gprs[2] = PAGE_SIZE;
		pv->state->gprs[3] = (GUEST_SIZE - first) / PAGE_SIZE;
		pv->state->gprs[4] = CODE + 16;
		start = cpu_seconds();
		while (pv_run(pv) == SIE_FAULT) {
			pv_import(pv, pv->fault.gpa & PAGE_MASK);
			pages++;
		}
		seconds += cpu_seconds() - start;
		if (pv->cpu.scb->icptcode != ICPT_WAIT)
			return 1;
		for (gpa_t at = first; at < GUEST_SIZE; at += PAGE_SIZE)
			if (!export_page(pv, at))
				return 1;
		sie_purge(pv->vm, 0, GUEST_SIZE);
	}
	printf("%lu %.6f\n", pages, seconds);
	return 0;
}

int main(int argc, char **argv)
{
	void *state = NULL;
	int status = 2;

	pv_setup(&state);
	if (argc == 3 && !strcmp(argv[1], "touch"))
		status = touch(state, strtoul(argv[2], NULL, 0));
	else if (argc == 4)
		status = run_image(state, argv);
	else
		fprintf(stderr, "usage: protected IMAGE SECTION ROUNDS | protected touch ROUNDS\n");
	pv_teardown(&state);
	return status;
}
