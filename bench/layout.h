/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_LAYOUT_H
#define BENCH_LAYOUT_H

/* Section, rounds, result: a doubleword each, at addresses without a base register */
#define PARAMETERS 0xf00
#define IMAGE_AT   0x2000

#endif
