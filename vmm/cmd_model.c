// SPDX-License-Identifier: GPL-2.0-or-later
/* protvirt model: reboots as a real machine would time them, computed and not run. */
#include <inttypes.h>
#include <stdio.h>

#include "image/options.h"
#include "vmm/commands.h"
#include "vmm/exit_code.h"
#include "vmm/json.h"
#include "vmm/machine_options.h"
#include "vmm/reboot_cost.h"
#include "vmm/size_arg.h"

#define GIB       (1ULL << 30)
#define LEAST     GIB
#define MOST      (1024 * GIB)
#define IMAGE_MAX GIB /* it fits into the least guest */
#define CPUS_MAX  240U
#define NS_PER_MS 1000000U

enum key {
	KEY_UV_COST = OPTION_LONG,
	KEY_MODEL,
	KEY_IMAGE,
	KEY_JSON,
};

static const struct option_row options[] = {
	{KEY_UV_COST, "uv-cost", "FILE", "latencies of Ultravisor calls, as of protvirt machine"},
	{KEY_MODEL, "model", "MODEL", "machine model: z15, z16, z17 or proposal; all"},
	{'c', "cpus", "CPUS", "number of CPUs of the guest, 1 to 240; 1"},
	{KEY_IMAGE, "image", "SIZE", "size of the guest's image, up to 1G; 64M"},
	{KEY_JSON, "json", NULL, "one JSON object a size"},
	{0},
};

static const struct command command = {
	.name = "protvirt model",
	.operands = "",
	.summary =
		"Computes how long reboots of guests from 1 GiB to 1 TiB take on a machine with\n"
		"these latencies. Nothing is run.",
	.options = options,
};

struct model_command {
	const char *cost_path;
	const char *model;
	struct reboot_shape shape;
	struct uv_cost cost;
	bool json;
};

static bool invalid(const char *option, const char *value, const char *valid)
{
	command_fail(&command, EXIT_CODE_USAGE, "--%s %s: not valid, must be %s", option, value,
		     valid);
	return false;
}

static bool take(void *arg, int key, const char *value)
{
	struct model_command *m = arg;

	switch (key) {
	case KEY_UV_COST:
		m->cost_path = value;
		return true;
	case KEY_MODEL:
		m->model = value;
		return uv_model_find(value) || invalid("model", value, "z15, z16, z17 or proposal");
	case 'c':
		return number_parse(value, 1, CPUS_MAX, &m->shape.cpus) ||
		       invalid("cpus", value, "a number from 1 to 240");
	case KEY_IMAGE:
		return (size_parse(value, &m->shape.image) && m->shape.image &&
			m->shape.image <= IMAGE_MAX) ||
		       invalid("image", value, "a size up to 1G");
	default:
		m->json = true;
		return true;
	}
}

static bool put_json(const struct model_command *m, const char *model, uint64_t memory,
		     const struct reboot_cost *c)
{
	struct json j;

	json_begin(&j, stdout);
	json_string(&j, "model", model);
	json_bool(&j, "modelled", true);
	json_number(&j, "page_ns", m->cost.page_ns);
	json_number(&j, "call_ns", m->cost.call_ns);
	json_number(&j, "memory_bytes", memory);
	json_number(&j, "image_bytes", m->shape.image);
	json_number(&j, "cpus", m->shape.cpus);
	json_number(&j, "sync_teardown_ns", c->sync_teardown);
	json_number(&j, "async_teardown_ns", c->async_teardown);
	json_number(&j, "background_ns", c->background);
	json_number(&j, "start_ns", c->start);
	return !json_finish(&j);
}

static double ms(uint64_t ns)
{
	return (double)ns / NS_PER_MS;
}

static bool put_line(const char *model, uint64_t memory, const struct reboot_cost *c)
{
	return printf("%-9s %5" PRIu64 " GiB %14.3f %14.3f %14.3f %14.3f  modelled\n", model,
		      (uint64_t)(memory / GIB), ms(c->sync_teardown + c->start),
		      ms(c->async_teardown + c->start), ms(c->async_teardown),
		      ms(c->background)) >= 0;
}

static bool put_model(struct model_command *m, const char *name)
{
	bool ok = true;

	for (uint64_t memory = LEAST; ok && memory <= MOST; memory *= 2) {
		struct reboot_cost cost;

		m->shape.memory = memory;
		reboot_cost_compute(&m->shape, uv_model_find(name), &m->cost, &cost);
		ok = m->json ? put_json(m, name, memory, &cost) : put_line(name, memory, &cost);
	}
	return ok;
}

static int compute(struct model_command *m)
{
	static const char *const names[] = {"z15", "z16", "z17", "proposal"};
	bool ok = true;

	if (!m->json)
		printf("%-9s %9s %14s %14s %14s %14s  ms\n", "model", "memory", "reboot, sync",
		       "reboot, async", "of it, PREPARE", "PERFORM");
	if (m->model)
		ok = put_model(m, m->model);
	for (unsigned int i = 0; !m->model && ok && i < sizeof(names) / sizeof(names[0]); i++)
		ok = put_model(m, names[i]);
	if (!ok || fflush(stdout))
		return command_fail(&command, EXIT_CODE_HOST,
				    "standard output: not all was written");
	return EXIT_CODE_OK;
}

int cmd_model(int argc, char **argv)
{
	struct model_command m = {.shape = {.image = 64 << 20, .cpus = 1}};
	int first, status = options_parse(&command, argc, argv, take, &m, &first);

	if (status >= 0)
		return status;
	if (first != argc)
		return command_fail(&command, EXIT_CODE_USAGE, "%s: no operand is taken",
				    argv[first]);
	if (!m.cost_path)
		return command_fail(&command, EXIT_CODE_USAGE, "--uv-cost FILE is needed");
	if (machine_options_read_cost(&command, "--uv-cost", m.cost_path, &m.cost))
		return EXIT_CODE_USAGE;
	return compute(&m);
}
