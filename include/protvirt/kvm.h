/* SPDX-License-Identifier: MIT */
/*
 * The KVM interface for s390: ioctl numbers, structures and constants of
 * /dev/kvm, on any architecture.
 *
 * Names, numbers and layouts are those of Linux, so that a VMM's code compiles
 * unchanged. Everything is in host byte order. <linux/kvm.h> must not be
 * included beside it: on other architectures it describes another machine.
 */
#ifndef PROTVIRT_KVM_H
#define PROTVIRT_KVM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>

#ifdef __cplusplus
#define KVM_STATIC_ASSERT(expr, text) static_assert(expr, text)
extern "C" {
#else
#define KVM_STATIC_ASSERT(expr, text) _Static_assert(expr, text)
#endif

#define KVM_ASSERT_OFFSET(type, field, at)                                                         \
	KVM_STATIC_ASSERT(offsetof(struct type, field) == (at), #type "." #field)
#define KVM_ASSERT_SIZE(type, size) KVM_STATIC_ASSERT(sizeof(struct type) == (size), #type)
#define KVM_ASSERT_NR(name, nr)     KVM_STATIC_ASSERT((name) == (nr), #name)

#define KVM_API_VERSION 12
#define KVMIO           0xAE

/* ---- registers ---- */

struct kvm_regs {
	uint64_t gprs[16];
};
KVM_ASSERT_SIZE(kvm_regs, 128);

struct kvm_sregs {
	uint32_t acrs[16];
	uint64_t crs[16];
};
KVM_ASSERT_OFFSET(kvm_sregs, crs, 64);
KVM_ASSERT_SIZE(kvm_sregs, 192);

struct kvm_fpu {
	uint32_t fpc;
	uint32_t pad;
	uint64_t fprs[16];
};
KVM_ASSERT_OFFSET(kvm_fpu, fprs, 8);
KVM_ASSERT_SIZE(kvm_fpu, 136);

struct kvm_s390_psw {
	uint64_t mask;
	uint64_t addr;
};
KVM_ASSERT_SIZE(kvm_s390_psw, 16);

struct kvm_one_reg {
	uint64_t id;
	uint64_t addr;
};
KVM_ASSERT_SIZE(kvm_one_reg, 16);

#define KVM_REG_S390      0x5000000000000000ULL
#define KVM_REG_SIZE_MASK 0x00f0000000000000ULL
#define KVM_REG_SIZE_U32  0x0020000000000000ULL
#define KVM_REG_SIZE_U64  0x0030000000000000ULL

#define KVM_REG_S390_TODPR      (KVM_REG_S390 | KVM_REG_SIZE_U32 | 0x1)
#define KVM_REG_S390_EPOCHDIFF  (KVM_REG_S390 | KVM_REG_SIZE_U64 | 0x2)
#define KVM_REG_S390_CPU_TIMER  (KVM_REG_S390 | KVM_REG_SIZE_U64 | 0x3)
#define KVM_REG_S390_CLOCK_COMP (KVM_REG_S390 | KVM_REG_SIZE_U64 | 0x4)
#define KVM_REG_S390_PFTOKEN    (KVM_REG_S390 | KVM_REG_SIZE_U64 | 0x5)
#define KVM_REG_S390_PFCOMPARE  (KVM_REG_S390 | KVM_REG_SIZE_U64 | 0x6)
#define KVM_REG_S390_PFSELECT   (KVM_REG_S390 | KVM_REG_SIZE_U64 | 0x7)
#define KVM_REG_S390_PP         (KVM_REG_S390 | KVM_REG_SIZE_U64 | 0x8)
#define KVM_REG_S390_GBEA       (KVM_REG_S390 | KVM_REG_SIZE_U64 | 0x9)

/* Bits of kvm_valid_regs and kvm_dirty_regs */
#define KVM_SYNC_PREFIX  (1UL << 0)
#define KVM_SYNC_GPRS    (1UL << 1)
#define KVM_SYNC_ACRS    (1UL << 2)
#define KVM_SYNC_CRS     (1UL << 3)
#define KVM_SYNC_ARCH0   (1UL << 4)
#define KVM_SYNC_PFAULT  (1UL << 5)
#define KVM_SYNC_VRS     (1UL << 6)
#define KVM_SYNC_RICCB   (1UL << 7)
#define KVM_SYNC_FPRS    (1UL << 8)
#define KVM_SYNC_GSCB    (1UL << 9)
#define KVM_SYNC_BPBC    (1UL << 10)
#define KVM_SYNC_ETOKEN  (1UL << 11)
#define KVM_SYNC_DIAG318 (1UL << 12)

#define SDNXC 8
#define SDNXL (1UL << SDNXC)

struct kvm_sync_regs {
	uint64_t prefix;   /* 0x000 */
	uint64_t gprs[16]; /* 0x008 */
	uint32_t acrs[16]; /* 0x088 */
	uint64_t crs[16];  /* 0x0c8 */
	uint64_t todpr;    /* 0x148, this and the next four: ARCH0 */
	uint64_t cputm;    /* 0x150 */
	uint64_t ckc;      /* 0x158 */
	uint64_t pp;       /* 0x160 */
	uint64_t gbea;     /* 0x168 */
	uint64_t pft;      /* 0x170 */
	uint64_t pfs;      /* 0x178 */
	uint64_t pfc;      /* 0x180 */
	union {
		uint64_t vrs[32][2]; /* 0x188 */
		uint64_t fprs[16];   /* 0x188 */
	};
	uint8_t reserved[512];
	uint32_t fpc;     /* 0x588, valid with VRS and FPRS */
	uint8_t bpbc : 1; /* 0x58c */
	uint8_t reserved2 : 7;
	uint8_t padding1[51];
	uint8_t riccb[64]; /* 0x5c0 */
	uint64_t diag318;  /* 0x600 */
	uint8_t padding2[184];
	union {
		uint8_t sdnx[SDNXL]; /* 0x6c0 */
		struct {
			uint64_t reserved1[2];
			uint64_t gscb[4];          /* 0x6d0 */
			uint64_t etoken;           /* 0x6f0 */
			uint64_t etoken_extension; /* 0x6f8 */
		};
	};
};
KVM_ASSERT_OFFSET(kvm_sync_regs, gprs, 0x008);
KVM_ASSERT_OFFSET(kvm_sync_regs, acrs, 0x088);
KVM_ASSERT_OFFSET(kvm_sync_regs, crs, 0x0c8);
KVM_ASSERT_OFFSET(kvm_sync_regs, todpr, 0x148);
KVM_ASSERT_OFFSET(kvm_sync_regs, cputm, 0x150);
KVM_ASSERT_OFFSET(kvm_sync_regs, ckc, 0x158);
KVM_ASSERT_OFFSET(kvm_sync_regs, pp, 0x160);
KVM_ASSERT_OFFSET(kvm_sync_regs, gbea, 0x168);
KVM_ASSERT_OFFSET(kvm_sync_regs, pft, 0x170);
KVM_ASSERT_OFFSET(kvm_sync_regs, pfs, 0x178);
KVM_ASSERT_OFFSET(kvm_sync_regs, pfc, 0x180);
KVM_ASSERT_OFFSET(kvm_sync_regs, vrs, 0x188);
KVM_ASSERT_OFFSET(kvm_sync_regs, fprs, 0x188);
KVM_ASSERT_OFFSET(kvm_sync_regs, fpc, 0x588);
KVM_ASSERT_OFFSET(kvm_sync_regs, padding1, 0x58d);
KVM_ASSERT_OFFSET(kvm_sync_regs, riccb, 0x5c0);
KVM_ASSERT_OFFSET(kvm_sync_regs, diag318, 0x600);
KVM_ASSERT_OFFSET(kvm_sync_regs, gscb, 0x6d0);
KVM_ASSERT_OFFSET(kvm_sync_regs, etoken, 0x6f0);
KVM_ASSERT_OFFSET(kvm_sync_regs, etoken_extension, 0x6f8);
KVM_ASSERT_SIZE(kvm_sync_regs, 0x7c0);

/* ---- KVM_RUN ---- */

#define KVM_EXIT_UNKNOWN        0
#define KVM_EXIT_DEBUG          4
#define KVM_EXIT_INTR           10
#define KVM_EXIT_S390_SIEIC     13
#define KVM_EXIT_S390_RESET     14
#define KVM_EXIT_INTERNAL_ERROR 17
#define KVM_EXIT_S390_UCONTROL  20
#define KVM_EXIT_S390_TSCH      22
#define KVM_EXIT_SYSTEM_EVENT   24
#define KVM_EXIT_S390_STSI      25

#define KVM_S390_RESET_POR       1
#define KVM_S390_RESET_CLEAR     2
#define KVM_S390_RESET_SUBSYSTEM 4
#define KVM_S390_RESET_CPU_INIT  8
#define KVM_S390_RESET_IPL       16

struct kvm_debug_exit_arch {
	uint64_t addr;
	uint8_t type;
	uint8_t pad[7];
};
KVM_ASSERT_SIZE(kvm_debug_exit_arch, 16);

#define KVM_HW_BP       1
#define KVM_HW_WP_WRITE 2
#define KVM_SINGLESTEP  4

struct kvm_run {
	uint8_t request_interrupt_window; /* 0x00, in */
	uint8_t immediate_exit;           /* 0x01, in */
	uint8_t padding1[6];
	uint32_t exit_reason; /* 0x08, out */
	uint8_t ready_for_interrupt_injection;
	uint8_t if_flag;
	uint16_t flags; /* 0x0e */
	uint64_t cr8;
	uint64_t apic_base;
	uint64_t psw_mask; /* 0x20, in and out */
	uint64_t psw_addr; /* 0x28 */
	union {
		struct {
			struct kvm_debug_exit_arch arch;
		} debug;
		struct {
			uint8_t icptcode;
			uint16_t ipa;
			uint32_t ipb;
		} s390_sieic;
		uint64_t s390_reset_flags;
		struct {
			uint32_t suberror;
			uint32_t ndata;
			uint64_t data[16];
		} internal;
		struct {
			uint64_t trans_exc_code;
			uint32_t pgm_code;
		} s390_ucontrol;
		struct {
			uint16_t subchannel_id;
			uint16_t subchannel_nr;
			uint32_t io_int_parm;
			uint32_t io_int_word;
			uint32_t ipb;
			uint8_t dequeued;
		} s390_tsch;
		struct {
			uint32_t type;
			uint32_t ndata;
			uint64_t data[16];
		} system_event;
		struct {
			uint64_t addr;
			uint8_t ar;
			uint8_t reserved;
			uint8_t fc;
			uint8_t sel1;
			uint16_t sel2;
		} s390_stsi;
		uint8_t padding[256];
	};                       /* 0x30 */
	uint64_t kvm_valid_regs; /* 0x130 */
	uint64_t kvm_dirty_regs; /* 0x138 */
	union {
		struct kvm_sync_regs regs;
		uint8_t padding[2048];
	} s; /* 0x140 */
};
KVM_ASSERT_OFFSET(kvm_run, immediate_exit, 0x01);
KVM_ASSERT_OFFSET(kvm_run, exit_reason, 0x08);
KVM_ASSERT_OFFSET(kvm_run, flags, 0x0e);
KVM_ASSERT_OFFSET(kvm_run, psw_mask, 0x20);
KVM_ASSERT_OFFSET(kvm_run, psw_addr, 0x28);
KVM_ASSERT_OFFSET(kvm_run, debug.arch.addr, 0x30);
KVM_ASSERT_OFFSET(kvm_run, debug.arch.type, 0x38);
KVM_ASSERT_OFFSET(kvm_run, s390_sieic.icptcode, 0x30);
KVM_ASSERT_OFFSET(kvm_run, s390_sieic.ipa, 0x32);
KVM_ASSERT_OFFSET(kvm_run, s390_sieic.ipb, 0x34);
KVM_ASSERT_OFFSET(kvm_run, s390_reset_flags, 0x30);
KVM_ASSERT_OFFSET(kvm_run, internal.suberror, 0x30);
KVM_ASSERT_OFFSET(kvm_run, internal.data, 0x38);
KVM_ASSERT_OFFSET(kvm_run, s390_ucontrol.trans_exc_code, 0x30);
KVM_ASSERT_OFFSET(kvm_run, s390_ucontrol.pgm_code, 0x38);
KVM_ASSERT_OFFSET(kvm_run, s390_tsch.subchannel_id, 0x30);
KVM_ASSERT_OFFSET(kvm_run, s390_tsch.subchannel_nr, 0x32);
KVM_ASSERT_OFFSET(kvm_run, s390_tsch.io_int_parm, 0x34);
KVM_ASSERT_OFFSET(kvm_run, s390_tsch.io_int_word, 0x38);
KVM_ASSERT_OFFSET(kvm_run, s390_tsch.ipb, 0x3c);
KVM_ASSERT_OFFSET(kvm_run, s390_tsch.dequeued, 0x40);
KVM_ASSERT_OFFSET(kvm_run, system_event.type, 0x30);
KVM_ASSERT_OFFSET(kvm_run, system_event.ndata, 0x34);
KVM_ASSERT_OFFSET(kvm_run, system_event.data, 0x38);
KVM_ASSERT_OFFSET(kvm_run, s390_stsi.addr, 0x30);
KVM_ASSERT_OFFSET(kvm_run, s390_stsi.ar, 0x38);
KVM_ASSERT_OFFSET(kvm_run, s390_stsi.fc, 0x3a);
KVM_ASSERT_OFFSET(kvm_run, s390_stsi.sel1, 0x3b);
KVM_ASSERT_OFFSET(kvm_run, s390_stsi.sel2, 0x3c);
KVM_ASSERT_OFFSET(kvm_run, kvm_valid_regs, 0x130);
KVM_ASSERT_OFFSET(kvm_run, kvm_dirty_regs, 0x138);
KVM_ASSERT_OFFSET(kvm_run, s, 0x140);
KVM_ASSERT_SIZE(kvm_run, 0x940);

/** KVM_S390_SIE_PAGE_OFFSET - page of the vCPU mapping with the SIE block (UCONTROL only) */
#define KVM_S390_SIE_PAGE_OFFSET 1

struct kvm_mp_state {
	uint32_t mp_state;
};
KVM_ASSERT_SIZE(kvm_mp_state, 4);

#define KVM_MP_STATE_STOPPED    5
#define KVM_MP_STATE_CHECK_STOP 6
#define KVM_MP_STATE_OPERATING  7
#define KVM_MP_STATE_LOAD       8

struct kvm_signal_mask {
	uint32_t len;
	uint8_t sigset[];
};
KVM_ASSERT_OFFSET(kvm_signal_mask, sigset, 4);
KVM_ASSERT_SIZE(kvm_signal_mask, 4);

struct kvm_translation {
	uint64_t linear_address;
	uint64_t physical_address;
	uint8_t valid;
	uint8_t writeable;
	uint8_t usermode;
	uint8_t pad[5];
};
KVM_ASSERT_SIZE(kvm_translation, 24);

struct kvm_hw_breakpoint {
	uint64_t addr;
	uint64_t phys_addr;
	uint64_t len;
	uint8_t type;
	uint8_t pad[7];
};
KVM_ASSERT_SIZE(kvm_hw_breakpoint, 32);

struct kvm_guest_debug_arch {
	uint32_t nr_hw_bp;
	uint32_t pad;
	struct kvm_hw_breakpoint *hw_bp;
};

#define KVM_GUESTDBG_ENABLE       0x00000001
#define KVM_GUESTDBG_SINGLESTEP   0x00000002
#define KVM_GUESTDBG_USE_HW_BP    0x00010000
#define KVM_GUESTDBG_EXIT_PENDING 0x00020000

struct kvm_guest_debug {
	uint32_t control;
	uint32_t pad;
	struct kvm_guest_debug_arch arch;
};
KVM_ASSERT_SIZE(kvm_guest_debug, 24);

/* ---- memory ---- */

#define KVM_MEM_LOG_DIRTY_PAGES (1UL << 0)
#define KVM_MEM_READONLY        (1UL << 1)

struct kvm_userspace_memory_region {
	uint32_t slot;
	uint32_t flags;
	uint64_t guest_phys_addr;
	uint64_t memory_size; /* bytes */
	uint64_t userspace_addr;
};
KVM_ASSERT_OFFSET(kvm_userspace_memory_region, flags, 4);
KVM_ASSERT_OFFSET(kvm_userspace_memory_region, guest_phys_addr, 8);
KVM_ASSERT_OFFSET(kvm_userspace_memory_region, memory_size, 16);
KVM_ASSERT_OFFSET(kvm_userspace_memory_region, userspace_addr, 24);
KVM_ASSERT_SIZE(kvm_userspace_memory_region, 32);

struct kvm_dirty_log {
	uint32_t slot;
	uint32_t padding1;
	union {
		void *dirty_bitmap;
		uint64_t padding2;
	};
};
KVM_ASSERT_SIZE(kvm_dirty_log, 16);

struct kvm_clear_dirty_log {
	uint32_t slot;
	uint32_t num_pages;
	uint64_t first_page;
	union {
		void *dirty_bitmap;
		uint64_t padding2;
	};
};
KVM_ASSERT_SIZE(kvm_clear_dirty_log, 24);

struct kvm_s390_ucas_mapping {
	uint64_t user_addr;
	uint64_t vcpu_addr;
	uint64_t length;
};
KVM_ASSERT_SIZE(kvm_s390_ucas_mapping, 24);

#define KVM_S390_GET_SKEYS_NONE 1
#define KVM_S390_SKEYS_MAX      1048576

struct kvm_s390_skeys {
	uint64_t start_gfn;
	uint64_t count;
	uint64_t skeydata_addr;
	uint32_t flags;
	uint32_t reserved[9];
};
KVM_ASSERT_OFFSET(kvm_s390_skeys, flags, 24);
KVM_ASSERT_SIZE(kvm_s390_skeys, 64);

#define KVM_S390_CMMA_PEEK (1 << 0)

struct kvm_s390_cmma_log {
	uint64_t start_gfn;
	uint32_t count;
	uint32_t flags;
	union {
		uint64_t remaining; /* out, when getting */
		uint64_t mask;      /* in, when setting */
	};
	uint64_t values;
};
KVM_ASSERT_OFFSET(kvm_s390_cmma_log, count, 8);
KVM_ASSERT_OFFSET(kvm_s390_cmma_log, flags, 12);
KVM_ASSERT_OFFSET(kvm_s390_cmma_log, remaining, 16);
KVM_ASSERT_OFFSET(kvm_s390_cmma_log, values, 24);
KVM_ASSERT_SIZE(kvm_s390_cmma_log, 32);

#define KVM_S390_MEMOP_LOGICAL_READ     0
#define KVM_S390_MEMOP_LOGICAL_WRITE    1
#define KVM_S390_MEMOP_SIDA_READ        2
#define KVM_S390_MEMOP_SIDA_WRITE       3
#define KVM_S390_MEMOP_ABSOLUTE_READ    4
#define KVM_S390_MEMOP_ABSOLUTE_WRITE   5
#define KVM_S390_MEMOP_ABSOLUTE_CMPXCHG 6

#define KVM_S390_MEMOP_F_CHECK_ONLY       (1ULL << 0)
#define KVM_S390_MEMOP_F_INJECT_EXCEPTION (1ULL << 1)
#define KVM_S390_MEMOP_F_SKEY_PROTECTION  (1ULL << 2)

#define KVM_S390_MEMOP_EXTENSION_CAP_BASE    (1 << 0)
#define KVM_S390_MEMOP_EXTENSION_CAP_CMPXCHG (1 << 1)

struct kvm_s390_mem_op {
	uint64_t gaddr;
	uint64_t flags;
	uint32_t size; /* bytes */
	uint32_t op;
	uint64_t buf;
	union {
		struct {
			uint8_t ar;
			uint8_t key;
			uint8_t pad1[6];
			uint64_t old_addr;
		};
		uint32_t sida_offset;
		uint8_t reserved[32];
	};
};
KVM_ASSERT_OFFSET(kvm_s390_mem_op, flags, 8);
KVM_ASSERT_OFFSET(kvm_s390_mem_op, size, 16);
KVM_ASSERT_OFFSET(kvm_s390_mem_op, op, 20);
KVM_ASSERT_OFFSET(kvm_s390_mem_op, buf, 24);
KVM_ASSERT_OFFSET(kvm_s390_mem_op, ar, 32);
KVM_ASSERT_OFFSET(kvm_s390_mem_op, key, 33);
KVM_ASSERT_OFFSET(kvm_s390_mem_op, old_addr, 40);
KVM_ASSERT_OFFSET(kvm_s390_mem_op, sida_offset, 32);
KVM_ASSERT_SIZE(kvm_s390_mem_op, 64);

/* ---- interrupts ---- */

#define KVM_S390_SIGP_STOP         0xfffe0000u
#define KVM_S390_PROGRAM_INT       0xfffe0001u
#define KVM_S390_SIGP_SET_PREFIX   0xfffe0002u
#define KVM_S390_RESTART           0xfffe0003u
#define KVM_S390_INT_PFAULT_INIT   0xfffe0004u
#define KVM_S390_INT_PFAULT_DONE   0xfffe0005u
#define KVM_S390_MCHK              0xfffe1000u
#define KVM_S390_INT_CLOCK_COMP    0xffff1004u
#define KVM_S390_INT_CPU_TIMER     0xffff1005u
#define KVM_S390_INT_EMERGENCY     0xffff1201u
#define KVM_S390_INT_EXTERNAL_CALL 0xffff1202u
#define KVM_S390_INT_SERVICE       0xffff2401u
#define KVM_S390_INT_VIRTIO        0xffff2603u
#define KVM_S390_INT_IO_MIN        0x00000000u
#define KVM_S390_INT_IO_MAX        0xfffdffffu
#define KVM_S390_INT_IO_AI_MASK    0x04000000u
#define KVM_S390_INT_IO(ai, cssid, ssid, schid)                                                    \
	(((schid)) | ((ssid) << 16) | ((cssid) << 18) | ((ai) << 26))

struct kvm_s390_interrupt {
	uint32_t type;
	uint32_t parm;
	uint64_t parm64;
};
KVM_ASSERT_SIZE(kvm_s390_interrupt, 16);

struct kvm_s390_io_info {
	uint16_t subchannel_id;
	uint16_t subchannel_nr;
	uint32_t io_int_parm;
	uint32_t io_int_word;
};
KVM_ASSERT_SIZE(kvm_s390_io_info, 12);

struct kvm_s390_ext_info {
	uint32_t ext_params;
	uint32_t pad;
	uint64_t ext_params2;
};
KVM_ASSERT_OFFSET(kvm_s390_ext_info, ext_params2, 8);

#define KVM_S390_PGM_FLAGS_ILC_VALID 0x01
#define KVM_S390_PGM_FLAGS_ILC_0     0x02
#define KVM_S390_PGM_FLAGS_ILC_1     0x04
#define KVM_S390_PGM_FLAGS_ILC_MASK  0x06
#define KVM_S390_PGM_FLAGS_NO_REWIND 0x08

struct kvm_s390_pgm_info {
	uint64_t trans_exc_code;
	uint64_t mon_code;
	uint64_t per_address;
	uint32_t data_exc_code;
	uint16_t code;
	uint16_t mon_class;
	uint8_t per_code;
	uint8_t per_atmid;
	uint8_t exc_access_id;
	uint8_t per_access_id;
	uint8_t op_access_id;
	uint8_t flags;
	uint8_t pad[2];
};
KVM_ASSERT_OFFSET(kvm_s390_pgm_info, data_exc_code, 24);
KVM_ASSERT_OFFSET(kvm_s390_pgm_info, code, 28);
KVM_ASSERT_OFFSET(kvm_s390_pgm_info, mon_class, 30);
KVM_ASSERT_OFFSET(kvm_s390_pgm_info, per_code, 32);
KVM_ASSERT_OFFSET(kvm_s390_pgm_info, flags, 37);
KVM_ASSERT_SIZE(kvm_s390_pgm_info, 40);

struct kvm_s390_prefix_info {
	uint32_t address;
};

struct kvm_s390_extcall_info {
	uint16_t code;
};

struct kvm_s390_emerg_info {
	uint16_t code;
};

#define KVM_S390_STOP_FLAG_STORE_STATUS 0x01

struct kvm_s390_stop_info {
	uint32_t flags;
};

struct kvm_s390_mchk_info {
	uint64_t cr14;
	uint64_t mcic;
	uint64_t failing_storage_address;
	uint32_t ext_damage_code;
	uint32_t pad;
	uint8_t fixed_logout[16];
};
KVM_ASSERT_OFFSET(kvm_s390_mchk_info, failing_storage_address, 16);
KVM_ASSERT_OFFSET(kvm_s390_mchk_info, ext_damage_code, 24);
KVM_ASSERT_OFFSET(kvm_s390_mchk_info, fixed_logout, 32);
KVM_ASSERT_SIZE(kvm_s390_mchk_info, 48);

struct kvm_s390_irq {
	uint64_t type;
	union {
		struct kvm_s390_io_info io;
		struct kvm_s390_ext_info ext;
		struct kvm_s390_pgm_info pgm;
		struct kvm_s390_emerg_info emerg;
		struct kvm_s390_extcall_info extcall;
		struct kvm_s390_prefix_info prefix;
		struct kvm_s390_stop_info stop;
		struct kvm_s390_mchk_info mchk;
		char reserved[64];
	} u;
};
KVM_ASSERT_OFFSET(kvm_s390_irq, u, 8);
KVM_ASSERT_SIZE(kvm_s390_irq, 72);

struct kvm_s390_irq_state {
	uint64_t buf;
	uint32_t flags;
	uint32_t len; /* bytes */
	uint32_t reserved[4];
};
KVM_ASSERT_OFFSET(kvm_s390_irq_state, flags, 8);
KVM_ASSERT_OFFSET(kvm_s390_irq_state, len, 12);
KVM_ASSERT_SIZE(kvm_s390_irq_state, 32);

#define KVM_IRQFD_FLAG_DEASSIGN (1 << 0)
#define KVM_IRQFD_FLAG_RESAMPLE (1 << 1)

struct kvm_irqfd {
	uint32_t fd;
	uint32_t gsi;
	uint32_t flags;
	uint32_t resamplefd;
	uint8_t pad[16];
};
KVM_ASSERT_SIZE(kvm_irqfd, 32);

#define KVM_IOEVENTFD_FLAG_DATAMATCH         (1 << 0)
#define KVM_IOEVENTFD_FLAG_PIO               (1 << 1)
#define KVM_IOEVENTFD_FLAG_DEASSIGN          (1 << 2)
#define KVM_IOEVENTFD_FLAG_VIRTIO_CCW_NOTIFY (1 << 3)

struct kvm_ioeventfd {
	uint64_t datamatch;
	uint64_t addr;
	uint32_t len;
	int32_t fd;
	uint32_t flags;
	uint8_t pad[36];
};
KVM_ASSERT_SIZE(kvm_ioeventfd, 64);

#define KVM_IRQ_ROUTING_S390_ADAPTER 3

struct kvm_irq_routing_s390_adapter {
	uint64_t ind_addr;
	uint64_t summary_addr;
	uint64_t ind_offset;
	uint32_t summary_offset;
	uint32_t adapter_id;
};

struct kvm_irq_routing_entry {
	uint32_t gsi;
	uint32_t type;
	uint32_t flags;
	uint32_t pad;
	union {
		struct kvm_irq_routing_s390_adapter adapter;
		uint32_t pad[8];
	} u;
};
KVM_ASSERT_OFFSET(kvm_irq_routing_entry, u.adapter.ind_addr, 16);
KVM_ASSERT_OFFSET(kvm_irq_routing_entry, u.adapter.summary_addr, 24);
KVM_ASSERT_OFFSET(kvm_irq_routing_entry, u.adapter.ind_offset, 32);
KVM_ASSERT_OFFSET(kvm_irq_routing_entry, u.adapter.summary_offset, 40);
KVM_ASSERT_OFFSET(kvm_irq_routing_entry, u.adapter.adapter_id, 44);
KVM_ASSERT_SIZE(kvm_irq_routing_entry, 48);

struct kvm_irq_routing {
	uint32_t nr;
	uint32_t flags;
	struct kvm_irq_routing_entry entries[];
};
KVM_ASSERT_SIZE(kvm_irq_routing, 8);

/* ---- capabilities ---- */

struct kvm_enable_cap {
	uint32_t cap;
	uint32_t flags;
	uint64_t args[4];
	uint8_t pad[64];
};
KVM_ASSERT_OFFSET(kvm_enable_cap, args, 8);
KVM_ASSERT_SIZE(kvm_enable_cap, 104);

#define KVM_CAP_NR_VCPUS                     9
#define KVM_CAP_NR_MEMSLOTS                  10
#define KVM_CAP_MP_STATE                     14
#define KVM_CAP_SYNC_MMU                     16
#define KVM_CAP_SET_GUEST_DEBUG              23
#define KVM_CAP_IRQ_ROUTING                  25
#define KVM_CAP_IRQFD                        32
#define KVM_CAP_IOEVENTFD                    36
#define KVM_CAP_S390_PSW                     42
#define KVM_CAP_ENABLE_CAP                   54
#define KVM_CAP_ASYNC_PF                     59
#define KVM_CAP_MAX_VCPUS                    66
#define KVM_CAP_ONE_REG                      70
#define KVM_CAP_S390_GMAP                    71
#define KVM_CAP_S390_UCONTROL                73
#define KVM_CAP_SYNC_REGS                    74
#define KVM_CAP_READONLY_MEM                 81
#define KVM_CAP_S390_CSS_SUPPORT             85
#define KVM_CAP_DEVICE_CTRL                  89
#define KVM_CAP_ENABLE_CAP_VM                98
#define KVM_CAP_S390_IRQCHIP                 99
#define KVM_CAP_VM_ATTRIBUTES                101
#define KVM_CAP_CHECK_EXTENSION_VM           105
#define KVM_CAP_S390_USER_SIGP               106
#define KVM_CAP_S390_VECTOR_REGISTERS        107
#define KVM_CAP_S390_MEM_OP                  108
#define KVM_CAP_S390_USER_STSI               109
#define KVM_CAP_S390_SKEYS                   110
#define KVM_CAP_S390_INJECT_IRQ              113
#define KVM_CAP_S390_IRQ_STATE               114
#define KVM_CAP_S390_RI                      124
#define KVM_CAP_MAX_VCPU_ID                  128
#define KVM_CAP_S390_USER_INSTR0             130
#define KVM_CAP_IMMEDIATE_EXIT               136
#define KVM_CAP_S390_GS                      140
#define KVM_CAP_S390_AIS                     141
#define KVM_CAP_S390_CMMA_MIGRATION          145
#define KVM_CAP_S390_AIS_MIGRATION           150
#define KVM_CAP_S390_BPB                     152
#define KVM_CAP_S390_HPAGE_1M                156
#define KVM_CAP_S390_VCPU_RESETS             179
#define KVM_CAP_S390_PROTECTED               180
#define KVM_CAP_S390_DIAG318                 186
#define KVM_CAP_SET_GUEST_DEBUG2             195
#define KVM_CAP_S390_MEM_OP_EXTENSION        211
#define KVM_CAP_S390_PROTECTED_DUMP          217
#define KVM_CAP_S390_ZPCI_OP                 221
#define KVM_CAP_S390_CPU_TOPOLOGY            222
#define KVM_CAP_S390_PROTECTED_ASYNC_DISABLE 224
#define KVM_CAP_S390_USER_OPEREXEC            246

/*
 * Not Linux's: the VM has an Ultravisor of its own, and its guest is a hypervisor of protected
 * guests. args[0]: make it so, before slots and CPUs; or reset that Ultravisor, as a load-normal
 * reset of a machine does.
 */
#define KVM_CAP_PROTVIRT_UV_HOST    0x70760000
#define KVM_PROTVIRT_UV_HOST_CREATE 0
#define KVM_PROTVIRT_UV_HOST_RESET  1

/* ---- devices and attributes ---- */

#define KVM_CREATE_DEVICE_TEST 1
#define KVM_DEV_TYPE_FLIC      6

struct kvm_create_device {
	uint32_t type;
	uint32_t fd; /* out */
	uint32_t flags;
};
KVM_ASSERT_SIZE(kvm_create_device, 12);

struct kvm_device_attr {
	uint32_t flags;
	uint32_t group;
	uint64_t attr;
	uint64_t addr;
};
KVM_ASSERT_OFFSET(kvm_device_attr, attr, 8);
KVM_ASSERT_SIZE(kvm_device_attr, 24);

#define KVM_S390_VM_MEM_CTRL     0
#define KVM_S390_VM_TOD          1
#define KVM_S390_VM_CRYPTO       2
#define KVM_S390_VM_CPU_MODEL    3
#define KVM_S390_VM_MIGRATION    4
#define KVM_S390_VM_CPU_TOPOLOGY 5

#define KVM_S390_VM_MEM_ENABLE_CMMA 0
#define KVM_S390_VM_MEM_CLR_CMMA    1
#define KVM_S390_VM_MEM_LIMIT_SIZE  2
#define KVM_S390_NO_MEM_LIMIT       UINT64_MAX

#define KVM_S390_VM_TOD_LOW  0
#define KVM_S390_VM_TOD_HIGH 1
#define KVM_S390_VM_TOD_EXT  2

struct kvm_s390_vm_tod_clock {
	uint8_t epoch_idx;
	uint64_t tod;
};
KVM_ASSERT_OFFSET(kvm_s390_vm_tod_clock, tod, 8);
KVM_ASSERT_SIZE(kvm_s390_vm_tod_clock, 16);

#define KVM_S390_VM_CRYPTO_ENABLE_AES_KW  0
#define KVM_S390_VM_CRYPTO_ENABLE_DEA_KW  1
#define KVM_S390_VM_CRYPTO_DISABLE_AES_KW 2
#define KVM_S390_VM_CRYPTO_DISABLE_DEA_KW 3
#define KVM_S390_VM_CRYPTO_ENABLE_APIE    4
#define KVM_S390_VM_CRYPTO_DISABLE_APIE   5

#define KVM_S390_VM_CPU_PROCESSOR               0
#define KVM_S390_VM_CPU_MACHINE                 1
#define KVM_S390_VM_CPU_PROCESSOR_FEAT          2
#define KVM_S390_VM_CPU_MACHINE_FEAT            3
#define KVM_S390_VM_CPU_PROCESSOR_SUBFUNC       4
#define KVM_S390_VM_CPU_MACHINE_SUBFUNC         5
#define KVM_S390_VM_CPU_PROCESSOR_UV_FEAT_GUEST 6
#define KVM_S390_VM_CPU_MACHINE_UV_FEAT_GUEST   7

struct kvm_s390_vm_cpu_processor {
	uint64_t cpuid;
	uint16_t ibc;
	uint8_t pad[6];
	uint64_t fac_list[256];
};
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_processor, ibc, 8);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_processor, fac_list, 16);
KVM_ASSERT_SIZE(kvm_s390_vm_cpu_processor, 2064);

