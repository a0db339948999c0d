// SPDX-License-Identifier: GPL-2.0-or-later
#include "runtime/machine.h"

#include "boot/cpu.h"
#include "runtime/uvc.h"

#define READ_SCP_INFO_FORCED 0x00120001U
#define RESPONSE_INFO        0x0010
#define DIAG308_LOAD_CLEAR   3UL
#define STOP_NO_REBOOT       0x308UL
#define SIGP_STOP            5UL

struct read_info {
	uint16_t len;
	uint8_t function;
	uint8_t control[3];
	uint16_t response;
	uint16_t rnmax;
	uint8_t rnsize;
	uint8_t reserved11[89];
	uint32_t rnsize2;
	uint64_t rnmax2;
	uint8_t reserved112[3984];
};
_Static_assert(__builtin_offsetof(struct read_info, rnsize2) == 100, "rnsize2");
_Static_assert(sizeof(struct read_info) == 4096, "read SCP information");

uint64_t machine_memory(void)
{
	static struct read_info info __attribute__((aligned(4096)));
	uint64_t increments, increment_mib;
	int cc;

	info = (struct read_info){.len = sizeof(info)};
	do
		cc = service_call(READ_SCP_INFO_FORCED, &info);
	while (cc == 2);
	if (cc || info.response != RESPONSE_INFO)
		return 0;
	increments = info.rnmax ? info.rnmax : info.rnmax2;
	increment_mib = info.rnsize ? info.rnsize : info.rnsize2;
	return increments * increment_mib << 20;
}

_Noreturn void machine_reboot(void)
{
	register uint64_t r2 __asm__("2") = 0;
	register uint64_t r3 __asm__("3") = 0;

	__asm__ volatile("diag %0, %2, 0x308" : "+d"(r2), "+d"(r3) : "d"(DIAG308_LOAD_CLEAR));
	stop(STOP_NO_REBOOT);
}

static void stop_this_cpu(void)
{
	register uint64_t parameter __asm__("1") = 0;
	uint16_t cpu;

	__asm__ volatile("stap %0" : "=Q"(cpu));
	__asm__ volatile("sigp %0,%1,0(%2)"
			 : "+d"(parameter)
			 : "d"((uint64_t)cpu), "a"(SIGP_STOP)
			 : "cc", "memory");
}

_Noreturn void machine_end(int status)
{
	if (!status && uvc_protected())
		stop_this_cpu();
	stop((uint64_t)status);
}
