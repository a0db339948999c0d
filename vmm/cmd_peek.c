// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/options.h"
#include "vmm/commands.h"
#include "vmm/control.h"
#include "vmm/exit_code.h"
#include "vmm/size_arg.h"

static const struct option_row options[] = {{0}};

static const struct command command = {
	.name = "protvirt peek",
	.operands = "PID ADDR",
	.summary = "Shows 64 bytes of guest storage at the hexadecimal address ADDR, as the\n"
		   "`protvirt run` with this process number finds them: a protected guest's\n"
		   "page is exported, and shown encrypted.",
	.options = options,
};

static bool take(void *arg, int key, const char *value)
{
	return false; /* there are no options of its own */
}

static bool address_parse(const char *text, uint64_t *address)
{
	char *end;

	errno = 0;
	*address = strtoull(text, &end, 16);
	return isxdigit((unsigned char)*text) && !*end && !errno;
}

static void show(const uint8_t bytes[CONTROL_PEEK_LEN])
{
	for (size_t i = 0; i < CONTROL_PEEK_LEN; i++)
		printf("%02x%s", bytes[i], i % 32 == 31 ? "  " : "");
	for (size_t i = 0; i < CONTROL_PEEK_LEN; i++)
		putchar(isprint(bytes[i]) ? bytes[i] : '.');
	putchar('\n');
}

int cmd_peek(int argc, char **argv)
{
	int first, rc, status = options_parse(&command, argc, argv, take, NULL, &first);
	uint8_t bytes[CONTROL_PEEK_LEN];
	uint64_t pid, address;

	if (status >= 0)
		return status;
	if (argc - first != 2 || !number_parse(argv[first], 1, INT_MAX, &pid) ||
	    !address_parse(argv[first + 1], &address))
		return command_fail(&command, EXIT_CODE_USAGE,
				    "a PID of `protvirt run` and a hexadecimal ADDR are needed");
	rc = control_send_peek((pid_t)pid, address, bytes);
	if (rc == -ENOENT)
		return command_fail(&command, EXIT_CODE_HOST,
				    "process %s is no `protvirt run` of this user", argv[first]);
	if (rc)
		return command_fail(&command, EXIT_CODE_HOST, "process %s, %s: %s", argv[first],
				    argv[first + 1],
				    rc == -ECONNRESET ? "not storage of its guest, or it has ended"
						      : strerror(-rc));
	show(bytes);
	return EXIT_CODE_OK;
}
