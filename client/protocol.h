/* SPDX-License-Identifier: MIT */
/*
 * What client library and machine say to each other.
 */
#ifndef CLIENT_PROTOCOL_H
#define CLIENT_PROTOCOL_H

#include <stdint.h>

/** PROTVIRT_MEMFD_NAME - the machine gives guest memory this name; seen in /proc/PID/maps */
#define PROTVIRT_MEMFD_NAME "protvirt-guest"

/** enum protvirt_extent_kind - what a part of a VMM's memory is */
enum protvirt_extent_kind {
	PROTVIRT_EXTENT_OTHER,   /* cannot become guest memory */
	PROTVIRT_EXTENT_PRIVATE, /* private anonymous memory: can be converted */
	PROTVIRT_EXTENT_SHARED,  /* a memfd of a machine */
};

/**
 * struct protvirt_extent - a part of a VMM's memory
 * @len: bytes; adjacent to the extent before
 * @inode: PROTVIRT_EXTENT_SHARED: of the memfd
 * @offset: PROTVIRT_EXTENT_SHARED: in the memfd
 * @kind: enum protvirt_extent_kind
 */
struct protvirt_extent {
	uint64_t len;
	uint64_t inode;
	uint64_t offset;
	uint32_t kind;
	uint32_t reserved;
};

#endif
