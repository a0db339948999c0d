// SPDX-License-Identifier: MIT
/*
 * peek - what somebody who owns the host sees of a guest: reads and writes the memory of a VMM
 * process from outside.
 *
 *   peek PID scan TEXT   count where TEXT lies in the process's memory
 *   peek PID show ADDR   64 bytes of guest storage at ADDR, which is hexadecimal
 *   peek PID flip ADDR   change one bit there
 *   peek PID go ADDR     let a guest go on that waits at its mailbox (protvirt/mailbox.h)
 */
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "protvirt/mailbox.h"

#define GUEST_MEMORY "/memfd:protvirt-guest"
#define CHUNK        4096UL
#define PRESENT      (3UL << 62) /* in an entry of /proc/PID/pagemap: in memory, or swapped out */
#define MAX_MAPPING  (1UL << 40) /* what is larger is a sanitizer's bookkeeping */

struct mapping {
	uint64_t start;
	uint64_t end;
	bool readable;
	bool guest;
};

/* A page that cannot be read is no failure: then there is nothing to be seen. */
static bool read_memory(pid_t pid, uint64_t addr, void *buf, size_t len)
{
	struct iovec local = {buf, len}, remote = {(void *)(uintptr_t)addr, len};

	return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)len;
}

static void write_memory(pid_t pid, uint64_t addr, void *buf, size_t len)
{
	struct iovec local = {buf, len}, remote = {(void *)(uintptr_t)addr, len};

	if (process_vm_writev(pid, &local, 1, &remote, 1, 0) != (ssize_t)len)
		err(1, "write at %" PRIx64, addr);
}

static FILE *open_maps(pid_t pid)
{
	char path[64];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "r");
	if (!maps)
		err(1, "%s", path);
	return maps;
}

static bool next_mapping(FILE *maps, struct mapping *m)
{
	char line[512], mode[5];

	if (!fgets(line, sizeof(line), maps) ||
	    sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &m->start, &m->end, mode) != 3)
		return false;
	m->readable = *mode == 'r';
	m->guest = strstr(line, GUEST_MEMORY);
	return true;
}

/**
 * struct presence - a window of /proc/PID/pagemap: mappings may be large and empty, and a system
 * call a page is too much for them
 */
struct presence {
	int pagemap;
	uint64_t first;
	size_t n;
	uint64_t entries[8192];
};

static bool present(struct presence *p, uint64_t at)
{
	uint64_t page = at / CHUNK;
	ssize_t got;

	if (page - p->first >= p->n) {
		got = pread(p->pagemap, p->entries, sizeof(p->entries),
			    (off_t)(page * sizeof(p->entries[0])));
		p->first = page;
		p->n = got > 0 ? (size_t)got / sizeof(p->entries[0]) : 0;
	}
	return p->n && (p->entries[page - p->first] & PRESENT);
}

/* Pages overlap by the text's length, so that none is missed. */
static unsigned int scan_mapping(pid_t pid, struct presence *p, const struct mapping *m,
				 const char *text)
{
	size_t len = strlen(text), kept = 0;
	static uint8_t buf[2 * CHUNK];
	unsigned int found = 0;

	for (uint64_t at = m->start; at < m->end; at += CHUNK) {
		/* guest memory is asked for even where the VMM has not touched it: that is to be
		 * shown */
		if ((!m->guest && !present(p, at)) || !read_memory(pid, at, buf + kept, CHUNK)) {
			kept = 0;
			continue;
		}
		for (size_t i = 0; i + len <= kept + CHUNK; i++)
			found += buf[i] == (uint8_t)*text && !memcmp(buf + i, text, len);
		memmove(buf, buf + kept + CHUNK - (len - 1), len - 1);
		kept = len - 1;
	}
	return found;
}

static int open_pagemap(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static void scan(pid_t pid, const char *text)
{
	FILE *maps = open_maps(pid);
	static struct presence p;
	struct mapping m;
	unsigned int found = 0;
	uint64_t bytes = 0;

	if (!*text || strlen(text) > CHUNK)
		errx(2, "scan: a text of 1 to %lu characters is needed", CHUNK);
	p.pagemap = open_pagemap(pid);
	while (next_mapping(maps, &m)) {
		if (!m.readable || m.end - m.start > MAX_MAPPING)
			continue;
		found += scan_mapping(pid, &p, &m, text);
		bytes += m.end - m.start;
	}
	close(p.pagemap);
	fclose(maps);
	printf("found %u times in %" PRIu64 " MiB\n", found, bytes >> 20);
}

/* Guest absolute 0 is where the first mapping of guest memory begins. */
static uint64_t guest_address(pid_t pid, uint64_t guest)
{
	FILE *maps = open_maps(pid);
	struct mapping m = {0};
	uint64_t start;

	while (next_mapping(maps, &m) && !m.guest)
		;
	start = m.start;
	fclose(maps);
	if (!m.guest)
		errx(1, "process %d shows no guest memory", pid);
	return start + guest;
}

static void show(pid_t pid, uint64_t addr)
{
	uint8_t bytes[64];

	if (!read_memory(pid, addr, bytes, sizeof(bytes)))
		err(1, "read at %" PRIx64, addr);
	for (size_t i = 0; i < sizeof(bytes); i++)
		printf("%02x%s", bytes[i], i % 32 == 31 ? "  " : "");
	for (size_t i = 0; i < sizeof(bytes); i++)
		putchar(isprint(bytes[i]) ? bytes[i] : '.');
	putchar('\n');
}

static void flip(pid_t pid, uint64_t addr)
{
	uint8_t byte;

	if (!read_memory(pid, addr, &byte, 1))
		err(1, "read at %" PRIx64, addr);
	byte ^= 1;
	write_memory(pid, addr, &byte, 1);
	printf("bit 7 of the byte changed\n");
}

static void go(pid_t pid, uint64_t addr)
{
	be64_t one = be64_make(1);

	write_memory(pid, addr + offsetof(struct mailbox, go), &one, sizeof(one));
}

int main(int argc, char **argv)
{
	pid_t pid = argc == 4 ? (pid_t)strtol(argv[1], NULL, 10) : 0;
	uint64_t addr;

	if (pid <= 0)
		errx(2, "usage: peek PID scan TEXT | show ADDR | flip ADDR | go ADDR");
	if (!strcmp(argv[2], "scan")) {
		scan(pid, argv[3]);
		return 0;
	}
	addr = guest_address(pid, strtoull(argv[3], NULL, 16));
	if (!strcmp(argv[2], "show"))
		show(pid, addr);
	else if (!strcmp(argv[2], "flip"))
		flip(pid, addr);
	else if (!strcmp(argv[2], "go"))
		go(pid, addr);
	else
		errx(2, "%s: must be scan, show, flip or go", argv[2]);
	return 0;
}
