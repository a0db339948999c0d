/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machine models: which firmware level brought which call is not public, so the bundles are ours.
 */
#include <string.h>

#include "uv/ultravisor.h"

#define FEATURES_Z16 (UV_FEATURE_DESTROY_FAST | UV_FEATURE_MISC)
#define FEATURES_Z17 (FEATURES_Z16 | UV_FEATURE_QUERY_KEYS)

static const struct uv_model models[] = {
	{"z15", 0},
	{"z16", FEATURES_Z16},
	{"z17", FEATURES_Z17},
	{"proposal", FEATURES_Z17 | UV_FEATURE_CONDEMN},
};

#define DEFAULT_MODEL "z17"

const struct uv_model *uv_model_find(const char *name)
{
	if (!name)
		name = DEFAULT_MODEL;
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		if (!strcmp(models[i].name, name))
			return &models[i];
	}
	return NULL;
}
