// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/options.h"
#include "vmm/commands.h"
#include "vmm/console.h"
#include "vmm/control.h"
#include "vmm/exit_code.h"
#include "vmm/ipl.h"
#include "vmm/machine_options.h"
#include "vmm/machine_query.h"
#include "vmm/manager.h"
#include "vmm/reboot_log.h"
#include "vmm/size_arg.h"
#include "vmm/stop_signals.h"
#include "vmm/vm.h"

#define MAX_CPUS    240U /* as many as fit into the SCLP's answer */
#define MIN_MEMORY  (2ULL << 20)
#define MAX_MEMORY  (512ULL << 30)
#define UNIT_MEMORY (1ULL << 20)

enum key {
	KEY_INITRD = OPTION_LONG,
	KEY_NAME,
	KEY_UUID,
	KEY_NESTED,
	KEY_TEARDOWN,
	KEY_TEARDOWN_NICE,
	KEY_REBOOTS,
	KEY_JSON,
	KEY_PROGRESS,
	KEY_UV_HOST,
	KEY_MACHINE, /* keys of machine_options begin here */
};

static const struct option_row options[] = {
	{'m', "mem", "SIZE", "guest memory: number with K, M, G or T, MiB without; 256M"},
	{'c', "cpus", "CPUS", "number of CPUs, 1 to 240; 1"},
	{'p', "params", "PARAMS", "parameter line of an ordinary guest"},
	{KEY_INITRD, "initrd", "FILE", "initial ramdisk of an ordinary guest"},
	{KEY_NAME, "name", "NAME", "what the guest is told as its name (STSI 3.2.2); KVMguest"},
	{KEY_UUID, "uuid", "UUID", "what the guest is told as its UUID; zeros"},
	{KEY_NESTED, "nested", NULL, "an ordinary guest may run guests of its own (SIE)"},
	{KEY_TEARDOWN, "teardown", "async|sync|both",
	 "destroy the old guest beside the new one, before it, or in turns; async"},
	{KEY_TEARDOWN_NICE, "teardown-nice", "N",
	 "nice value of the thread that destroys it beside the new one, 0 to 19 more; 19"},
	{KEY_REBOOTS, "reboots", "N", "shut down when the guest wants restart N+1"},
	{KEY_JSON, "json", "FILE", "append one JSON object for each reboot of a protected guest"},
	{KEY_PROGRESS, "progress", NULL, "show the old guest's frames while they are destroyed"},
	{KEY_UV_HOST, "uv-host", NULL,
	 "the guest is a hypervisor of protected guests, with an Ultravisor of its own"},
	MACHINE_OPTION_ROWS(KEY_MACHINE),
	{0},
};

static const struct command command = {
	.name = "protvirt run",
	.operands = "IMAGE",
	.summary = "Runs IMAGE: an ELF or raw s390x kernel, or a Secure Execution image.\n"
		   "The guest's console is standard output.",
	.options = options,
};

struct run {
	struct vm_params params;
	struct machine_options machine;
	const char *parameters;
	const char *initrd;
	const char *json;
	bool progress;
};

static bool invalid(const char *option, const char *value, const char *valid)
{
	command_fail(&command, EXIT_CODE_USAGE, "%s %s: not valid, must be %s", option, value,
		     valid);
	return false;
}

static bool take_memory(struct run *run, const char *value)
{
	uint64_t bytes;

	if (!size_parse(value, &bytes) || bytes < MIN_MEMORY || bytes > MAX_MEMORY ||
	    bytes % UNIT_MEMORY)
		return invalid("--mem", value, "a multiple of 1 MiB from 2M to 512G");
	run->params.memory_size = bytes;
	return true;
}

static bool take_cpus(struct run *run, const char *value)
{
	uint64_t cpus;

	if (!number_parse(value, 1, MAX_CPUS, &cpus))
		return invalid("--cpus", value, "a number from 1 to 240");
	run->params.nr_cpus = (unsigned int)cpus;
	return true;
}

static bool take_teardown(struct run *run, const char *value)
{
	static const char *const names[] = {
		[TEARDOWN_ASYNC] = "async",
		[TEARDOWN_SYNC] = "sync",
		[TEARDOWN_BOTH] = "both",
	};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(value, names[i])) {
			run->params.teardown = (enum vm_teardown)i;
			return true;
		}
	}
	return invalid("--teardown", value, "async, sync or both");
}

static bool take_teardown_nice(struct run *run, const char *value)
{
	uint64_t nice;

	if (!number_parse(value, 0, 19, &nice))
		return invalid("--teardown-nice", value, "a number from 0 to 19");
	run->params.teardown_nice = (unsigned int)nice;
	return true;
}

