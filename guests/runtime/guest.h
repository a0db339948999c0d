/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest program has to have. */
#ifndef GUESTS_RUNTIME_GUEST_H
#define GUESTS_RUNTIME_GUEST_H

/**
 * guest_main() - the program; console, parameters and program checks are ready
 * Return: address of the disabled wait that ends it: 0 for success.
 */
int guest_main(void);

#endif
