/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Talks of a VMM with its machine, for the harness protocol. */
#include "protvirt/kvm.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/make_corpus.h"
#include "tests/fuzz/protocol.h"

static void put_short(uint64_t v)
{
	uint8_t n = 0;

	while (n < 8 && v >> (8 * n))
		n++;
	put_number(n, 1);
	put_number(v, n);
}

static void put_payload(const void *bytes, size_t n)
{
	put_number(n, 2);
	put(bytes, n);
}

static uint8_t place_of(uint8_t type)
{
	uint8_t place = 0;

	while (fuzz_messages[place] != type)
		fuzz_must(++place < FUZZ_MESSAGES);
	return place;
}

static void put_message(uint8_t slot, uint8_t type, uint8_t pass, uint64_t seq,
			const uint64_t args[3])
{
	put_number(STEP_SEND, 1);
	put_number(slot, 1);
	put_number(place_of(type), 1);
	put_number(pass, 1);
	put_short(0);
	put_short(seq);
	for (int i = 0; i < 3; i++)
		put_short(args ? args[i] : 0);
}

#define ARGS(...) ((const uint64_t[3]){__VA_ARGS__})

static void put_receive(uint8_t slot)
{
	put_number(STEP_RECEIVE, 1);
	put_number(slot, 1);
}

static void put_step(enum protocol_step step)
{
	put_number(step, 1);
}

/* Slot 0 is the control connection, slot 1 the channel; kept: 0 stop page, 1 /dev/kvm, 2 VM. */
static void put_begin(void)
{
	static const uint8_t nobody[PROTVIRT_ID_SIZE];

	put_message(0, PROTVIRT_HELLO, PASS_NOTHING, 0, ARGS(PROTVIRT_PROTOCOL));
	put_payload(nobody, sizeof(nobody));
	put_receive(0);
	put_message(0, PROTVIRT_CHANNEL, PASS_PAIR, 0, ARGS(1));
	put_payload(NULL, 0);
	put_receive(1);
	put_message(1, PROTVIRT_READY, PASS_NOTHING, 0, ARGS(0));
	put_payload(NULL, 0);
	put_message(1, PROTVIRT_OPEN, PASS_NOTHING, 1, NULL);
	put_payload(NULL, 0);
	put_receive(1);
	put_message(1, PROTVIRT_IOCTL, PASS_KEPT | 1 << 3, 2, ARGS(KVM_CREATE_VM));
	put_payload(NULL, 0);
	put_receive(1);
}

static void put_memory_slot(void)
{
	const struct kvm_userspace_memory_region slot = {.memory_size = 1 << 20,
							 .userspace_addr = 0x10000000};
	const struct protvirt_extent extent = {.len = 1 << 20, .kind = PROTVIRT_EXTENT_PRIVATE};

	put_begin();
	put_message(1, PROTVIRT_IOCTL, PASS_KEPT | 2 << 3, 3,
		    ARGS(KVM_SET_USER_MEMORY_REGION, 0x20000000, PROTVIRT_ARG_IN));
	put_payload(&slot, sizeof(slot));
	put_receive(1);
	put_step(STEP_REPLY);
	put_number(1, 1);
	put_short(1);
	put_payload(&extent, sizeof(extent));
	put_receive(1);
	put_step(STEP_REPLY);
	put_number(1, 1);
	put_short(0);
	put_payload(NULL, 0);
	put_receive(1);
}

static void write_memory(void)
{
	put_begin();
	put_message(1, PROTVIRT_ALLOC, PASS_NOTHING, 3, ARGS(1 << 20));
	put_payload(NULL, 0);
	put_receive(1);
	put_message(1, PROTVIRT_MAPPED, PASS_NOTHING, 4, ARGS(0x10000000, 1));
	put_payload(NULL, 0);
	put_receive(1);
	put_message(1, PROTVIRT_ACCESSIBLE, PASS_NOTHING, 5, ARGS(0x10000000, 4096));
	put_payload(NULL, 0);
	put_receive(1);
	put_message(1, PROTVIRT_FREE, PASS_NOTHING, 6, ARGS(0x10000000, 1 << 20));
	put_payload(NULL, 0);
	put_receive(1);
	save("protocol", "guest-memory");
}

