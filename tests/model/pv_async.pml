/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Beside kvm/pv_async.c: configurations that only the Ultravisor still knows. */

/* ---- memory ---- */

/* One page of a walk for configuration @c. */
inline destroy_page(c, p)
{
	atomic {
		if
#ifdef WALK_OF_ALL
		:: page[p] ->
#else
		:: page[p] == c ->
#endif
			/* Refused while the owner has CPUs; then the page is exported, which keeps its content. */
			CHECK(PAGES_OF_OTHERS, page[p] == c || !sec[p] || conf[page[p]].cpus ||
			      page[p] != handle || pv_state != PV_ACTIVE);
			page[p] = 0;
			sec[p] = false
		:: else
		fi
	}
}

/* Not the walk of PERFORM: nothing stops it. */
/* place: kvm/pv_async.c destroy_owner_memory */
inline destroy_owner_memory(c) { destroy_page(c, LO); destroy_page(c, HI) }

/* Looks for a fatal signal at every page; if there is one, the task will only exit after this. */
inline destroy_owner_memory_interruptible(c, stop)
{
	CHECK(LOCK_RULES, lock != _pid);
	CHECK(PAGES_LEFT, mm_users > 0); /* the task of an ioctl holds its address space */
	if
	:: true -> destroy_page(c, LO);
		if
		:: true -> destroy_page(c, HI)
		:: stop = true
		fi
	:: stop = true
	fi
}

/* place: kvm/pv_async.c kvm_s390_destroy_lower_2g */
inline kvm_s390_destroy_lower_2g(c)
{
#ifndef STOPS_AT_HOLE
	destroy_page(c, LO)
#else
	skip
#endif
}

/* ---- records ---- */

/* place: kvm/pv_async.c free_record */
inline free_record(r)
{
	atomic {
		CHECK(RECORD_ONCE, conf[r].rec != FREED && conf[r].rec != NO_RECORD);
		CHECK(ONE_OWNER, conf[r].rec == DISPOSED || conf[r].rec == PV_LEAKED);
		conf[r].rec = FREED
	}
}

/* place: kvm/pv_async.c free_record_storage */
inline free_record_storage(r)
{
	free_storages(r);
	gmap_table_free(conf[r].rec_table);
	conf[r].rec_table = 0
}

/* place: kvm/pv_async.c leak_record_storage */
inline leak_record_storage(r)
{
	leak_storages(r);
	gmap_table_leak(conf[r].rec_table);
	conf[r].rec_table = 0
}

/* place: kvm/pv_async.c kvm_s390_pv_dispose_one_leftover */
inline kvm_s390_pv_dispose_one_leftover(r, err)
{
	atomic {
	CHECK(RECORD_ONCE, conf[r].rec != FREED);
	CHECK(ONE_OWNER, conf[r].rec == PV_TEARING || conf[r].rec == PV_LEFTOVER);
	err = false;
	if
	:: conf[r].rec_handle ->
		conf[r].rec_handle = false;
		uv_destroy_conf(r, err);
		if
#ifdef FREED_AFTER_FAILURE
		:: err -> free_record_storage(r); conf[r].rec = PV_LEAKED
#else
		:: err -> leak_record_storage(r); conf[r].rec = PV_LEAKED
#endif
		:: else -> free_record_storage(r)
		fi
	:: else /* destroyed fast: the storages are back already */
	fi;
	if
#ifndef FAILURE_UNCOUNTED
	:: err
#endif
	:: else -> uncount_conf(r); conf[r].rec = (err -> PV_LEAKED : DISPOSED)
	fi
	}
}

/* ---- PREPARE ---- */

/* place: kvm/pv_async.c move_into_record */
inline move_into_record(c, err)
{
#ifdef GMAP_HANDLE_EARLY
	gmap_handle = 0;
#endif
	err = false;
	if
	:: stuck_table -> conf[c].rec_table = stuck_table
	:: else -> s390_replace_asce(conf[c].rec_table, err)
	fi;
	conf[c].rec_handle = !err
}

/* place: kvm/pv_async.c fill_record */
inline fill_record(c, err)
{
	if
	:: fast -> kvm_s390_pv_deinit_vm_fast(err)
	:: else -> move_into_record(c, err)
	fi
}

/* place: kvm/pv_async.c kvm_s390_pv_set_aside */
inline kvm_s390_pv_set_aside(err)
{
	CHECK(LOCK_RULES, lock == _pid);
	if
#ifndef SECOND_NOT_REFUSED
	:: set_aside -> CHECK(PREPARE_AGAIN, conf[set_aside].rec == PV_ASIDE); err = true
#endif
#ifndef SMALL_NOT_REFUSED
	:: small -> err = true
#endif
	:: else ->
		maybe_fails(err); /* the record's allocation */
		if
		:: !err ->
			atomic { c = handle; conf[c].rec = FRESH; fill_record(c, err) };
			if
			:: err -> conf[c].rec = NO_RECORD /* host_free() */
			:: else ->
				kvm_s390_destroy_lower_2g(c);
				atomic {
					SEEN(STUCK_ASIDE, pv_state == PV_STUCK);
					conf[c].rec = PV_ASIDE;
					kvm_s390_clear_pv_state();
					CHECK(ONE_ASIDE, !set_aside);
					set_aside = c;
					CHECK(LOWER_2G, !sec[LO] || page[LO] != c)
				}
			fi;
			c = 0
		:: else
		fi
	fi
}

/* ---- PERFORM ---- */

