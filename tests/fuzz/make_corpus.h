/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing inputs: bytes are put one after the other, save() makes a file of them. */
#ifndef TESTS_FUZZ_MAKE_CORPUS_H
#define TESTS_FUZZ_MAKE_CORPUS_H

#include <stddef.h>
#include <stdint.h>

/** save_below() - the directory that save() writes into; must exist */
void save_below(const char *path);

void put(const void *bytes, size_t n);

/** put_number() - little-endian, @bytes of it */
void put_number(uint64_t v, size_t bytes);

/** put_hex() - bytes in hexadecimal, blanks allowed between them */
void put_hex(const char *hex);

/** save() - write @harness/@name, and begin anew */
void save(const char *harness, const char *name);

void write_uvcb(void);
void write_ioctl(void);
void write_protocol(void);

#endif
