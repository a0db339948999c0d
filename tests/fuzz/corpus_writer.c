/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/make_corpus.h"

static const char *directory;
static uint8_t buffer[64 << 10];
static size_t used;

void save_below(const char *path)
{
	directory = path;
}

void put(const void *bytes, size_t n)
{
	fuzz_must(n <= sizeof(buffer) - used);
	if (n)
		memcpy(buffer + used, bytes, n);
	used += n;
}

void put_number(uint64_t v, size_t bytes)
{
	uint8_t b[8];

	for (size_t i = 0; i < bytes; i++)
		b[i] = (uint8_t)(v >> (8 * i));
	put(b, bytes);
}

void put_hex(const char *hex)
{
	unsigned int byte;

	for (; *hex; hex += *hex == ' ' ? 1 : 2) {
		if (*hex == ' ')
			continue;
		fuzz_must(sscanf(hex, "%2x", &byte) == 1);
		put_number(byte, 1);
	}
}

void save(const char *harness, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, harness);
	fuzz_must(!mkdir(path, 0777) || errno == EEXIST);
	snprintf(path, sizeof(path), "%s/%s/%s", directory, harness, name);
	f = fopen(path, "wb");
	if (!f || fwrite(buffer, 1, used, f) != used || fclose(f)) {
		perror(path);
		exit(1);
	}
	used = 0;
}
