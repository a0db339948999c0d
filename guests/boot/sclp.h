/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service-call console, as far as a boot loader needs it: texts out, nothing in. */
#ifndef GUESTS_BOOT_SCLP_H
#define GUESTS_BOOT_SCLP_H

#include <stdint.h>

/** sclp_start() - announce that messages will be sent, learn which kind the machine takes */
void sclp_start(void);

/** sclp_stop() - withdraw; the kernel that follows starts with no event type in use */
void sclp_stop(void);

/** sclp_print() - write @text; no effect on a machine that takes no messages */
void sclp_print(const char *text);

/** sclp_print_hex() - write "0x" and the last @digits digits of @value */
void sclp_print_hex(uint64_t value, unsigned int digits);

#endif
