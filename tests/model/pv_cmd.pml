/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Beside kvm/pv_cmd.c: the commands, and the lock around them. */

/* place: kvm/pv_cmd.c note_half */
inline note_half() { pv_state = (handle && pv_state == PV_ACTIVE -> PV_HALF : pv_state) }

/* place: kvm/pv_cmd.c pv_enable */
inline pv_enable()
{
	atomic {
	if
	:: !handle && nr_conf < NCONF ->
		kvm_s390_pv_init_vm(err);
		if
		:: !err ->
			kvm_s390_cpus_to_pv(err);
			if
			:: err -> kvm_s390_pv_deinit_vm(got); err = true /* kvm_s390_pv_undo_init_vm() */
			:: else
			fi
		:: else
		fi
	:: else /* -EINVAL */
	fi
	}
}

/* place: kvm/pv_cmd.c pv_disable */
inline pv_disable()
{
	if
	:: handle ->
		atomic { kvm_s390_cpus_from_pv(err) };
		if
		:: err -> note_half()
		:: else -> kvm_s390_pv_deinit_cleanup_all(ret)
		fi
	:: else /* -EINVAL */
	fi
}

/* place: kvm/pv_cmd.c pv_async_cleanup_prepare */
inline pv_async_cleanup_prepare()
{
	if
	:: handle ->
		atomic { kvm_s390_cpus_from_pv(err) };
		if
		:: !err -> kvm_s390_pv_set_aside(err)
		:: else
		fi;
		if
		:: err -> note_half()
		:: else
		fi;
		CHECK(GMAP_HANDLE, gmap_handle == handle)
	:: else /* -EINVAL */
	fi
}

/* The guest gets its memory. What another configuration still has there is destroyed first, on demand. */
/* place: kvm/pv_cmd.c pv_unpack */
inline pv_unpack()
{
	atomic {
		if
		:: handle && pv_state == PV_ACTIVE ->
			SEEN(THREE_LIVES, set_aside && performing);
			CHECK(COUNT_WHILE_SECURE, count > 0);
			CHECK(CALL_HANDLE, !sec[LO] || page[LO] == handle || !conf[page[LO]].cpus);
			CHECK(CALL_HANDLE, !sec[HI] || page[HI] == handle || !conf[page[HI]].cpus);
			page[LO] = handle; sec[LO] = true;
			page[HI] = handle; sec[HI] = true
		:: else
		fi
	}
}

/* The rows of the table that the model knows; PERFORM is the one without the lock. */
/* place: kvm/pv_cmd.c dispatch */
inline dispatch()
{
	mutex_lock();
	if
	:: true -> pv_enable()
	:: true -> pv_disable()
	:: true -> pv_async_cleanup_prepare()
	:: true -> pv_unpack()
	fi;
	mutex_unlock()
}
