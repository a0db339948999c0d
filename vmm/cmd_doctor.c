// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/userfaultfd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "image/options.h"
#include "vmm/commands.h"
#include "vmm/exit_code.h"
#include "vmm/machine_options.h"

#ifndef USERFAULTFD_IOC_NEW /* Linux 6.1 */
#define USERFAULTFD_IOC_NEW _IO(0xAA, 0x00)
#endif

#define MIN_FILES     1024U
#define MIN_AVAILABLE (1ULL << 30)

static const struct option_row options[] = {{0}};

static const struct command command = {
	.name = "protvirt doctor",
	.operands = "",
	.summary = "Says what of this program works on this host, and what to do about the rest.\n"
		   "The exit status is 1 if something that every guest needs is missing.",
	.options = options,
};

/* One finding: what, how it is, and what to do if it is not as it could be. */
static void tell(const char *what, const char *state, const char *why, const char *todo)
{
	printf("%-22s %-9s %s\n", what, state, why);
	if (todo)
		printf("%-32s -> %s\n", "", todo);
}

static int open_userfaultfd(unsigned int flags)
{
	long fd = syscall(SYS_userfaultfd, O_CLOEXEC | flags);

	if (fd >= 0)
		close((int)fd);
	return fd >= 0 ? 0 : errno;
}

/* The second way to traps of system calls; its file permissions say who may go it. */
static bool open_device(void)
{
	int device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC), fd;

	if (device < 0)
		return false;
	fd = ioctl(device, USERFAULTFD_IOC_NEW, O_CLOEXEC);
	close(device);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool check_traps(void)
{
	int user;

	if (!open_userfaultfd(0)) {
		tell("traps on secure pages", "active", "userfaultfd is allowed", NULL);
		return true;
	}
	if (open_device()) {
		tell("traps on secure pages", "active", "/dev/userfaultfd may be opened", NULL);
		return true;
	}
	user = open_userfaultfd(UFFD_USER_MODE_ONLY);
	if (!user)
		tell("traps on secure pages", "partly",
		     "for accesses of the VMM, not of system calls",
		     "sysctl vm.unprivileged_userfaultfd=1, CAP_SYS_PTRACE, or access to "
		     "/dev/userfaultfd");
	else
		tell("traps on secure pages", "off", strerror(user),
		     "the VMM reads zeros (holes mode). In a container: allow userfaultfd in the "
		     "seccomp profile");
	return true;
}

/* The word in brackets is the one that is chosen. */
static bool read_choice(const char *path, char *choice, size_t size)
{
	char line[128] = "", *start, *end;
	FILE *file = fopen(path, "re");

	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		*line = 0;
	fclose(file);
	start = strchr(line, '[');
	end = start ? strchr(start, ']') : NULL;
	if (!end)
		return false;
	*end = 0;
	snprintf(choice, size, "%s", start + 1);
	return true;
}

static bool check_huge_pages(void)
{
	char choice[32];

	if (!read_choice("/sys/kernel/mm/transparent_hugepage/enabled", choice, sizeof(choice)))
		tell("huge pages", "off", "the kernel has no transparent huge pages",
		     "secure storage works, but is slower to clear");
	else if (!strcmp(choice, "never"))
		tell("huge pages", "off", "switched off: never",
		     "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled");
	else
		tell("huge pages", "active", choice, NULL);
	return true;
}

static bool check_memory(void)
{
	struct rlimit limit;
	struct sysinfo info;
	char text[80];
	uint64_t available;

	if (!getrlimit(RLIMIT_AS, &limit) && limit.rlim_cur != RLIM_INFINITY) {
		snprintf(text, sizeof(text), "address space is limited to %lu MiB",
			 (unsigned long)limit.rlim_cur >> 20);
		tell("memory", "limited", text,
		     "ulimit -v unlimited: storage is reserved at twice the guest's size");
	}
	if (sysinfo(&info))
		return true;
	available = ((uint64_t)info.freeram + info.bufferram) * info.mem_unit;
	snprintf(text, sizeof(text), "%" PRIu64 " MiB free of %" PRIu64 " MiB", available >> 20,
		 (uint64_t)info.totalram * info.mem_unit >> 20);
	tell("memory", available < MIN_AVAILABLE ? "low" : "enough", text,
	     available < MIN_AVAILABLE ? "a guest needs as much as it touches; use -m" : NULL);
	return true;
}

/* A container's limit does not show in the system's counts. */
static bool check_cgroup(void)
{
	static const char *const paths[] = {"/sys/fs/cgroup/memory.max",
					    "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
	char line[64] = "";
	FILE *file = NULL;

	for (size_t i = 0; i < 2 && !file; i++)
		file = fopen(paths[i], "re");
	if (file && !fgets(line, sizeof(line), file))
		*line = 0;
	if (file)
		fclose(file);
	line[strcspn(line, "\n")] = 0;
	if (!*line || !strcmp(line, "max") || strlen(line) > 18)
		tell("memory control group", "open", "no limit", NULL);
	else
		tell("memory control group", "limited", line, "guests beyond it are killed");
	return true;
}

static bool check_files(void)
{
	struct rlimit limit;
	char text[80];

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return true;
	snprintf(text, sizeof(text), "%lu descriptors", (unsigned long)limit.rlim_cur);
	tell("open files", limit.rlim_cur < MIN_FILES ? "few" : "enough", text,
	     limit.rlim_cur < MIN_FILES ? "ulimit -n 4096: VMs, CPUs and threads need some each"
					: NULL);
	return true;
}

static bool check_memfd(void)
{
	int fd = memfd_create("protvirt-doctor", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0) {
		tell("guest memory", "missing", strerror(errno), "memfd_create is needed");
		return false;
	}
	close(fd);
	tell("guest memory", "active", "sealed memory files work", NULL);
	return true;
}

static bool check_host_key(void)
{
	struct machine_options none = {0};
	struct machine_setup setup;

	if (!machine_options_import(&none, &command) ||
	    machine_options_resolve(&none, &command, &setup))
		return false;
	if (setup.params.host_key)
		tell("host key", "there", setup.params.host_key, NULL);
	else
		tell("host key", "none", setup.key_path,
		     "no protected image can start: protvirt host-key create DIR, then "
		     "--host-key DIR/host-key.pem");
	return true;
}

static bool take(void *arg, int key, const char *value)
{
	return false; /* there are no options of its own */
}

int cmd_doctor(int argc, char **argv)
{
	static bool (*const checks[])(void) = {check_memfd,   check_traps,  check_huge_pages,
					       check_memory,  check_cgroup, check_files,
					       check_host_key};
	int first, status = options_parse(&command, argc, argv, take, NULL, &first);
	bool ok = true;

	if (status >= 0)
		return status;
	if (first != argc)
		return command_fail(&command, EXIT_CODE_USAGE, "%s: no operand is taken",
				    argv[first]);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		ok &= checks[i]();
	return ok ? EXIT_CODE_OK : EXIT_CODE_HOST;
}