struct kvm_s390_vm_cpu_machine {
	uint64_t cpuid;
	uint32_t ibc;
	uint8_t pad[4];
	uint64_t fac_mask[256];
	uint64_t fac_list[256];
};
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_machine, ibc, 8);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_machine, fac_mask, 16);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_machine, fac_list, 2064);
KVM_ASSERT_SIZE(kvm_s390_vm_cpu_machine, 4112);

/* Bits of the features, counted from the most significant of the first doubleword */
#define KVM_S390_VM_CPU_FEAT_ESOP    0
#define KVM_S390_VM_CPU_FEAT_SIEF2   1
#define KVM_S390_VM_CPU_FEAT_64BSCAO 2
#define KVM_S390_VM_CPU_FEAT_SIIF    3
#define KVM_S390_VM_CPU_FEAT_GPERE   4
#define KVM_S390_VM_CPU_FEAT_GSLS    5
#define KVM_S390_VM_CPU_FEAT_IB      6
#define KVM_S390_VM_CPU_FEAT_CEI     7
#define KVM_S390_VM_CPU_FEAT_IBS     8
#define KVM_S390_VM_CPU_FEAT_SKEY    9
#define KVM_S390_VM_CPU_FEAT_CMMA    10
#define KVM_S390_VM_CPU_FEAT_PFMFI   11
#define KVM_S390_VM_CPU_FEAT_SIGPIF  12
#define KVM_S390_VM_CPU_FEAT_KSS     13
#define KVM_S390_VM_CPU_FEAT_NR_BITS 1024

