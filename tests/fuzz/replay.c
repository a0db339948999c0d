/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a harness without libFuzzer: replay FILE-OR-DIRECTORY...
 *
 * Prints TAP, one case an input file. A finding ends the program, so the case
 * that did it is the one announced last, and it and those behind it are missing.
 */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

#define MAX_LEN (1UL << 20)

static unsigned int cases;

static void run_file(const char *path)
{
	uint8_t *data = malloc(MAX_LEN);
	FILE *f = fopen(path, "rb");
	uint8_t *exact;
	size_t n;

	if (!data || !f) {
		printf("Bail out! %s: %s\n", path, strerror(errno));
		exit(1);
	}
	n = fread(data, 1, MAX_LEN, f);
	fclose(f);
	/* As long as the input and no longer: a byte too far is found. */
	exact = malloc(n ? n : 1);
	if (!exact)
		exit(1);
	memcpy(exact, data, n);
	free(data);
	printf("# %s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	printf("ok %u - %s\n", ++cases, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
}

static int no_dots(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static void run_directory(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, no_dots, alphasort);
	char name[4096];

	if (n < 0) {
		printf("Bail out! %s: %s\n", path, strerror(errno));
		exit(1);
	}
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
		run_file(name);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	struct stat st;

	for (int i = 1; i < argc; i++) {
		if (!stat(argv[i], &st) && S_ISDIR(st.st_mode))
			run_directory(argv[i]);
		else
			run_file(argv[i]);
	}
	printf("1..%u\n", cases);
	if (!cases)
		fprintf(stderr, "replay: no input; name files or directories\n");
	return cases ? 0 : 1;
}
