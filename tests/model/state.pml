/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the model knows: one VM, its configurations, records, tables and pages,
 * and the properties that are checked. docs/model.md says what was left out.
 */

/* Properties. CHECKS is a mask of those that are looked at; all of them unless a run says otherwise. */
#define COUNT_BALANCE       0  /* each configuration is counted once and uncounted once */
#define COUNT_WHILE_SECURE  1  /* the count is not 0 while a page of the address space is secure or marked */
#define COUNT_FROM_ZERO     2  /* no clean-up raises a count that is 0 */
#define ONE_ASIDE           3  /* at most one record is set aside, none is overwritten */
#define ONE_OWNER           4  /* a record has one owner; only that one works on it */
#define RECORD_ONCE         5  /* a record is freed once, and not used after that */
#define NOTHING_LOST        6  /* at the end: no record, storage or table that nobody knows */
#define LEAK_FORCED         7  /* only what the Ultravisor refused to give up is leaked */
#define FREE_AFTER_SUCCESS  8  /* nothing donated is freed while the Ultravisor may use it, or twice */
#define TABLE_IN_USE        9  /* no table is freed that a configuration or the gmap uses */
#define PREPARE_AGAIN      10  /* PREPARE is refused only for a record that no PERFORM has taken */
#define LOCK_RULES         11  /* who needs kvm->lock has it, and no walk or dispose of PERFORM holds it */
#define PAGES_OF_OTHERS    12  /* a walk does not destroy the content of a living guest */
#define PAGES_LEFT         13  /* no secure page leaves the address space, or survives its VM */
#define LOWER_2G           14  /* nothing below 2 GiB is secure when PREPARE returns */
#define VCPU_ALIVE         15  /* nobody works on the CPUs of a VM whose end has freed them */
#define CALL_HANDLE        16  /* each call names a configuration that the Ultravisor knows, without CPUs */
#define GMAP_HANDLE        17  /* the gmap names the guest exactly as long as the VM is protected */
#ifndef CHECKS
#define CHECKS 262143
#endif
#define CHECK(property, condition) assert(!((CHECKS >> property) & 1) || (condition))

/*
 * A witness turns a place into an error: a run that finds it shows that the model gets there. With
 * -DWITNESS=n only that place counts.
 */
#define BOTH_PERFORM    1  /* two PERFORMs tear down at the same time */
#define THREE_LIVES     2  /* one active, one set aside, one being torn down */
#define LEFTOVER_DONE   3  /* DISABLE disposes of what a fatal signal left */
#define MM_GONE_FIRST   4  /* VM release after the end of the address space disposes of a leftover */
#define MM_MEETS_END    5  /* VM release waits for a notifier that runs */
#define STUCK_ASIDE     6  /* a configuration that DISABLE could not destroy is set aside */
#ifndef WITNESS
#define WITNESS 0
#endif
#define SEEN(place, condition) assert(WITNESS != place || !(condition))

#ifndef NCONF
#define NCONF 2              /* configurations in the life of the VM; 0 is none */
#endif
#define NTABLE 5             /* top-level tables; 0 is none */
#define LO 0                 /* a page below 2 GiB; a hole between slots comes before it */
#define HI 1                 /* one above */

mtype = { NEVER, KNOWN, GONE };                           /* what the Ultravisor knows of a configuration */
mtype = { NONE, DONATED, FREE, LEAKED };                  /* storages, tables */
mtype = { PV_NONE, PV_ACTIVE, PV_HALF, PV_STUCK };        /* enum pv_state of the active configuration, */
mtype = { NO_RECORD, FRESH, PV_ASIDE, PV_TEARING, PV_LEFTOVER, DISPOSED, PV_LEAKED, FREED }; /* of a record */

/* A configuration, and the record that it gets when it is set aside. */
typedef configuration {
	mtype uv = NEVER;
	mtype stor = NONE;        /* base and variable storage */
	byte table;               /* the top-level table that the Ultravisor was given */
	bool counted;
	bool cpus;                /* has secure CPUs */
	mtype rec = NO_RECORD;    /* rec->state */
	bool rec_handle;          /* rec->handle is not 0 */
	byte rec_table;           /* rec->old_gmap_table */
	byte next;                /* rec->link */
};
configuration conf[4];
byte nr_conf;

/* ---- struct kvm ---- */
byte lock;                   /* kvm->lock: 0, or who has it */
byte handle;                 /* kvm->arch.pv.handle: index of the configuration */
mtype pv_state = PV_NONE;    /* kvm->arch.pv.state */
byte stuck_table;            /* kvm->arch.pv.stuck_table */
byte set_aside;              /* kvm->arch.pv.set_aside: index of the record, which is the configuration's */
byte need_cleanup;           /* head of kvm->arch.pv.need_cleanup */
byte users;                  /* kvm->users */
bool vcpus_freed;
bool released;               /* kvm_destroy_vm() is through */

/* ---- gmap ---- */
byte top = 1;                /* gmap->top */
bool top_listed = true;      /* top->listed */
mtype tables[NTABLE + 2] = NONE; /* the last is never used */
byte gmap_handle;            /* v14 only: the handle that page operations use */