struct kvm_s390_vm_cpu_feat {
	uint64_t feat[16];
};
KVM_ASSERT_SIZE(kvm_s390_vm_cpu_feat, 128);

struct kvm_s390_vm_cpu_subfunc {
	uint8_t plo[32];
	uint8_t ptff[16];
	uint8_t kmac[16];
	uint8_t kmc[16];
	uint8_t km[16];
	uint8_t kimd[16];
	uint8_t klmd[16];
	uint8_t pckmo[16];
	uint8_t kmctr[16];
	uint8_t kmf[16];
	uint8_t kmo[16];
	uint8_t pcc[16];
	uint8_t ppno[16];
	uint8_t kma[16];
	uint8_t kdsa[16];
	uint8_t sortl[32];
	uint8_t dfltcc[32];
	uint8_t pfcr[16];
	uint8_t reserved[1712];
};
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, plo, 0);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, ptff, 32);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, kmac, 48);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, kmc, 64);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, km, 80);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, kimd, 96);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, klmd, 112);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, pckmo, 128);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, kmctr, 144);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, kmf, 160);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, kmo, 176);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, pcc, 192);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, ppno, 208);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, kma, 224);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, kdsa, 240);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, sortl, 256);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, dfltcc, 288);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, pfcr, 320);
KVM_ASSERT_OFFSET(kvm_s390_vm_cpu_subfunc, reserved, 336);
KVM_ASSERT_SIZE(kvm_s390_vm_cpu_subfunc, 2048);

