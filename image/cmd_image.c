// SPDX-License-Identifier: GPL-2.0-or-later
/* protvirt image VERB */
#include "image/cmd_image.h"

#include <string.h>

#include "image/commands.h"
#include "image/options.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} verbs[] = {
	{"create", image_create_verb},
	{"info", image_info_verb},
};

static const struct option_row no_options[] = {{0}};

static const struct command image = {
	"protvirt image",
	"create|info ...",
	"Make a Secure Execution image (create), show and check one (info).",
	no_options,
};

static bool no_option(void *arg, int key, const char *value)
{
	return false;
}

int cmd_image(int argc, char **argv)
{
	int first, status;

	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(argc - 1, argv + 1);
	}
	if (argc > 1 && argv[1][0] != '-')
		return command_fail(&image, 2, "no verb '%s', valid are: create, info", argv[1]);
	status = options_parse(&image, argc, argv, no_option, NULL, &first);
	return status >= 0 ? status
			   : command_fail(&image, 2, "no verb given, valid are: create, info");
}
