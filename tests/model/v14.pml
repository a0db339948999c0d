/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol as posted in v14, as differences to ours. Each can be had alone, too. */
#define RAISED_FROM_ZERO        /* the clean-up raises the count whatever it is */
#define WALK_NEEDS_MM           /* its walk is left out if the address space has no user */
#define UNREGISTERED_LATE       /* the end of the VM unregisters the notifier after the clean-up */
#define WALK_OF_ALL             /* PERFORM walks the address space, whoever owns a page */
#define STOPS_AT_HOLE           /* the walk below 2 GiB ends at the first hole between slots */
#define SMALL_NOT_REFUSED       /* the table of a guest of 2 GiB or less is replaced like any other */
#define TABLE_NOT_RELISTED      /* a table that could not be replaced stays off the gmap's list */
#define STUCK_TABLE_LOST        /* the table of a configuration that was refused once is leaked then */
#define GMAP_HANDLE_EARLY       /* the gmap forgets the guest before PREPARE can fail no more */
#define NOTIFIER_WITHOUT_HANDLE /* the notifier does not look whether there is a configuration */
