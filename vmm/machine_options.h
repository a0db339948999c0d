/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a machine is made: options of `protvirt machine`, and of `protvirt run` for the machine it
 * starts for itself. They reach that one through the environment.
 */
#ifndef VMM_MACHINE_OPTIONS_H
#define VMM_MACHINE_OPTIONS_H

#include <stdbool.h>

#include "image/options.h"
#include "kvm/machine.h"

/** enum machine_option - offsets to the first key */
enum machine_option {
	MACHINE_OPTION_MODEL,
	MACHINE_OPTION_HOST_KEY,
	MACHINE_OPTION_UV_COST,
	MACHINE_OPTION_ASYNC_DESTROY,
	MACHINE_OPTION_HOLES,
	MACHINE_OPTION_TRACE,
	MACHINE_OPTION_NR
};

/** MACHINE_OPTION_ROWS - their rows in a table of options, the keys beginning at @base */
#define MACHINE_OPTION_ROWS(base)                                                                  \
	{(base) + MACHINE_OPTION_MODEL, "model", "MODEL",                                          \
	 "machine model: z15, z16, z17 or proposal; z17"},                                         \
		{(base) + MACHINE_OPTION_HOST_KEY, "host-key", "FILE",                             \
		 "private host key (PEM); $XDG_DATA_HOME/protvirt/host-key.pem"},                  \
		{(base) + MACHINE_OPTION_UV_COST, "uv-cost", "FILE",                               \
		 "latencies of Ultravisor calls: lines \"page_ns N\", \"call_ns N\""},             \
		{(base) + MACHINE_OPTION_ASYNC_DESTROY, "async-destroy", "on|off",                 \
		 "offer asynchronous destroy; on"},                                                \
		{(base) + MACHINE_OPTION_HOLES, "holes", NULL,                                     \
		 "secure pages read as zeros instead of being exported on touch"},                 \
	{                                                                                          \
		(base) + MACHINE_OPTION_TRACE, "trace", "FILE",                                    \
			"write each instruction, interruption and interception; FILE is replaced"  \
	}

/** struct machine_options - values; NULL where not given */
struct machine_options {
	const char *values[MACHINE_OPTION_NR];
};

/**
 * machine_options_take() - one option of a command line
 * @option: its key without the base
 *
 * Return: is the value valid? If not, a line said why.
 */
bool machine_options_take(struct machine_options *o, const struct command *command, int option,
			  const char *value);

/**
 * machine_options_export() - hand them to the machine that this process will start
 *
 * Return: 0, or -1 if there will be none, as PROTVIRT_MACHINE names one or what the environment
 * says is not valid: a line said so.
 */
int machine_options_export(const struct machine_options *o, const struct command *command);

/**
 * machine_options_import() - values of the environment, where not given
 *
 * Return: are they valid? If not, a line said why.
 */
bool machine_options_import(struct machine_options *o, const struct command *command);

/**
 * struct machine_setup - the options' meaning
 * @trace: file of the trace of its guests, or NULL
 * @key_path: where params.host_key may point to
 */
struct machine_setup {
	struct machine_params params;
	struct uv_cost cost;
	bool holes;
	const char *trace;
	char key_path[4096];
};

/**
 * machine_options_resolve() - defaults, the key's place among them, and the cost file
 * Return: 0, or -1: a line said what is not valid.
 */
int machine_options_resolve(const struct machine_options *o, const struct command *command,
			    struct machine_setup *setup);

/**
 * machine_options_read_cost() - a file of --uv-cost
 * @name: of the option or variable that named it
 * Return: 0, or -1: a line said what is not valid.
 */
int machine_options_read_cost(const struct command *command, const char *name, const char *path,
			      struct uv_cost *cost);

#endif
