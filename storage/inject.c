// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/inject.h"

_Atomic(inject_fn) inject_hook;
