/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Beside kvm/pv.c, kvm/pv_cpu.c and kvm/gmap.c: the active configuration. */

/* place: kvm/gmap.c s390_replace_asce */
inline s390_replace_asce(old, err)
{
	top_listed = false; /* s390_unlist_old_asce() */
	if
#ifndef SMALL_NOT_REFUSED
	:: small -> err = true
#endif
	:: else -> maybe_fails(err)
	fi;
	atomic {
		t = 1;
		do
		:: tables[t] != NONE -> t++
		:: else -> break
		od;
		err = err || t > NTABLE; /* only v14 leaks so many */
		if
		:: !err ->
			CHECK(TABLE_IN_USE, !small); /* the host's map points into a table of SEGMENT type */
			old = top;
			top = t;
			tables[t] = DONATED;
			top_listed = true
		:: else
		fi;
		t = 0
	}
}

/* place: kvm/pv.c kvm_s390_clear_pv_state */
inline kvm_s390_clear_pv_state()
{
	atomic { handle = 0; gmap_handle = 0; pv_state = PV_NONE; stuck_table = 0 }
}

/* place: kvm/pv.c free_given_back */
inline free_given_back()
{
#ifndef TABLE_NOT_RELISTED
	gmap_table_free(stuck_table);
	stuck_table = 0;
	top_listed = true; /* s390_relist_asce() */
#endif
	free_storages(handle)
}

/* place: kvm/pv_cpu.c kvm_s390_cpus_from_pv */
inline kvm_s390_cpus_from_pv(err)
{
	err = false;
	got = !vcpus_freed; /* kvm_for_each_vcpu() */
	if
	:: got && handle && conf[handle].cpus ->
		CHECK(VCPU_ALIVE, !vcpus_freed);
		maybe_fails(err);
		conf[handle].cpus = false /* whatever the answer: its storage is leaked then */
	:: else -> CHECK(VCPU_ALIVE, !got || !vcpus_freed)
	fi
}

/* place: kvm/pv_cpu.c kvm_s390_cpus_to_pv */
inline kvm_s390_cpus_to_pv(err)
{
	maybe_fails(err); /* then none is left */
	if
	:: !err -> conf[handle].cpus = true
	:: !err /* the VM has no vCPU yet */
	:: else
	fi
}

/* place: kvm/pv.c keep_stuck_table */
inline keep_stuck_table()
{
	if
#ifdef STUCK_TABLE_LOST
	:: true -> s390_replace_asce(r, got); gmap_table_leak(r); r = 0
#else
	:: !stuck_table -> s390_replace_asce(stuck_table, got)
#endif
	:: else
	fi;
	pv_state = PV_STUCK
}

/* place: kvm/pv.c kvm_s390_pv_deinit_vm */
inline kvm_s390_pv_deinit_vm(err)
{
	CHECK(LOCK_RULES, lock == _pid || users == 0);
	uv_destroy_conf(handle, err);
	if
	:: err -> keep_stuck_table()
	:: else ->
		uncount_conf(handle);
		free_given_back();
		kvm_s390_clear_pv_state()
	fi
}

/* place: kvm/pv.c kvm_s390_pv_deinit_vm_fast */
inline kvm_s390_pv_deinit_vm_fast(err)
{
	uv_destroy_conf_fast(handle, err);
	if
	:: !err -> free_given_back()
	:: else
	fi
}

/* Three answers: done; refused; refused, and yet there is something to destroy (UVC_RC_NEED_DESTROY). */
/* place: kvm/pv.c create_sec_conf */
inline create_sec_conf(err)
{
	nr_conf++;
	c = nr_conf;
	conf[c].stor = DONATED;
	if
	:: atomic { conf[c].uv = KNOWN; conf[c].table = top; err = false }
	:: err = true
	:: atomic { conf[c].uv = KNOWN; conf[c].table = top; err = true }
	fi;
	handle = c;
	gmap_handle = c;
	count_conf(c);
	pv_state = PV_ACTIVE;
	if
	:: !err
	:: err && conf[c].uv == KNOWN -> kvm_s390_pv_deinit_vm(got); err = true /* kvm_s390_pv_undo_init_vm() */
	:: else -> uncount_conf(c); free_storages(c); kvm_s390_clear_pv_state()
	fi;
	c = 0
}

/* place: kvm/pv.c kvm_s390_pv_init_vm */
inline kvm_s390_pv_init_vm(err)
{
	CHECK(LOCK_RULES, lock == _pid);
	maybe_fails(err); /* registration, allocations */
	registered = registered || !err;
	if
	:: !err -> create_sec_conf(err)
	:: else
	fi
}

/* place: kvm/pv.c kvm_s390_pv_leak_vm */
inline kvm_s390_pv_leak_vm()
{
	leak_storages(handle);
	gmap_table_leak(stuck_table);
	kvm_s390_clear_pv_state()
}

/* place: kvm/pv.c kvm_s390_pv_mmu_notifier_release */
inline kvm_s390_pv_mmu_notifier_release()
{
	if
#ifdef NOTIFIER_WITHOUT_HANDLE
	:: true ->
#else
	:: handle ->
#endif
		kvm_s390_cpus_from_pv(err);
		pv_state = (pv_state == PV_ACTIVE -> PV_HALF : pv_state);
		if
		:: !err && fast ->
			kvm_s390_pv_deinit_vm_fast(err);
			if
			:: !err -> kvm_s390_clear_pv_state() /* counted until the pages have gone, with the mm */
			:: else
			fi
		:: else
		fi
	:: else
	fi
}