/* ---- struct mm ---- */
byte mm_users;               /* mm->users */
byte count;                  /* mm->protected_count */
bool registered;             /* the notifier is in mm->notifiers */
bool running;                /* mm->running */
bool mm_exited;              /* mm->exited */

/* ---- the VMM's process: its VM file, and the tasks that share its files ---- */
bool vm_file;
byte file_users;
byte performing;             /* PERFORMs between taking a record and their end */

/* ---- pages, machine ---- */
byte page[2];                /* the configuration that the host's note "may be secure" is about */
bool sec[2];                 /* the page is secure and belongs to that configuration */
bool fast;                   /* the machine has DESTROY_SEC_CONF_FAST */
bool small;                  /* the guest's limit is 2 GiB or less: SEGMENT type */

#define secure_of(c)    ((sec[LO] && page[LO] == c) || (sec[HI] && page[HI] == c))
#define table_known(t)  ((conf[1].uv == KNOWN && conf[1].table == t) || \
			 (conf[2].uv == KNOWN && conf[2].table == t) || \
			 (conf[3].uv == KNOWN && conf[3].table == t))

/* What may fail in C may fail here: sets or clears @err. */
#ifdef NOTHING_FAILS
inline maybe_fails(err) { err = false }
#else
inline maybe_fails(err) { if :: err = false :: err = true fi }
#endif

/* What every process works with. */
#define LOCALS byte c, r, done, t; bool err, got, stop, ret, hold

/* What is in them after an ioctl means nothing, and shall not make states differ. */
inline forget()
{
	atomic { c = 0; r = 0; done = 0; t = 0; err = false; got = false; stop = false; ret = false }
}

/* ---- checks that belong to a change of the data ---- */

inline count_conf(c) { atomic { CHECK(COUNT_BALANCE, !conf[c].counted); conf[c].counted = true; count++ } }

inline count_fell()
{
	CHECK(COUNT_WHILE_SECURE, count > 0 || (!sec[LO] && !sec[HI]));
	CHECK(COUNT_WHILE_SECURE, count > 0 || mm_users == 0 || (!page[LO] && !page[HI]))
}

inline uncount_conf(c)
{
	atomic {
		CHECK(COUNT_BALANCE, conf[c].counted && count > 0);
		conf[c].counted = false;
		count = (count > 0 -> count - 1 : 0);
		count_fell()
	}
}

inline free_storages(c)
{
	atomic {
		CHECK(FREE_AFTER_SUCCESS, conf[c].stor == DONATED && conf[c].uv != KNOWN);
		conf[c].stor = FREE
	}
}

inline leak_storages(c)
{
	atomic {
		CHECK(LEAK_FORCED, conf[c].stor == DONATED && conf[c].uv == KNOWN);
		conf[c].stor = LEAKED
	}
}

/* place: kvm/gmap.c gmap_table_free */
inline gmap_table_free(t)
{
	atomic {
		if
		:: t -> CHECK(TABLE_IN_USE, tables[t] == DONATED && !table_known(t) && top != t);
			tables[t] = NONE
		:: else
		fi
	}
}

/* place: kvm/gmap.c gmap_table_leak */
inline gmap_table_leak(t)
{
	atomic {
		if
		:: t -> CHECK(LEAK_FORCED, tables[t] == DONATED && table_known(t)); tables[t] = LEAKED
		:: else
		fi
	}
}

/* ---- the Ultravisor's calls; a call that fails has changed nothing ---- */

inline uv_destroy_conf(c, err)
{
	atomic {
		CHECK(CALL_HANDLE, c && conf[c].uv == KNOWN && !conf[c].cpus);
		maybe_fails(err);
		if
		:: !err -> /* all its pages are accessible now; the host's notes are not its business */
			conf[c].uv = GONE;
			sec[LO] = sec[LO] && page[LO] != c;
			sec[HI] = sec[HI] && page[HI] != c
		:: else
		fi
	}
}

inline uv_destroy_conf_fast(c, err)
{
	atomic {
		CHECK(CALL_HANDLE, c && conf[c].uv == KNOWN && !conf[c].cpus);
		maybe_fails(err);
		if
		:: !err -> conf[c].uv = GONE
		:: else
		fi
	}
}

/* ---- host services ---- */

/* place: host/lock.c mutex_lock */
inline mutex_lock() { atomic { lock == 0 -> lock = _pid } }

/* place: host/lock.c mutex_unlock */
inline mutex_unlock() { lock = 0 }

/* The last one does the work, here by letting `kvm_destroy_vm` start and waiting for it. */
/* place: kvm/kvm_main.c kvm_put_kvm */
inline kvm_put_kvm()
{
	users--;
	if
	:: users == 0 -> released
	:: else
	fi
}

/* place: host/mm.c mmget_not_zero */
inline mmget_not_zero(got) { atomic { got = (mm_users > 0); mm_users = mm_users + got } }

/* place: host/mm.c mmput */
inline mmput()
{
	mm_users--;
	if
	:: mm_users == 0 -> mm_exited
	:: else
	fi
}
