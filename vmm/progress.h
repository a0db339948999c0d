/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The old guest's frames, falling to zero, while PERFORM runs. */
#ifndef VMM_PROGRESS_H
#define VMM_PROGRESS_H

#include "vmm/vm.h"

/** progress_begin() - a PERFORM is about to start. No effect unless --progress was given */
void progress_begin(struct vm *vm);

/** progress_end() - it is over */
void progress_end(struct vm *vm);

#endif
