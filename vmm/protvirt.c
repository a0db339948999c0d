// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "image/commands.h"
#include "vmm/commands.h"
#include "vmm/exit_code.h"

struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage;
};

static const struct verb verbs[] = {
	{"run", cmd_run, "run a guest, protected or not"},
	{"reset", cmd_reset, "restart the guest of a running VMM from outside"},
	{"peek", cmd_peek, "show guest storage as a running VMM finds it"},
	{"machine", cmd_machine, "be a machine that many VMMs use"},
	{"status", cmd_status, "count what exists on a machine"},
	{"trace", cmd_trace, "show what happened on a machine, call by call"},
	{"wait", cmd_wait, "wait until old guests are torn down"},
	{"inject", cmd_inject, "let calls, allocations and copies of a machine fail"},
	{"model", cmd_model, "compute how long reboots take, from latencies of a real machine"},
	{"report", cmd_report, "sum up the lines of test campaigns"},
	{"doctor", cmd_doctor, "say what works here, why not, and what to do"},
	{"image", cmd_image, "make and check Secure Execution images"},
	{"host-key", cmd_host_key, "make a machine's host key and its document"},
};

#define NUM_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static int help(void)
{
	puts("Usage: protvirt VERB [OPTION]... [ARGUMENT]...\n\n"
	     "Runs, reboots and destroys IBM Z protected guests on a simulated machine.\n\nVerbs:");
	for (size_t i = 0; i < NUM_VERBS; i++)
		printf("  %-10s %s\n", verbs[i].name, verbs[i].usage);
	puts("\n  -h, --help     show this text; `protvirt VERB --help` tells more\n"
	     "  -v, --version  show the version\n\nExit status:");
	for (enum exit_code code = EXIT_CODE_OK; code < EXIT_CODE_NR; code++)
		printf("  %u  %s\n", code, exit_code_text(code));
	return EXIT_CODE_OK;
}

static int unknown(const char *what, const char *name)
{
	fprintf(stderr, "protvirt: %s \"%s\" is not known; valid are:", what, name);
	for (size_t i = 0; i < NUM_VERBS; i++)
		fprintf(stderr, " %s", verbs[i].name);
	fputs("; see protvirt --help\n", stderr);
	return EXIT_CODE_USAGE;
}

static int general_option(const char *option)
{
	if (!strcmp(option, "-h") || !strcmp(option, "--help"))
		return help();
	if (!strcmp(option, "-v") || !strcmp(option, "--version")) {
		puts("protvirt " PROTVIRT_VERSION);
		return EXIT_CODE_OK;
	}
	return unknown("option", option);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fputs("protvirt: a verb is needed; see protvirt --help\n", stderr);
		return EXIT_CODE_USAGE;
	}
	if (argv[1][0] == '-')
		return general_option(argv[1]);
	for (size_t i = 0; i < NUM_VERBS; i++)
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(argc - 1, argv + 1);
	return unknown("verb", argv[1]);
}
