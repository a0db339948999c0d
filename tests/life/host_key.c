/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "image/error.h"
#include "image/host_key.h"
#include "tests/life/host_key.h"

static char dir[] = "/tmp/protvirt-life-XXXXXX";
static char path[sizeof(dir) + 32];

const char *life_host_key(void)
{
	struct image_error err;

	if (path[0])
		return path;
	if (!mkdtemp(dir) || host_key_create(dir, &err)) {
		perror("life_host_key");
		exit(99);
	}
	snprintf(path, sizeof(path), "%s/host-key.pem", dir);
	return path;
}

void life_host_key_remove(void)
{
	char document[sizeof(path)];

	snprintf(document, sizeof(document), "%s/host-key.crt", dir);
	unlink(path);
	unlink(document);
	rmdir(dir);
	path[0] = 0;
}
