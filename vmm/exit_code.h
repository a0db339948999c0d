/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the program ends. docs and --help print the same list. */
#ifndef VMM_EXIT_CODE_H
#define VMM_EXIT_CODE_H

/** enum exit_code - exit status of `protvirt` */
enum exit_code {
	EXIT_CODE_OK = 0,       /* done; run: the guest shut down in order */
	EXIT_CODE_HOST = 1,     /* the host or the machine failed */
	EXIT_CODE_USAGE = 2,    /* wrong option, value or operand */
	EXIT_CODE_IMAGE = 3,    /* the image cannot be loaded, or the Ultravisor refused it */
	EXIT_CODE_HOST_KEY = 4, /* the image is made for another host key */
	EXIT_CODE_WAIT = 5,     /* the guest ended in a disabled wait that is no success */
	EXIT_CODE_CRASH = 6,    /* the guest cannot go on: interruption loop, page refused */
	EXIT_CODE_TIMEOUT = 7,  /* wait: it did not happen in time */
	EXIT_CODE_SIGNAL = 8,   /* run: a signal ended it before the guest had shut down */
	EXIT_CODE_NR
};

/** exit_code_text() - what a status means, for --help */
const char *exit_code_text(enum exit_code code);

#endif
