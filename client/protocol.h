/* SPDX-License-Identifier: MIT */
/*
 * What client library and machine say to each other.
 *
 * All sockets are of type SOCK_SEQPACKET, a message is a struct protvirt_message
 * and at most PROTVIRT_MAX_PAYLOAD bytes, with at most one descriptor.
 *
 * - The *control socket* of a process: PROTVIRT_HELLO, then channels and kicks. Its hang-up is
 *   the end of the process, unless the stop words of its threads said so before.
 * - A *channel* of each thread: one request at a time. While the machine works on it, it may ask
 *   for memory of the process; each PROTVIRT_ASK_* is answered by a PROTVIRT_REPLY. What goes into
 *   that memory is the payload of a message whose receiver knows the address before: the start of
 *   the argument structure with PROTVIRT_RESULT, what PROTVIRT_ASK_WRITE has said with
 *   PROTVIRT_DATA. So the kernel stores it there on its way.
 * - An *object socket* is what stands for a KVM descriptor. Its peer is bound to the abstract
 *   name PROTVIRT_OBJECT_PREFIX, machine id in hexadecimal, a slash, anything. Nothing is said on
 *   it but PROTVIRT_ADOPT; requests carry it as their descriptor instead. An ioctl that did tells
 *   in its result the socket's cookie: this channel has shown that it has the object, so its next
 *   ioctls need only name it. Who has had a descriptor could have kept it, and no other channel can
 *   use the number.
 *
 * A connection may begin with PROTVIRT_QUERY instead of PROTVIRT_HELLO: it is for that only, then.
 */
#ifndef CLIENT_PROTOCOL_H
#define CLIENT_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#define PROTVIRT_PROTOCOL    2
#define PROTVIRT_MAX_PAYLOAD 65536
#define PROTVIRT_ID_SIZE     16

/** PROTVIRT_KNOWN - objects that the machine may know on a channel, by socket cookie modulo this */
#define PROTVIRT_KNOWN 16

/** PROTVIRT_OBJECT_PREFIX - after the zero byte of the abstract name of an object socket's peer */
#define PROTVIRT_OBJECT_PREFIX "protvirt/"

/** PROTVIRT_MEMFD_NAME - the machine gives guest memory this name; seen in /proc/PID/maps */
#define PROTVIRT_MEMFD_NAME "protvirt-guest"

enum protvirt_message_type {
	/* control socket, from the client */
	PROTVIRT_HELLO = 1, /* args: protocol version; payload: mm id, zeros: none yet; descriptor:
			       userfaultfd, none: holes mode */
	PROTVIRT_CHANNEL,   /* args: channel number; descriptor: the machine's end */
	PROTVIRT_KICK,      /* args: channel number, sequence number of the request */
	PROTVIRT_QUERY,     /* payload: verb, space, arguments, 0 */
	/* control socket, from the machine */
	PROTVIRT_WELCOME, /* args: version, 1 if traps are active; payload: struct protvirt_welcome
			   */
	PROTVIRT_ANSWER, /* result: 0 or -errno; args: length of the text; descriptor: memfd with it
			  */
	/* object socket, from the client */
	PROTVIRT_ADOPT, /* descriptor: to be used as a new control socket */
	/* channel, from the machine */
	PROTVIRT_GREETING, /* descriptor: one page that is shared, its lock is at PROTVIRT_STOP_LOCK
			    */
	PROTVIRT_RESULT,   /* ends a request; result: value or -errno */
	PROTVIRT_ASK_READ, /* args: address, bytes */
	PROTVIRT_ASK_WRITE,    /* args: address, bytes; PROTVIRT_DATA follows at once */
	PROTVIRT_ASK_DESCRIBE, /* args: address, bytes */
	PROTVIRT_ASK_CONVERT,  /* args: address, bytes; descriptor: memfd */
	PROTVIRT_ASK_CLOSE,    /* close the descriptor that PROTVIRT_CLOSE has passed */
	/* channel, from the client */
	PROTVIRT_READY,  /* args: 1 if the stop page's lock is held */
	PROTVIRT_OPEN,   /* PROTVIRT_RESULT has the descriptor */
	PROTVIRT_IOCTL,  /* args: command, argument, enum protvirt_arg_flags; payload: argument
			    structure; descriptor: the object, or none and result: its cookie, if
			    the channel's newest PROTVIRT_RESULT with a cookie that is the same
			    modulo PROTVIRT_KNOWN told it */
	PROTVIRT_MMAP,   /* args: offset, bytes; descriptor: the object. PROTVIRT_RESULT: offset in
			    the descriptor */
	PROTVIRT_ALLOC,  /* args: bytes. PROTVIRT_RESULT has a memfd */
	PROTVIRT_MAPPED, /* args: address, inode of a memfd of PROTVIRT_ALLOC */
	PROTVIRT_FREE,   /* args: address, bytes */
	PROTVIRT_ACCESSIBLE, /* args: address, bytes */
	PROTVIRT_CLOSE, /* descriptor: the object. If that was the last one: the result comes when
			   it has been released */
	PROTVIRT_REPLY, /* to an ask. result: 0 or -errno, number of extents; payload: what was
			   asked for */
	/* channel, from the machine */
	PROTVIRT_DATA, /* after PROTVIRT_ASK_WRITE; payload: the bytes */
};

/** enum protvirt_arg_flags - what stands in the payload of PROTVIRT_IOCTL */
enum protvirt_arg_flags {
	PROTVIRT_ARG_IN = 1,  /* the structure's content */
	PROTVIRT_ARG_OUT = 2, /* room for it, to be returned with the result */
};

/**
 * struct protvirt_message - head of every message
 * @type: enum protvirt_message_type
 * @len: bytes of payload
 * @seq: requests are numbered from 1 on each channel; result, asks and replies repeat the number
 * @result: see the type
 * @args: see the type. PROTVIRT_RESULT: [0] user address where the number of the descriptor goes,
 * 0: it is the result; [2] PROTVIRT_MMAP: the offset, PROTVIRT_IOCTL: cookie of the descriptor that
 * came, 0: none came that is an object
 */
struct protvirt_message {
	uint32_t type;
	uint32_t len;
	uint64_t seq;
	int64_t result;
	uint64_t args[3];
};

/**
 * struct protvirt_welcome - answer to PROTVIRT_HELLO
 * @machine_id: random number of the machine
 * @mm_id: secret of the address space; who knows it belongs to it
 * @path: socket on which the machine listens, for forked children; empty: none
 */
struct protvirt_welcome {
	uint8_t machine_id[PROTVIRT_ID_SIZE];
	uint8_t mm_id[PROTVIRT_ID_SIZE];
	char path[108];
};

/** PROTVIRT_STOP_LOCK - where in the shared page the robust lock of the thread lies */
#define PROTVIRT_STOP_LOCK 0

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
