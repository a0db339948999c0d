// SPDX-License-Identifier: MIT
#include "client/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "client/maps.h"
#include "client/protocol.h"

#define PAGE 4096UL

/* Bits of a /proc/self/pagemap entry: the page has content of its own */
#define PAGEMAP_PRESENT (1UL << 63)
#define PAGEMAP_SWAPPED (1UL << 62)

/* An address from the machine, which only has numbers. */
static void *address(uint64_t a)
{
	return (void *)(uintptr_t)a;
}

int memory_read(void *to, uint64_t from, size_t n)
{
	struct iovec local = {to, n};
	struct iovec remote = {address(from), n};

	return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)n ? 0 : -EFAULT;
}

int memory_write(uint64_t to, const void *from, size_t n)
{
	struct iovec local = {(void *)(uintptr_t)from, n};
	struct iovec remote = {address(to), n};

	return process_vm_writev(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)n ? 0 : -EFAULT;
}

static uint32_t extent_kind(const struct mapping *m)
{
	if (m->guest)
		return PROTVIRT_EXTENT_SHARED;
	return !m->shared && !m->inode ? PROTVIRT_EXTENT_PRIVATE : PROTVIRT_EXTENT_OTHER;
}

int memory_describe(uint64_t start, uint64_t len, struct protvirt_extent *extents, size_t max)
{
	FILE *maps = maps_open();
	uint64_t end = start + len;
	struct mapping m;
	int n = 0;

	if (!maps)
		return -EFAULT;
	while ((size_t)n < max && start < end && maps_next(maps, start, &m) && m.start <= start) {
		uint64_t stop = m.end < end ? m.end : end;

		extents[n++] = (struct protvirt_extent){
			.len = stop - start,
			.inode = m.guest ? m.inode : 0,
			.offset = m.guest ? m.offset + (start - m.start) : 0,
			.kind = extent_kind(&m),
		};
		start = stop;
	}
	fclose(maps);
	return n ? n : -EFAULT;
}

static int write_all(int memfd, uint64_t from, uint64_t len, uint64_t offset)
{
	while (len) {
		ssize_t n = pwrite(memfd, address(from), len, (off_t)offset);

		if (n <= 0)
			return n < 0 && errno != EFAULT ? -ENOMEM : -EFAULT;
		from += (uint64_t)n;
		offset += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return 0;
}

static bool page_is_zero(uint64_t page)
{
	const unsigned char *p = address(page);

	return p[0] == 0 && memcmp(p, p + 1, PAGE - 1) == 0;
}

/* Which of the pages have content? Without pagemap, or for memory of a machine: by looking. */
static void find_content(int pagemap, uint64_t start, size_t n, bool *content)
{
	uint64_t entries[512];
	size_t bytes = n * sizeof(entries[0]);
	off_t at = (off_t)(start / PAGE * sizeof(entries[0]));
	bool known = pagemap >= 0 && pread(pagemap, entries, bytes, at) == (ssize_t)bytes;

	for (size_t i = 0; i < n; i++)
		content[i] = known ? (entries[i] & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED)) != 0
				   : !page_is_zero(start + i * PAGE);
}

/* At most 512 pages */
static int copy_run(int pagemap, uint64_t start, size_t n, int memfd, uint64_t offset)
{
	bool content[512];
	int err = 0;

	find_content(pagemap, start, n, content);
	for (size_t i = 0; i < n && !err;) {
		size_t first = i;

		while (i < n && content[i])
			i++;
		if (i > first)
			err = write_all(memfd, start + first * PAGE, (i - first) * PAGE,
					offset + first * PAGE);
		else
			i++;
	}
	return err;
}

static int copy_content(int pagemap, uint64_t start, uint64_t len, int memfd, uint64_t offset)
{
	int err = 0;

	for (uint64_t done = 0; done < len && !err; done += 512 * PAGE) {
		size_t n = len - done < 512 * PAGE ? (len - done) / PAGE : 512;

		err = copy_run(pagemap, start + done, n, memfd, offset + done);
	}
	return err;
}

static int map_over(uint64_t start, uint64_t len, int prot, int memfd, uint64_t offset)
{
	void *p = mmap(address(start), len, prot, MAP_SHARED | MAP_FIXED, memfd, (off_t)offset);

	if (p == MAP_FAILED)
		return -ENOMEM;
	madvise(p, len, MADV_DONTFORK);
	return 0;
}

/* One piece with one protection */
static int convert_piece(const struct mapping *m, uint64_t start, uint64_t len, int memfd,
			 uint64_t offset)
{
	int pagemap = -1;
	int err;

	if (!(m->prot & PROT_READ) && mprotect(address(start), len, m->prot | PROT_READ))
		return -ENOMEM;
	if (!m->guest)
		pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	err = copy_content(pagemap, start, len, memfd, offset);
	if (pagemap >= 0)
		close(pagemap);
	if (!err)
		err = map_over(start, len, m->prot, memfd, offset);
	if (err && !(m->prot & PROT_READ))
		mprotect(address(start), len, m->prot);
	return err;
}

int memory_convert(uint64_t start, uint64_t len, int memfd)
{
	FILE *maps = maps_open();
	uint64_t end = start + len;
	uint64_t offset = 0;
	struct mapping m;
	int err = maps ? 0 : -EFAULT;

	while (!err && start < end) {
		uint64_t stop;

		if (!maps_next(maps, start, &m) || m.start > start ||
		    extent_kind(&m) == PROTVIRT_EXTENT_OTHER) {
			err = -EFAULT;
			break;
		}
		stop = m.end < end ? m.end : end;
		err = convert_piece(&m, start, stop - start, memfd, offset);
		offset += stop - start;
		start = stop;
	}
	if (maps)
		fclose(maps);
	return err;
}
