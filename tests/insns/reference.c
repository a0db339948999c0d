/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs cases from standard input and answers on standard output. An s390x program for qemu-user. */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "layout.h"

void run_case(void);
extern char run_case_back[];

/* Where signals arrive, in whatever addressing mode; goes on to on_signal() in the usual one */
void on_signal_any_mode(int nr);
void on_signal(int nr);

static sigjmp_buf trapped;

void on_signal(int nr)
{
	siglongjmp(trapped, nr);
}

static uint8_t *map(uintptr_t at, size_t size)
{
	void *p = mmap((void *)at, size, PROT_READ | PROT_WRITE | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (p == MAP_FAILED) {
		perror("reference: mmap");
		exit(1);
	}
	return p;
}

static void run(uint8_t *ctx)
{
	uint64_t back = (uint64_t)run_case_back;
	uint64_t nr;

	memcpy(ctx + CTX_EXIT, &back, sizeof(back));
	nr = (uint64_t)sigsetjmp(trapped, 1);
	alarm(2); /* nothing here takes long; a loop is reported as a signal */
	if (!nr)
		run_case();
	alarm(0);
	memcpy(ctx + CTX_SIGNAL, &nr, sizeof(nr));
}

int main(void)
{
	static const int signals[] = {SIGILL, SIGFPE, SIGSEGV, SIGBUS, SIGTRAP, SIGALRM};
	uint8_t *code = map(CODE_AT, CODE_SIZE);
	uint8_t *data = map(DATA_AT, 0x4000);
	uint8_t *ctx = data + (CTX_AT - DATA_AT);
	uint8_t wire[CASE_SIZE];

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], on_signal_any_mode);
	while (fread(wire, sizeof(wire), 1, stdin) == 1) {
		memset(data, 0, 0x4000);
		memcpy(code, wire, CODE_BYTES);
		memcpy(data, wire + CODE_BYTES, DATA_SIZE);
		memcpy(ctx, wire + CODE_BYTES + DATA_SIZE, CTX_SIZE);
		run(ctx);
		if (fwrite(data, DATA_SIZE, 1, stdout) != 1 ||
		    fwrite(ctx, CTX_SIZE, 1, stdout) != 1)
			return 1;
	}
	return fflush(stdout) ? 1 : 0;
}
