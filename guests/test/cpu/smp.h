/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGNAL PROCESSOR, and CPUs that are started: each has a prefix area and a stack here. */
#ifndef GUESTS_TEST_CPU_SMP_H
#define GUESTS_TEST_CPU_SMP_H

#include <stdatomic.h>
#include <stdint.h>

#define CPUS_MAX 4

#define SIGP_SENSE         0x01
#define SIGP_EXTERNAL_CALL 0x02
#define SIGP_EMERGENCY     0x03
#define SIGP_START         0x04
#define SIGP_STOP          0x05
#define SIGP_RESTART       0x06
#define SIGP_STORE_STATUS  0x09
#define SIGP_INITIAL_RESET 0x0b
#define SIGP_CPU_RESET     0x0c
#define SIGP_SET_PREFIX    0x0d
#define SIGP_STATUS_AT     0x0e
#define SIGP_ARCHITECTURE  0x12
#define SIGP_IF_DISABLED   0x13 /* conditional emergency signal */
#define SIGP_SENSE_RUNNING 0x15

#define STATUS_INCORRECT_STATE   0x200U
#define STATUS_INVALID_PARAMETER 0x100U
#define STATUS_CALL_PENDING      0x80U
#define STATUS_STOPPED           0x40U

extern uint8_t prefixes[CPUS_MAX][8192];
extern uint8_t stacks[CPUS_MAX][4096];

/** smp_alive - CPUs that were started, each time counted: secondary_main() does that */
extern _Atomic uint32_t smp_alive;

/** secondary_first_prefix - what the CPU that was started last had before */
extern volatile uint32_t secondary_first_prefix;

/** secondary_main() - what a started CPU executes; the program's own. Does not return */
void secondary_main(void);

/** sigp() - one order. @status: set to the stored one; may be NULL. Return: condition code */
unsigned int sigp(uint16_t cpu, uint64_t order, uint64_t parameter, uint32_t *status);

/** signal_cpu() - the same, repeated while the target is busy */
unsigned int signal_cpu(uint16_t cpu, uint64_t order, uint64_t parameter, uint32_t *status);

/** smp_copy_new_psws() - this CPU's new PSWs into another prefix area */
void smp_copy_new_psws(uint8_t *to);

/** smp_restart() - restart a CPU and wait until it is alive */
void smp_restart(uint16_t cpu);

/** smp_start() - reset and restart it with a prefix area and a stack of its own */
void smp_start(uint16_t cpu);

/** smp_count() - how many CPUs there are, at most CPUS_MAX */
uint16_t smp_count(void);

#endif