/* Bits of the feature word, counted from the most significant */
#define KVM_S390_VM_CPU_UV_FEAT_AP      4
#define KVM_S390_VM_CPU_UV_FEAT_AP_INTR 5
#define KVM_S390_VM_CPU_UV_FEAT_NR_BITS 64

struct kvm_s390_vm_cpu_uv_feat {
	uint64_t feat;
};
KVM_ASSERT_SIZE(kvm_s390_vm_cpu_uv_feat, 8);

#define KVM_S390_VM_MIGRATION_STOP   0
#define KVM_S390_VM_MIGRATION_START  1
#define KVM_S390_VM_MIGRATION_STATUS 2

/* Groups of the floating interrupt controller */
#define KVM_DEV_FLIC_GET_ALL_IRQS     1
#define KVM_DEV_FLIC_ENQUEUE          2
#define KVM_DEV_FLIC_CLEAR_IRQS       3
#define KVM_DEV_FLIC_APF_ENABLE       4
#define KVM_DEV_FLIC_APF_DISABLE_WAIT 5
#define KVM_DEV_FLIC_ADAPTER_REGISTER 6
#define KVM_DEV_FLIC_ADAPTER_MODIFY   7
#define KVM_DEV_FLIC_CLEAR_IO_IRQ     8
#define KVM_DEV_FLIC_AISM             9
#define KVM_DEV_FLIC_AIRQ_INJECT      10
#define KVM_DEV_FLIC_AISM_ALL         11

