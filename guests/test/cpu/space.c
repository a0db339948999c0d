// SPDX-License-Identifier: GPL-2.0-or-later
#include "test/cpu/translation.h"

void space_init(struct space *space, const void *window)
{
	for (unsigned int i = 0; i < 512; i++)
		space->segments[i] = i < 4 ? (uint64_t)space->pages[i] : ENTRY_INVALID;
	for (unsigned int i = 0; i < 4 * 256; i++)
		space->pages[i / 256][i % 256] = i < 2 * 256 ? (uint64_t)i << 12 : PAGE_INVALID;
	*space_window(space) = (uint64_t)window;
}