static void put_pv(uint64_t seq, uint32_t cmd)
{
	const struct kvm_pv_cmd pv = {.cmd = cmd};

	put_message(1, PROTVIRT_IOCTL, PASS_KEPT | 2 << 3, seq,
		    ARGS(KVM_S390_PV_COMMAND, 0x20000000, PROTVIRT_ARG_IN | PROTVIRT_ARG_OUT));
	put_payload(&pv, sizeof(pv));
	put_receive(1);
}

static void write_pv(void)
{
	const struct kvm_pv_cmd enable = {.cmd = KVM_PV_ENABLE};

	put_memory_slot();
	put_pv(4, KVM_PV_ENABLE);
	put_pv(5, KVM_PV_ASYNC_CLEANUP_PREPARE);
	put_pv(6, KVM_PV_ASYNC_CLEANUP_PERFORM);
	/* without its structure the machine asks for it, and gets too little */
	put_message(1, PROTVIRT_IOCTL, PASS_KEPT | 2 << 3, 7,
		    ARGS(KVM_S390_PV_COMMAND, 0x20000000));
	put_payload(NULL, 0);
	put_receive(1);
	put_step(STEP_REPLY);
	put_number(1, 1);
	put_short(0);
	put_payload(&enable, 7);
	put_receive(1);
	save("protocol", "pv-command");
}

static void write_death(void)
{
	put_begin();
	put_message(0, PROTVIRT_KICK, PASS_NOTHING, 0, ARGS(1, 3));
	put_payload(NULL, 0);
	put_step(STEP_WORD);
	put_number(0, 1);
	put_number(0x40000000, 4);
	put_message(1, PROTVIRT_MMAP, PASS_KEPT | 2 << 3, 3, ARGS(0, 4096));
	put_payload(NULL, 0);
	put_step(STEP_CLOSE);
	put_number(0, 1);
	save("protocol", "dies");
}

/* The last descriptor of the VM goes while the machine waits for it. */
static void write_close(void)
{
	put_begin();
	put_message(1, PROTVIRT_CLOSE, PASS_KEPT | 2 << 3, 3, NULL);
	put_payload(NULL, 0);
	put_receive(1);
	put_step(STEP_CLOSE);
	put_number(PROTOCOL_SLOTS + 2, 1);
	put_step(STEP_REPLY);
	put_number(1, 1);
	put_short(0);
	put_payload(NULL, 0);
	put_receive(1);
	put_message(1, PROTVIRT_CLOSE, PASS_KEPT | 1 << 3, 4, NULL);
	put_payload(NULL, 0);
	put_receive(1);
	save("protocol", "close");
}

/* A second connection of the same process, as a forked child makes it */
static void write_second(void)
{
	static const uint8_t nobody[PROTVIRT_ID_SIZE];

	put_begin();
	put_step(STEP_CONNECT);
	put_step(STEP_PASS_ID);
	put_message(2, PROTVIRT_HELLO, PASS_MEMFD, 0, ARGS(PROTVIRT_PROTOCOL));
	put_payload(nobody, sizeof(nobody));
	put_receive(2);
	put_message(2, PROTVIRT_CHANNEL, PASS_DATAGRAM, 0, ARGS(2));
	put_payload(NULL, 0);
	put_message(2, PROTVIRT_CHANNEL, PASS_SLOT | 2 << 3, 0, ARGS(3));
	put_payload(NULL, 0);
	put_message(1, PROTVIRT_ADOPT, PASS_PAIR, 0, NULL);
	put_payload(NULL, 0);
	save("protocol", "second-connection");
}

static void write_queries(void)
{
	static const char wait[] = "wait-idle", counts[] = "counts";

	put_message(0, PROTVIRT_QUERY, PASS_NOTHING, 0, NULL);
	put_payload(wait, sizeof(wait));
	put_receive(0);
	put_step(STEP_CONNECT);
	put_message(1, PROTVIRT_QUERY, PASS_EVENTFD, 0, NULL);
	put_payload(counts, sizeof(counts) - 1);
	put_receive(1);
	put_step(STEP_RAW);
	put_number(0, 1);
	put_payload(counts, sizeof(counts));
	save("protocol", "queries");
}

void write_protocol(void)
{
	put_memory_slot();
	save("protocol", "memory-slot");
	write_memory();
	write_pv();
	write_death();
	write_second();
	write_close();
	write_queries();
}