#define KVM_S390_MAX_FLOAT_IRQS  266250
#define KVM_S390_FLIC_MAX_BUFFER 0x2000000

#define KVM_S390_ADAPTER_SUPPRESSIBLE 0x01

struct kvm_s390_io_adapter {
	uint32_t id;
	uint8_t isc;
	uint8_t maskable;
	uint8_t swap;
	uint8_t flags;
};
KVM_ASSERT_SIZE(kvm_s390_io_adapter, 8);

#define KVM_S390_IO_ADAPTER_MASK  1
#define KVM_S390_IO_ADAPTER_MAP   2
#define KVM_S390_IO_ADAPTER_UNMAP 3

struct kvm_s390_io_adapter_req {
	uint32_t id;
	uint8_t type;
	uint8_t mask;
	uint16_t pad0;
	uint64_t addr;
};
KVM_ASSERT_OFFSET(kvm_s390_io_adapter_req, type, 4);
KVM_ASSERT_OFFSET(kvm_s390_io_adapter_req, mask, 5);
KVM_ASSERT_OFFSET(kvm_s390_io_adapter_req, addr, 8);
KVM_ASSERT_SIZE(kvm_s390_io_adapter_req, 16);

#define KVM_S390_AIS_MODE_ALL    0
#define KVM_S390_AIS_MODE_SINGLE 1

