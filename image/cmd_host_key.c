// SPDX-License-Identifier: GPL-2.0-or-later
/* protvirt host-key create DIR */
#include <stdio.h>
#include <string.h>

#include "image/commands.h"
#include "image/host_key.h"
#include "image/options.h"

static const struct option_row no_options[] = {{0}};

static const struct command host_key = {
	"protvirt host-key",
	"create DIR",
	"Make the key pair of a simulated machine and its host-key document.",
	no_options,
};

static const struct command create = {
	"protvirt host-key create",
	"DIR",
	"Make DIR/host-key.pem, the machine's private key, and DIR/host-key.crt, the document\n"
	"that images for this machine are made with. DIR is made if it is missing; existing\n"
	"files are not touched.",
	no_options,
};

static bool no_option(void *arg, int key, const char *value)
{
	return false;
}

static int host_key_verb(int argc, char **argv)
{
	struct image_error err;
	int first, status = options_parse(&create, argc, argv, no_option, NULL, &first);

	if (status >= 0)
		return status;
	if (argc - first != 1)
		return command_fail(&create, 2, "one directory is needed; see --help");
	if (host_key_create(argv[first], &err))
		return command_fail(&create, 1, "%s", err.text);
	printf("%s/host-key.pem  private key, for the machine only\n", argv[first]);
	printf("%s/host-key.crt  host-key document, for making images\n", argv[first]);
	return 0;
}

int cmd_host_key(int argc, char **argv)
{
	int first, status;

	if (argc > 1 && !strcmp(argv[1], "create"))
		return host_key_verb(argc - 1, argv + 1);
	if (argc > 1 && argv[1][0] != '-')
		return command_fail(&host_key, 2, "no verb '%s', valid is: create", argv[1]);
	status = options_parse(&host_key, argc, argv, no_option, NULL, &first);
	return status >= 0 ? status : command_fail(&host_key, 2, "no verb given, valid is: create");
}
