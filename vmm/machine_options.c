// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/machine_options.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/seal.h"
#include "vmm/exit_code.h"
#include "vmm/size_arg.h"

#define COST_MAX_NS 1000000000U

static const char *const environment[MACHINE_OPTION_NR] = {
	[MACHINE_OPTION_MODEL] = "PROTVIRT_MODEL",
	[MACHINE_OPTION_HOST_KEY] = "PROTVIRT_HOST_KEY",
	[MACHINE_OPTION_UV_COST] = "PROTVIRT_UV_COST",
	[MACHINE_OPTION_ASYNC_DESTROY] = "PROTVIRT_ASYNC_DESTROY",
	[MACHINE_OPTION_HOLES] = "PROTVIRT_HOLES",
	[MACHINE_OPTION_TRACE] = "PROTVIRT_TRACE",
};

/* @name: as the user has given it, "--model" or "PROTVIRT_MODEL" */
static bool invalid(const struct command *command, const char *name, const char *value,
		    const char *valid)
{
	command_fail(command, EXIT_CODE_USAGE, "%s %s: %s", name, value, valid);
	return false;
}

static bool is_switch(const char *value)
{
	return !strcmp(value, "on") || !strcmp(value, "off");
}

/* As the machine will open it, but what is in it stays */
static bool can_be_written(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* A host-key document is what stands beside the key, and easily taken for it. */
static bool check_host_key(const struct command *command, const char *name, const char *path)
{
	EVP_PKEY *key = seal_load_private_key(path), *document;

	EVP_PKEY_free(key);
	if (key)
		return true;
	if (access(path, R_OK))
		return invalid(command, name, path, strerror(errno));
	document = seal_load_host_key_document(path);
	EVP_PKEY_free(document);
	return invalid(command, name, path,
		       document ? "is a host-key document, must be the private key (PEM) that "
				  "`protvirt host-key create` made beside it"
				: "must be a secp521r1 private key in PEM format, such as "
				  "`protvirt host-key create` makes");
}

static bool check(const struct command *command, enum machine_option option, const char *name,
		  const char *value)
{
	struct uv_cost cost;

	switch (option) {
	case MACHINE_OPTION_MODEL:
		return uv_model_find(value) ||
		       invalid(command, name, value, "must be z15, z16, z17 or proposal");
	case MACHINE_OPTION_HOST_KEY:
		return check_host_key(command, name, value);
	case MACHINE_OPTION_UV_COST:
		return !machine_options_read_cost(command, name, value, &cost);
	case MACHINE_OPTION_ASYNC_DESTROY:
	case MACHINE_OPTION_HOLES:
		return is_switch(value) || invalid(command, name, value, "must be on or off");
	case MACHINE_OPTION_TRACE:
		return can_be_written(value) || invalid(command, name, value, strerror(errno));
	case MACHINE_OPTION_NR:
		break;
	}
	return false;
}

bool machine_options_take(struct machine_options *o, const struct command *command, int option,
			  const char *value)
{
	static const struct option_row rows[] = {MACHINE_OPTION_ROWS(0)};
	char name[32];

	if (option == MACHINE_OPTION_HOLES)
		value = "on";
	assert(rows[option].key == option);
	snprintf(name, sizeof(name), "--%s", rows[option].name);
	o->values[option] = value;
	return check(command, (enum machine_option)option, name, value);
}

bool machine_options_import(struct machine_options *o, const struct command *command)
{
	for (int i = 0; i < MACHINE_OPTION_NR; i++) {
		if (o->values[i])
			continue;
		o->values[i] = getenv(environment[i]);
		if (o->values[i] &&
		    !check(command, (enum machine_option)i, environment[i], o->values[i]))
			return false;
	}
	return true;
}

/* Return: could a machine start so? If not, a line said why. */
static bool starts_machine(const struct machine_options *o, const struct command *command)
{
	struct machine_options all = *o;
	struct machine_setup setup;

	return machine_options_import(&all, command) &&
	       !machine_options_resolve(&all, command, &setup);
}

int machine_options_export(const struct machine_options *o, const struct command *command)
{
	const char *named = getenv("PROTVIRT_MACHINE");
	bool runs_already = named && *named;

	if (!runs_already && !starts_machine(o, command))
		return -1;
	for (int i = 0; i < MACHINE_OPTION_NR; i++) {
		if (!o->values[i])
			continue;
		if (runs_already) {
			command_fail(command, EXIT_CODE_USAGE,
				     "PROTVIRT_MACHINE names a machine that runs already; its "
				     "model, key and cost are options of `protvirt machine`");
			return -1;
		}
		setenv(environment[i], o->values[i], 1);
	}
	return 0;
}

static bool take_cost(struct uv_cost *cost, const char *name, const char *value)
{
	uint64_t *to = NULL;

	if (!strcmp(name, "page_ns"))
		to = &cost->page_ns;
	else if (!strcmp(name, "call_ns"))
		to = &cost->call_ns;
	return to && number_parse(value, 0, COST_MAX_NS, to);
}

int machine_options_read_cost(const struct command *command, const char *name, const char *path,
			      struct uv_cost *cost)
{
	char line[128], field[32], value[32], rest[2];
	unsigned int number = 0;
	FILE *file = fopen(path, "re");
	int rc = 0;

	if (!file) {
		invalid(command, name, path, strerror(errno));
		return -1;
	}
	while (!rc && fgets(line, sizeof(line), file)) {
		int n = sscanf(line, "%31s %31s %1s", field, value, rest);

		number++;
		if (n < 1 || *field == '#')
			continue;
		if (n != 2 || !take_cost(cost, field, value)) {
			command_fail(command, EXIT_CODE_USAGE,
				     "%s %s: line %u: must be page_ns or call_ns and a number up "
				     "to %u",
				     name, path, number, COST_MAX_NS);
			rc = -1;
		}
	}
	fclose(file);
	return rc;
}

/* A key that is not there is none: then no image can be started, but everything else works. */
static bool default_key(const struct command *command, struct machine_setup *setup)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

	if (data && *data)
		snprintf(setup->key_path, sizeof(setup->key_path), "%s/protvirt/host-key.pem",
			 data);
	else
		snprintf(setup->key_path, sizeof(setup->key_path),
			 "%s/.local/share/protvirt/host-key.pem", home ? home : "");
	if (access(setup->key_path, R_OK))
		return true;
	setup->params.host_key = setup->key_path;
	return check_host_key(command, "default host key", setup->key_path);
}

int machine_options_resolve(const struct machine_options *o, const struct command *command,
			    struct machine_setup *setup)
{
	const char *async_destroy = o->values[MACHINE_OPTION_ASYNC_DESTROY];

	*setup = (struct machine_setup){.params = MACHINE_PARAMS_DEFAULT};
	setup->params.model = o->values[MACHINE_OPTION_MODEL];
	setup->params.host_key = o->values[MACHINE_OPTION_HOST_KEY];
	setup->holes =
		o->values[MACHINE_OPTION_HOLES] && !strcmp(o->values[MACHINE_OPTION_HOLES], "on");
	setup->trace = o->values[MACHINE_OPTION_TRACE];
	setup->params.async_destroy = !async_destroy || !!strcmp(async_destroy, "off");
	if (!setup->params.host_key && !default_key(command, setup))
		return -1;
	if (o->values[MACHINE_OPTION_UV_COST])
		return machine_options_read_cost(command, "--uv-cost",
						 o->values[MACHINE_OPTION_UV_COST], &setup->cost);
	return 0;
}