/* place: kvm/pv_async.c take_set_aside */
inline take_set_aside(r)
{
	atomic {
		mutex_lock();
		r = set_aside;
#if !defined(ASIDE_CLEARED_LATE) && !defined(ASIDE_CLEARED_AT_END)
		set_aside = 0;
#endif
		if
		:: r ->
			CHECK(ONE_OWNER, conf[r].rec == PV_ASIDE);
			conf[r].rec = PV_TEARING;
			performing++;
			SEEN(BOTH_PERFORM, performing == 2)
		:: else
		fi;
#ifdef LOCK_KEPT_IF_NONE
		lock = (r -> 0 : lock)
#else
		mutex_unlock()
#endif
	}
#ifdef ASIDE_CLEARED_LATE
	; set_aside = 0
#endif
}

/* place: kvm/pv_async.c queue_leftover */
inline queue_leftover(r)
{
	atomic {
#ifndef QUEUED_WITHOUT_LOCK
		mutex_lock();
#endif
		conf[r].rec = PV_LEFTOVER;
		conf[r].next = need_cleanup /* LIST_INSERT_HEAD() */
	};
	atomic {
		need_cleanup = r;
#ifndef QUEUED_WITHOUT_LOCK
		mutex_unlock()
#endif
	}
}

/* @stop: a fatal signal was seen. */
/* place: kvm/pv_async.c kvm_s390_pv_deinit_aside_vm */
inline kvm_s390_pv_deinit_aside_vm(stop)
{
	CHECK(LOCK_RULES, lock != _pid);
	stop = false;
	take_set_aside(r);
	if
	:: r ->
#ifdef WALK_UNDER_LOCK
		mutex_lock();
#endif
#ifdef DISPOSED_BEFORE_WALK
		kvm_s390_pv_dispose_one_leftover(r, err);
#endif
		destroy_owner_memory_interruptible(r, stop);
#ifdef WALK_UNDER_LOCK
		mutex_unlock();
#endif
		if
		:: stop ->
			queue_leftover(r)
#ifdef FREED_TWICE
			; conf[r].rec = DISPOSED; free_record(r)
#endif
		:: else ->
			CHECK(PAGES_LEFT, !secure_of(r));
#ifndef DISPOSED_BEFORE_WALK
			kvm_s390_pv_dispose_one_leftover(r, err);
#endif
			free_record(r)
		fi;
#ifdef ASIDE_CLEARED_AT_END
		atomic { mutex_lock(); set_aside = 0; mutex_unlock() };
#endif
		performing--
	:: else
	fi
}

/* ---- DISABLE and the end of the VM ---- */

/* place: kvm/pv_async.c hold_protected_count */
inline hold_protected_count(got)
{
	atomic {
#ifdef RAISED_FROM_ZERO
		got = true;
#else
		got = (count > 0);
#endif
		CHECK(COUNT_FROM_ZERO, !got || count > 0);
		count = count + got
	}
}

/* place: kvm/pv_async.c release_protected_count */
inline release_protected_count()
{
	atomic { CHECK(COUNT_BALANCE, count > 0); count = (count > 0 -> count - 1 : 0); count_fell() }
}

/* place: kvm/pv_async.c requeue_set_aside */
inline requeue_set_aside()
{
	if
#ifndef ASIDE_FORGOTTEN
	:: set_aside ->
		CHECK(ONE_OWNER, conf[set_aside].rec == PV_ASIDE);
		conf[set_aside].rec = PV_LEFTOVER;
		conf[set_aside].next = need_cleanup;
		need_cleanup = set_aside;
		set_aside = 0
#endif
	:: else
	fi
}

/* What it disposed of is on @done, linked as before. */
/* place: kvm/pv_async.c dispose_leftovers */
inline dispose_leftovers(done, ret)
{
	done = 0;
	do
	:: atomic {
		need_cleanup ->
		r = need_cleanup;
		need_cleanup = conf[r].next;
		SEEN(LEFTOVER_DONE, users && performing);
		SEEN(MM_GONE_FIRST, mm_exited);
		kvm_s390_pv_dispose_one_leftover(r, err);
		ret = ret || err;
		conf[r].next = done;
		done = r;
		r = 0
	   }
	:: else -> break
	od
}

/* place: kvm/pv_async.c destroy_memory_of */
inline destroy_memory_of(c, done)
{
#ifdef WALK_NEEDS_MM
	mmget_not_zero(got);
	if
	:: got ->
#endif
		destroy_owner_memory(c);
		r = done;
		do
		:: r -> destroy_owner_memory(r); r = conf[r].next
		:: else -> break
		od
#ifdef WALK_NEEDS_MM
		; atomic { mmput() }
	:: else
	fi
#endif
}

/* place: kvm/pv_async.c free_records */
inline free_records(done)
{
	atomic {
		do
		:: done -> r = done; done = conf[r].next; conf[r].next = 0; free_record(r)
		:: else -> break
		od;
		r = 0
	}
}

/* place: kvm/pv_async.c kvm_s390_pv_deinit_cleanup_all */
inline kvm_s390_pv_deinit_cleanup_all(ret)
{
	atomic { c = handle; ret = false };
	hold_protected_count(hold);
	if
	:: hold ->
#ifdef COUNT_BEFORE_WALK
		release_protected_count();
#endif
		if
		:: atomic { handle -> kvm_s390_pv_deinit_vm(ret) }
		:: else
		fi;
		atomic { requeue_set_aside() };
		dispose_leftovers(done, ret);
		destroy_memory_of(c, done);
		free_records(done);
#ifndef COUNT_BEFORE_WALK
		release_protected_count();
#endif
		hold = false
	:: else -> CHECK(NOTHING_LOST, !set_aside && !need_cleanup)
	fi;
	c = 0
}