struct kvm_s390_ais_req {
	uint8_t isc;
	uint16_t mode;
};
KVM_ASSERT_SIZE(kvm_s390_ais_req, 4);

struct kvm_s390_ais_all {
	uint8_t simm;
	uint8_t nimm;
};
KVM_ASSERT_SIZE(kvm_s390_ais_all, 2);

struct kvm_s390_zpci_op {
	uint32_t fh;
	uint8_t op;
	uint8_t pad[3];
	union {
		struct {
			uint64_t ibv;
			uint64_t sb;
			uint32_t flags;
			uint32_t noi;
			uint8_t isc;
			uint8_t sbo;
			uint16_t pad;
		} reg_aen;
		uint64_t reserved[8];
	} u;
};
KVM_ASSERT_SIZE(kvm_s390_zpci_op, 72);

/* ---- protected virtualization ---- */

enum pv_cmd_id {
	KVM_PV_ENABLE,
	KVM_PV_DISABLE,
	KVM_PV_SET_SEC_PARMS,
	KVM_PV_UNPACK,
	KVM_PV_VERIFY,
	KVM_PV_PREP_RESET,
	KVM_PV_UNSHARE_ALL,
	KVM_PV_INFO,
	KVM_PV_DUMP,
	KVM_PV_ASYNC_CLEANUP_PREPARE,
	KVM_PV_ASYNC_CLEANUP_PERFORM,
};
KVM_STATIC_ASSERT(KVM_PV_DUMP == 8, "KVM_PV_DUMP");
KVM_STATIC_ASSERT(KVM_PV_ASYNC_CLEANUP_PREPARE == 9, "KVM_PV_ASYNC_CLEANUP_PREPARE");
KVM_STATIC_ASSERT(KVM_PV_ASYNC_CLEANUP_PERFORM == 10, "KVM_PV_ASYNC_CLEANUP_PERFORM");

struct kvm_pv_cmd {
	uint32_t cmd;   /* enum pv_cmd_id */
	uint16_t rc;    /* Ultravisor return code, in and out */
	uint16_t rrc;   /* Ultravisor return reason code, in and out */
	uint64_t data;  /* address of the command's data */
	uint32_t flags; /* must be 0 */
	uint32_t reserved[3];
};
KVM_ASSERT_OFFSET(kvm_pv_cmd, rc, 4);
KVM_ASSERT_OFFSET(kvm_pv_cmd, rrc, 6);
KVM_ASSERT_OFFSET(kvm_pv_cmd, data, 8);
KVM_ASSERT_OFFSET(kvm_pv_cmd, flags, 16);
KVM_ASSERT_SIZE(kvm_pv_cmd, 32);

/* KVM_PV_SET_SEC_PARMS */
struct kvm_s390_pv_sec_parm {
	uint64_t origin; /* user address of the SE header */
	uint64_t length;
};
KVM_ASSERT_OFFSET(kvm_s390_pv_sec_parm, length, 8);
KVM_ASSERT_SIZE(kvm_s390_pv_sec_parm, 16);

