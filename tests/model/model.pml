/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model: who is there, and how each of them ends. Three tasks of one VMM share
 * its address space and its files; `passed_on` is another process that was given
 * the VM file. `-D` switches plant a mistake or make it the protocol of v14.
 */
#ifdef V14
#include "v14.pml"
#endif
#include "state.pml"
#include "pv.pml"
#include "pv_async.pml"
#include "pv_cmd.pml"

/* Each ioctl holds the file that it came by. If that was the last reference, its end is the VM's. */
/* place: kvm/kvm_main.c kvm_get_kvm */
inline kvm_get_kvm() { atomic { vm_file -> users++ } }

/* As in the kernel: a task gives up the address space first, the files after it. */
inline exit_task()
{
	atomic {
		mmput();
		file_users--;
		if
		:: vm_file && file_users == 0 -> vm_file = false; kvm_put_kvm()
		:: else
		fi
	}
}

/* The thread of the VMM that issues everything but PERFORM, in any order, as long as it likes. */
proctype vmm()
{
	LOCALS;
	do
	:: kvm_get_kvm(); dispatch(); atomic { forget(); kvm_put_kvm() }
#ifndef ALONE
	:: atomic { vm_file -> vm_file = false; kvm_put_kvm() }; break /* closed by hand */
#endif
	:: break
	od;
	exit_task()
}

/* A thread that issues PERFORM. A fatal signal ends it at any point where it is looked at. */
proctype performer()
{
	LOCALS;
	do
	:: kvm_get_kvm();
#ifdef WORKER_WITHOUT_MM
		mmput();
#endif
		kvm_s390_pv_deinit_aside_vm(stop);
#ifdef WORKER_WITHOUT_MM
		mm_users++;
#endif
		atomic { err = false; got = false; t = 0; r = 0; kvm_put_kvm() };
		if
		:: stop -> break
		:: else
		fi
	:: break
	od;
	exit_task()
}

/* Holds the VM file and can do nothing with it (-EIO) but close it. */
proctype passed_on()
{
	atomic { kvm_put_kvm() }
}

/* place: host/mm.c run_notifiers */
inline run_notifiers()
{
	atomic { running = registered; registered = false };
	if
	:: running -> kvm_s390_pv_mmu_notifier_release(); running = false
	:: else
	fi
}

/* place: host/mm_exit.c mm_exit */
inline mm_exit()
{
	if
	:: count > 0 ->
		atomic { page[LO] = 0; sec[LO] = false };
		atomic { page[HI] = 0; sec[HI] = false }
	:: else
	fi;
	CHECK(PAGES_LEFT, !sec[LO] && !sec[HI])
}

/* What the last mmput() does. */
proctype end_of_mm()
{
	LOCALS;
	mm_users == 0;
	run_notifiers();
	mm_exit();
	mm_exited = true
}

/* place: kvm/pv.c kvm_s390_pv_unregister_notifier */
inline kvm_s390_pv_unregister_notifier()
{
	registered = false;
	SEEN(MM_MEETS_END, running);
	!running
}

/* place: kvm/create_vcpu.c kvm_destroy_vcpus */
inline kvm_destroy_vcpus()
{
	if
	:: handle -> conf[handle].cpus = false
	:: else
	fi;
	vcpus_freed = true
}

/* place: kvm/gmap.c gmap_free */
inline gmap_free()
{
	atomic {
		if
		:: top_listed -> t = top; top = 0; gmap_table_free(t)
		:: else -> gmap_table_leak(top)
		fi
	}
}

/* place: kvm/kvm-s390.c kvm_arch_destroy_vm */
inline kvm_arch_destroy_vm()
{
#ifndef UNREGISTERED_LATE
	kvm_s390_pv_unregister_notifier();
#endif
	kvm_destroy_vcpus();
	kvm_s390_pv_deinit_cleanup_all(ret);
#ifdef UNREGISTERED_LATE
	kvm_s390_pv_unregister_notifier();
#endif
	if
	:: handle -> kvm_s390_pv_leak_vm()
	:: else
	fi;
	gmap_free()
}

/* What must hold of a configuration when nothing is left that could still work on it. */
inline check_end(i)
{
	CHECK(NOTHING_LOST, conf[i].rec == NO_RECORD || conf[i].rec == FREED);
	CHECK(NOTHING_LOST, conf[i].stor != DONATED);
	CHECK(FREE_AFTER_SUCCESS, conf[i].uv != KNOWN || conf[i].stor == LEAKED);
	CHECK(LEAK_FORCED, conf[i].uv == KNOWN || conf[i].stor != LEAKED);
	CHECK(COUNT_BALANCE, conf[i].uv != KNOWN || conf[i].counted)
}

/* place: kvm/kvm_main.c kvm_destroy_vm */
proctype kvm_destroy_vm()
{
	LOCALS;
	users == 0;
	kvm_arch_destroy_vm();
	atomic {
		CHECK(LOCK_RULES, !lock);
		CHECK(NOTHING_LOST, !set_aside && !need_cleanup && !handle);
		check_end(1); check_end(2); check_end(3);
		c = 1;
		do
		:: c <= NTABLE ->
			CHECK(NOTHING_LOST, tables[c] != DONATED);
			CHECK(LEAK_FORCED, tables[c] != LEAKED || table_known(c));
			c++
		:: else -> break
		od;
		c = 0
	};
	released = true
}

/* When both are gone: no secure page, and a count that only refused configurations hold up. */
proctype after_the_end()
{
	atomic {
		released && mm_exited ->
		CHECK(PAGES_LEFT, !sec[LO] && !sec[HI]);
		CHECK(COUNT_BALANCE, count == conf[1].counted + conf[2].counted + conf[3].counted)
	}
}

init {
	atomic {
		tables[1] = DONATED;
		users = 1; vm_file = true; mm_users = 3; file_users = 3;
		if :: fast = false
#if !defined(V14) || defined(V14_FAST)
		   :: fast = true
#endif
		fi;
#ifndef ALONE
		users++;
		run passed_on();
#endif
#ifdef SMALL
		small = true;
#endif
		run vmm(); run performer(); run performer();
		run end_of_mm(); run kvm_destroy_vm(); run after_the_end()
	}
}
