/* SPDX-License-Identifier: MIT */
/* The mappings of this process. */
#ifndef CLIENT_MAPS_H
#define CLIENT_MAPS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct mapping - one line of /proc/self/maps
 * @start: address; @end: first byte after it
 * @prot: PROT_* bits
 * @shared: MAP_SHARED
 * @offset: in the file; @inode: its number, 0: none
 * @guest: it is memory that a machine made
 */
struct mapping {
	uint64_t start;
	uint64_t end;
	int prot;
	bool shared;
	uint64_t offset;
	uint64_t inode;
	bool guest;
};

/** maps_open() - Return: a stream for maps_next(), to be closed with fclose(); NULL with errno */
FILE *maps_open(void);

/** maps_next() - the next mapping that ends above @above, in order. Return: false at the end */
bool maps_next(FILE *stream, uint64_t above, struct mapping *m);

#endif
