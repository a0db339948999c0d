// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The clear loader of an image. It runs as an ordinary guest, tells the machine
 * where the encrypted parts lie and asks to go on as a protected guest.
 */
#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"
#include "sclp.h"

#define FACILITY_UNPACK  161
#define DIAG308_SET_PV   8
#define DIAG308_ENTER_PV 10
#define RESPONSE_OK      1

/* Filled in by whoever makes the image; offsets count from this block. */
struct arguments {
	uint64_t header_offset;
	uint64_t header_size;
	uint64_t ipib_offset;
};
const volatile struct arguments arguments __attribute__((section(".arguments")));
_Static_assert(sizeof(arguments) == 24, "arguments of stage3a");

/* The fields of the IPL parameter block that depend on where the file was loaded. */
struct ipib {
	uint8_t reserved[0x78];
	uint64_t header_addr;
	uint64_t header_len;
};
_Static_assert(__builtin_offsetof(struct ipib, header_addr) == 0x78, "IPL parameter block");

struct failure {
	uint16_t command;
	uint16_t rc;
	uint16_t rrc;
	const char *text;
};

static const char *const commands[] = {[2] = "SET_SEC_PARMS", [3] = "UNPACK", [4] = "VERIFY"};

static const struct failure failures[] = {
	{2, 0x0103, 0, "the header cannot be read"},
	{2, 0x0104, 0x0001, "unknown header version"},
	{2, 0x0106, 0x0030, "plaintext control flag not supported"},
	{2, 0x0108, 0x0005, "the image is for another machine: no key slot for this host key"},
	{2, 0x0108, 0x000b, "customer public key not valid"},
	{2, 0x0108, 0x0034, "backup host key does not match"},
	{2, 0x0108, 0, "the header cannot be decrypted"},
	{2, 0x0109, 0, "secret control flag not supported"},
	{2, 0x010a, 0x0031, "header length not valid"},
	{2, 0x010a, 0x0039, "size of the encrypted area not valid"},
	{2, 0x010a, 0x0040, "the header has no key slots"},
	{4, 0x0102, 0x001a, "the image was changed: address list"},
	{4, 0x0102, 0x001b, "the image was changed: page content"},
	{4, 0x0102, 0x001c, "the image was changed: tweak list"},
	{4, 0x0102, 0x001d, "the image was changed: number of pages"},
};

static bool has_facility(unsigned int nr)
{
	uint64_t list[4] = {0};
	register uint64_t last __asm__("0") = sizeof(list) / sizeof(list[0]) - 1;

	__asm__ volatile(".insn s,0xb2b00000,%0" /* STFLE */
			 : "=Q"(list), "+d"(last)
			 :
			 : "cc", "memory");
	return list[nr / 64] >> (63 - nr % 64) & 1;
}

static uint64_t diag308(uint64_t subcode, void *block)
{
	register uint64_t addr __asm__("2") = (uint64_t)block;
	register uint64_t response __asm__("3") = 0;

	__asm__ volatile("diag %0, %2, 0x308"
			 : "+d"(addr), "+d"(response)
			 : "d"(subcode)
			 : "cc", "memory");
	return response;
}

/* Entries with rrc 0 stand for every reason not listed above them. */
static const char *explain(uint16_t command, uint16_t rc, uint16_t rrc)
{
	for (unsigned int i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		const struct failure *f = &failures[i];

		if (f->command == command && f->rc == rc && (f->rrc == rrc || !f->rrc))
			return f->text;
	}
	return "reason not known";
}

_Noreturn static void refused(uint64_t response)
{
	uint16_t command = (uint16_t)(response >> 48), rrc = (uint16_t)(response >> 32),
		 rc = (uint16_t)(response >> 16);

	sclp_print("Secure guest was not started: ");
	if (command < sizeof(commands) / sizeof(commands[0]) && commands[command]) {
		sclp_print(commands[command]);
		sclp_print(" rc ");
		sclp_print_hex(rc, 4);
		sclp_print(" rrc ");
		sclp_print_hex(rrc, 4);
		sclp_print(", ");
		sclp_print(explain(command, rc, rrc));
	} else {
		sclp_print("response ");
		sclp_print_hex(response, 16);
	}
	sclp_print("\n");
	stop(STOP_PV_FAILED);
}

_Noreturn void stage3a(void);

_Noreturn void stage3a(void)
{
	uint64_t base = (uint64_t)&arguments, response;
	struct ipib *ipib = (struct ipib *)(base + arguments.ipib_offset);

	sclp_start();
	if (!has_facility(FACILITY_UNPACK)) {
		sclp_print("Secure unpack facility is not available\n");
		stop(STOP_NO_PV);
	}
	ipib->header_addr = base + arguments.header_offset;
	ipib->header_len = arguments.header_size;
	response = diag308(DIAG308_SET_PV, ipib);
	if (response != RESPONSE_OK) {
		sclp_print("The machine refused the IPL parameter block: response ");
		sclp_print_hex(response, 4);
		sclp_print("\n");
		stop(STOP_PV_FAILED);
	}
	/* Comes back only if the guest goes on unprotected. */
	refused(diag308(DIAG308_ENTER_PV, 0));
}