/* KVM_PV_UNPACK */
struct kvm_s390_pv_unp {
	uint64_t addr; /* guest absolute */
	uint64_t size;
	uint64_t tweak;
};
KVM_ASSERT_OFFSET(kvm_s390_pv_unp, size, 8);
KVM_ASSERT_OFFSET(kvm_s390_pv_unp, tweak, 16);
KVM_ASSERT_SIZE(kvm_s390_pv_unp, 24);

/* KVM_PV_INFO */
enum pv_cmd_info_id {
	KVM_PV_INFO_VM,
	KVM_PV_INFO_DUMP,
};

struct kvm_s390_pv_info_header {
	uint32_t id;
	uint32_t len_max;     /* bytes */
	uint32_t len_written; /* bytes, out */
	uint32_t reserved;
};
KVM_ASSERT_SIZE(kvm_s390_pv_info_header, 16);

struct kvm_s390_pv_info_vm {
	uint64_t inst_calls_list[4];
	uint64_t max_cpus;
	uint64_t max_guests;
	uint64_t max_guest_addr;
	uint64_t feature_indication;
};

struct kvm_s390_pv_info_dump {
	uint64_t dump_cpu_buffer_len;
	uint64_t dump_config_mem_buffer_per_1m;
	uint64_t dump_config_finalize_len;
};

struct kvm_s390_pv_info {
	struct kvm_s390_pv_info_header header;
	union {
		struct kvm_s390_pv_info_dump dump;
		struct kvm_s390_pv_info_vm vm;
	};
};
KVM_ASSERT_OFFSET(kvm_s390_pv_info, vm.inst_calls_list, 16);
KVM_ASSERT_OFFSET(kvm_s390_pv_info, vm.max_cpus, 48);
KVM_ASSERT_OFFSET(kvm_s390_pv_info, vm.max_guests, 56);
KVM_ASSERT_OFFSET(kvm_s390_pv_info, vm.max_guest_addr, 64);
KVM_ASSERT_OFFSET(kvm_s390_pv_info, vm.feature_indication, 72);
KVM_ASSERT_OFFSET(kvm_s390_pv_info, dump.dump_cpu_buffer_len, 16);
KVM_ASSERT_OFFSET(kvm_s390_pv_info, dump.dump_config_mem_buffer_per_1m, 24);
KVM_ASSERT_OFFSET(kvm_s390_pv_info, dump.dump_config_finalize_len, 32);
KVM_ASSERT_SIZE(kvm_s390_pv_info, 80);

/* KVM_PV_DUMP */
enum pv_cmd_dmp_id {
	KVM_PV_DUMP_INIT,
	KVM_PV_DUMP_CONFIG_STOR_STATE,
	KVM_PV_DUMP_COMPLETE,
	KVM_PV_DUMP_CPU,
};

struct kvm_s390_pv_dmp {
	uint64_t subcmd;
	uint64_t buff_addr;
	uint64_t buff_len;
	uint64_t gaddr;
	uint64_t reserved[4];
};
KVM_ASSERT_OFFSET(kvm_s390_pv_dmp, buff_addr, 8);
KVM_ASSERT_OFFSET(kvm_s390_pv_dmp, buff_len, 16);
KVM_ASSERT_OFFSET(kvm_s390_pv_dmp, gaddr, 24);
KVM_ASSERT_OFFSET(kvm_s390_pv_dmp, reserved, 32);
KVM_ASSERT_SIZE(kvm_s390_pv_dmp, 64);

/* ---- ioctl numbers ---- */

/* System */
#define KVM_VM_S390_UCONTROL 1

#define KVM_GET_API_VERSION    _IO(KVMIO, 0x00)
#define KVM_CREATE_VM          _IO(KVMIO, 0x01)
#define KVM_CHECK_EXTENSION    _IO(KVMIO, 0x03)
#define KVM_GET_VCPU_MMAP_SIZE _IO(KVMIO, 0x04)
#define KVM_S390_ENABLE_SIE    _IO(KVMIO, 0x06)
KVM_ASSERT_NR(KVM_GET_API_VERSION, 0xae00);
KVM_ASSERT_NR(KVM_CREATE_VM, 0xae01);
KVM_ASSERT_NR(KVM_CHECK_EXTENSION, 0xae03);
KVM_ASSERT_NR(KVM_GET_VCPU_MMAP_SIZE, 0xae04);
KVM_ASSERT_NR(KVM_S390_ENABLE_SIE, 0xae06);

/* VM */
#define KVM_CREATE_VCPU            _IO(KVMIO, 0x41)
#define KVM_GET_DIRTY_LOG          _IOW(KVMIO, 0x42, struct kvm_dirty_log)
#define KVM_SET_USER_MEMORY_REGION _IOW(KVMIO, 0x46, struct kvm_userspace_memory_region)
#define KVM_S390_UCAS_MAP          _IOW(KVMIO, 0x50, struct kvm_s390_ucas_mapping)
#define KVM_S390_UCAS_UNMAP        _IOW(KVMIO, 0x51, struct kvm_s390_ucas_mapping)
#define KVM_S390_VCPU_FAULT        _IOW(KVMIO, 0x52, uint64_t)
#define KVM_CREATE_IRQCHIP         _IO(KVMIO, 0x60)
#define KVM_SET_GSI_ROUTING        _IOW(KVMIO, 0x6a, struct kvm_irq_routing)
#define KVM_IRQFD                  _IOW(KVMIO, 0x76, struct kvm_irqfd)
#define KVM_IOEVENTFD              _IOW(KVMIO, 0x79, struct kvm_ioeventfd)
#define KVM_S390_INTERRUPT         _IOW(KVMIO, 0x94, struct kvm_s390_interrupt)
#define KVM_ENABLE_CAP             _IOW(KVMIO, 0xa3, struct kvm_enable_cap)
#define KVM_S390_MEM_OP            _IOW(KVMIO, 0xb1, struct kvm_s390_mem_op)
#define KVM_S390_GET_SKEYS         _IOW(KVMIO, 0xb2, struct kvm_s390_skeys)
#define KVM_S390_SET_SKEYS         _IOW(KVMIO, 0xb3, struct kvm_s390_skeys)
#define KVM_S390_GET_CMMA_BITS     _IOWR(KVMIO, 0xb8, struct kvm_s390_cmma_log)
#define KVM_S390_SET_CMMA_BITS     _IOW(KVMIO, 0xb9, struct kvm_s390_cmma_log)
#define KVM_CLEAR_DIRTY_LOG        _IOWR(KVMIO, 0xc0, struct kvm_clear_dirty_log)
#define KVM_S390_PV_COMMAND        _IOWR(KVMIO, 0xc5, struct kvm_pv_cmd)
#define KVM_GET_STATS_FD           _IO(KVMIO, 0xce)
#define KVM_S390_ZPCI_OP           _IOW(KVMIO, 0xd1, struct kvm_s390_zpci_op)
#define KVM_CREATE_DEVICE          _IOWR(KVMIO, 0xe0, struct kvm_create_device)
#define KVM_SET_DEVICE_ATTR        _IOW(KVMIO, 0xe1, struct kvm_device_attr)
#define KVM_GET_DEVICE_ATTR        _IOW(KVMIO, 0xe2, struct kvm_device_attr)
#define KVM_HAS_DEVICE_ATTR        _IOW(KVMIO, 0xe3, struct kvm_device_attr)
KVM_ASSERT_NR(KVM_CREATE_VCPU, 0xae41);
KVM_ASSERT_NR(KVM_GET_DIRTY_LOG, 0x4010ae42);
KVM_ASSERT_NR(KVM_SET_USER_MEMORY_REGION, 0x4020ae46);
KVM_ASSERT_NR(KVM_S390_UCAS_MAP, 0x4018ae50);
KVM_ASSERT_NR(KVM_S390_UCAS_UNMAP, 0x4018ae51);
KVM_ASSERT_NR(KVM_S390_VCPU_FAULT, 0x4008ae52);
KVM_ASSERT_NR(KVM_CREATE_IRQCHIP, 0xae60);
KVM_ASSERT_NR(KVM_SET_GSI_ROUTING, 0x4008ae6a);
KVM_ASSERT_NR(KVM_IRQFD, 0x4020ae76);
KVM_ASSERT_NR(KVM_IOEVENTFD, 0x4040ae79);
KVM_ASSERT_NR(KVM_S390_INTERRUPT, 0x4010ae94);
KVM_ASSERT_NR(KVM_ENABLE_CAP, 0x4068aea3);
KVM_ASSERT_NR(KVM_S390_MEM_OP, 0x4040aeb1);
KVM_ASSERT_NR(KVM_S390_GET_SKEYS, 0x4040aeb2);
KVM_ASSERT_NR(KVM_S390_SET_SKEYS, 0x4040aeb3);
KVM_ASSERT_NR(KVM_S390_GET_CMMA_BITS, 0xc020aeb8);
KVM_ASSERT_NR(KVM_S390_SET_CMMA_BITS, 0x4020aeb9);
KVM_ASSERT_NR(KVM_CLEAR_DIRTY_LOG, 0xc018aec0);
KVM_ASSERT_NR(KVM_S390_PV_COMMAND, 0xc020aec5);
KVM_ASSERT_NR(KVM_GET_STATS_FD, 0xaece);
KVM_ASSERT_NR(KVM_S390_ZPCI_OP, 0x4048aed1);
KVM_ASSERT_NR(KVM_CREATE_DEVICE, 0xc00caee0);
KVM_ASSERT_NR(KVM_SET_DEVICE_ATTR, 0x4018aee1);
KVM_ASSERT_NR(KVM_GET_DEVICE_ATTR, 0x4018aee2);
KVM_ASSERT_NR(KVM_HAS_DEVICE_ATTR, 0x4018aee3);

