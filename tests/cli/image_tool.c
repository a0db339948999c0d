// SPDX-License-Identifier: GPL-2.0-or-later
/* The image commands alone, so that their tests need no machine. */
#include <stdio.h>
#include <string.h>

#include "image/commands.h"

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "image"))
		return cmd_image(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "host-key"))
		return cmd_host_key(argc - 1, argv + 1);
	fprintf(stderr, "usage: %s image|host-key ...\n", argv[0]);
	return 2;
}