/* 32 hexadecimal digits, with dashes behind 8, 12, 16 and 20 of them */
static bool uuid_parse(const char *text, uint8_t uuid[16])
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	unsigned int digits = 0;

	if (strlen(text) != strlen(form))
		return false;
	for (size_t i = 0; form[i]; i++) {
		const char pair[] = {text[i], 0};

		if (form[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
		if (form[i] == '-')
			continue;
		uuid[digits / 2] =
			(uint8_t)((unsigned int)uuid[digits / 2] << 4 | strtoul(pair, NULL, 16));
		digits++;
	}
	return true;
}

static bool take(void *arg, int key, const char *value)
{
	struct run *run = arg;

	switch (key) {
	case 'm':
		return take_memory(run, value);
	case 'c':
		return take_cpus(run, value);
	case 'p':
		run->parameters = value;
		return true;
	case KEY_INITRD:
		run->initrd = value;
		return true;
	case KEY_NAME:
		run->params.name = value;
		return (*value && strlen(value) < 256) ||
		       invalid("--name", value, "1 to 255 bytes");
	case KEY_UUID:
		return uuid_parse(value, run->params.uuid) ||
		       invalid("--uuid", value, "such as 12345678-9abc-def0-1234-56789abcdef0");
	case KEY_NESTED:
		run->params.nested = true;
		return true;
	case KEY_TEARDOWN:
		return take_teardown(run, value);
	case KEY_TEARDOWN_NICE:
		return take_teardown_nice(run, value);
	case KEY_REBOOTS:
		return number_parse(value, 0, UINT64_MAX - 1, &run->params.max_reboots) ||
		       invalid("--reboots", value, "a number");
	case KEY_JSON:
		run->json = value;
		return true;
	case KEY_PROGRESS:
		run->progress = true;
		return true;
	case KEY_UV_HOST:
		run->params.uv_host = true;
		run->params.nested = true; /* to run what it creates */
		return true;
	default:
		return machine_options_take(&run->machine, &command, key - KEY_MACHINE, value);
	}
}

static void name_machine(const struct vm *vm, struct reboot_log *log)
{
	struct snapshot s;

	if (!machine_query(vm->machine_path, &s))
		reboot_log_machine(log, s.model, s.page_uvc_ns);
}

/*
 * A PERFORM that nobody waits for goes on until this process ends, and uses VM and console: then
 * they are not freed, but kept where a leak checker finds them even if it ends first.
 */
static void release(struct vm *vm, struct console *console, bool wait)
{
	static struct {
		struct vm *vm;
		struct console *console;
	} kept __attribute__((used));

	vm_end_cpus(vm); /* PERFORM needs none of them */
	if (wait)
		vm_wait_background(vm);
	if (vm_background_running(vm)) {
		kept.vm = vm;
		kept.console = console;
		return;
	}
	vm_destroy(vm);
	console_destroy(console);
}

static bool run_vm(const struct run *run, const struct boot_image *image, struct reboot_log *log,
		   struct console *console, struct vm_end *end)
{
	struct stop_signals *stop = stop_signals_open(); /* before there are other threads */
	struct vm *vm = stop ? vm_create(&run->params) : NULL;
	struct control *control;

	if (!vm) {
		stop_signals_close(stop);
		console_destroy(console);
		return false;
	}
	vm->image = image;
	vm->console = console;
	vm->log = log;
	name_machine(vm, log);
	control = control_open(vm);
	stop_signals_begin(stop, vm);
	manager_run(vm, end);
	stop_signals_end(stop);
	control_close(control);
	release(vm, console, log->out);
	stop_signals_close(stop);
	return true;
}

static int run_image(const struct run *run, const struct boot_image *image)
{
	static struct reboot_log log; /* outlives this function: see release() */
	struct console *console = console_create(run->progress);
	struct vm_end end = {.code = EXIT_CODE_HOST};
	int rc = reboot_log_open(&log, run->json);

	if (!console || rc) {
		console_destroy(console);
		return command_fail(&command, EXIT_CODE_USAGE, "--json %s: %s, must be writable",
				    run->json ? run->json : "", strerror(rc ? -rc : ENOMEM));
	}
	if (!run_vm(run, image, &log, console, &end)) {
		reboot_log_close(&log);
		return EXIT_CODE_HOST;
	}
	if (end.code != EXIT_CODE_OK)
		command_fail(&command, end.code, "%s", end.why);
	if (reboot_log_close(&log))
		return command_fail(&command, EXIT_CODE_HOST, "--json %s: not all was written",
				    run->json);
	return (int)end.code;
}

int cmd_run(int argc, char **argv)
{
	struct run run = {.params = {
				  .memory_size = 256ULL << 20,
				  .nr_cpus = 1,
				  .teardown = TEARDOWN_ASYNC,
				  .teardown_nice = 19,
				  .max_reboots = UINT64_MAX,
			  }};
	struct boot_image image;
	struct image_error err;
	int first, status = options_parse(&command, argc, argv, take, &run, &first);

	if (status >= 0)
		return status;
	if (argc - first != 1)
		return command_fail(&command, EXIT_CODE_USAGE, "%d operands, one IMAGE is needed",
				    argc - first);
	if (boot_image_read(argv[first], run.parameters, run.initrd, &image, &err))
		return command_fail(&command, EXIT_CODE_IMAGE, "%s", err.text);
	if (boot_image_end(&image) > run.params.memory_size)
		status = command_fail(
			&command, EXIT_CODE_IMAGE,
			"%s: %" PRIu64 " bytes do not fit into %" PRIu64 " MiB of memory, see -m",
			argv[first], boot_image_end(&image), run.params.memory_size >> 20);
	else if (machine_options_export(&run.machine, &command))
		status = EXIT_CODE_USAGE;
	else
		status = run_image(&run, &image);
	boot_image_free(&image);
	return status;
}