/* vCPU */
#define KVM_S390_STORE_STATUS_NOADDR   UINT64_MAX
#define KVM_S390_STORE_STATUS_PREFIXED (UINT64_MAX - 1)

#define KVM_RUN                  _IO(KVMIO, 0x80)
#define KVM_GET_REGS             _IOR(KVMIO, 0x81, struct kvm_regs)
#define KVM_SET_REGS             _IOW(KVMIO, 0x82, struct kvm_regs)
#define KVM_GET_SREGS            _IOR(KVMIO, 0x83, struct kvm_sregs)
#define KVM_SET_SREGS            _IOW(KVMIO, 0x84, struct kvm_sregs)
#define KVM_TRANSLATE            _IOWR(KVMIO, 0x85, struct kvm_translation)
#define KVM_SET_SIGNAL_MASK      _IOW(KVMIO, 0x8b, struct kvm_signal_mask)
#define KVM_GET_FPU              _IOR(KVMIO, 0x8c, struct kvm_fpu)
#define KVM_SET_FPU              _IOW(KVMIO, 0x8d, struct kvm_fpu)
#define KVM_S390_STORE_STATUS    _IOW(KVMIO, 0x95, uint64_t)
#define KVM_S390_SET_INITIAL_PSW _IOW(KVMIO, 0x96, struct kvm_s390_psw)
#define KVM_S390_INITIAL_RESET   _IO(KVMIO, 0x97)
#define KVM_GET_MP_STATE         _IOR(KVMIO, 0x98, struct kvm_mp_state)
#define KVM_SET_MP_STATE         _IOW(KVMIO, 0x99, struct kvm_mp_state)
#define KVM_SET_GUEST_DEBUG      _IOW(KVMIO, 0x9b, struct kvm_guest_debug)
#define KVM_GET_ONE_REG          _IOW(KVMIO, 0xab, struct kvm_one_reg)
#define KVM_SET_ONE_REG          _IOW(KVMIO, 0xac, struct kvm_one_reg)
#define KVM_S390_IRQ             _IOW(KVMIO, 0xb4, struct kvm_s390_irq)
#define KVM_S390_SET_IRQ_STATE   _IOW(KVMIO, 0xb5, struct kvm_s390_irq_state)
#define KVM_S390_GET_IRQ_STATE   _IOW(KVMIO, 0xb6, struct kvm_s390_irq_state)
#define KVM_S390_NORMAL_RESET    _IO(KVMIO, 0xc3)
#define KVM_S390_CLEAR_RESET     _IO(KVMIO, 0xc4)
#define KVM_S390_PV_CPU_COMMAND  _IOWR(KVMIO, 0xd0, struct kvm_pv_cmd)
KVM_ASSERT_NR(KVM_RUN, 0xae80);
KVM_ASSERT_NR(KVM_GET_REGS, 0x8080ae81);
KVM_ASSERT_NR(KVM_SET_REGS, 0x4080ae82);
KVM_ASSERT_NR(KVM_GET_SREGS, 0x80c0ae83);
KVM_ASSERT_NR(KVM_SET_SREGS, 0x40c0ae84);
KVM_ASSERT_NR(KVM_TRANSLATE, 0xc018ae85);
KVM_ASSERT_NR(KVM_SET_SIGNAL_MASK, 0x4004ae8b);
KVM_ASSERT_NR(KVM_GET_FPU, 0x8088ae8c);
KVM_ASSERT_NR(KVM_SET_FPU, 0x4088ae8d);
KVM_ASSERT_NR(KVM_S390_STORE_STATUS, 0x4008ae95);
KVM_ASSERT_NR(KVM_S390_SET_INITIAL_PSW, 0x4010ae96);
KVM_ASSERT_NR(KVM_S390_INITIAL_RESET, 0xae97);
KVM_ASSERT_NR(KVM_GET_MP_STATE, 0x8004ae98);
KVM_ASSERT_NR(KVM_SET_MP_STATE, 0x4004ae99);
KVM_ASSERT_NR(KVM_SET_GUEST_DEBUG, 0x4018ae9b);
KVM_ASSERT_NR(KVM_GET_ONE_REG, 0x4010aeab);
KVM_ASSERT_NR(KVM_SET_ONE_REG, 0x4010aeac);
KVM_ASSERT_NR(KVM_S390_IRQ, 0x4048aeb4);
KVM_ASSERT_NR(KVM_S390_SET_IRQ_STATE, 0x4020aeb5);
KVM_ASSERT_NR(KVM_S390_GET_IRQ_STATE, 0x4020aeb6);
KVM_ASSERT_NR(KVM_S390_NORMAL_RESET, 0xaec3);
KVM_ASSERT_NR(KVM_S390_CLEAR_RESET, 0xaec4);
KVM_ASSERT_NR(KVM_S390_PV_CPU_COMMAND, 0xc020aed0);

#ifdef __cplusplus
}
#endif

#endif
