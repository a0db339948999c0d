/* SPDX-License-Identifier: MIT */
/*
 * Ultravisor calls: command codes, response codes and control blocks.
 *
 * Everything is big-endian. Names are those of arch/s390/include/asm/uv.h where
 * it has them. Offsets are asserted for every field.
 */
#ifndef PROTVIRT_UV_H
#define PROTVIRT_UV_H

#include <stddef.h>
#include <stdint.h>

#include "protvirt/be.h"

/* Response codes that mean the same for every command */
#define UVC_RC_EXECUTED 0x0001
#define UVC_RC_INV_CMD 0x0002
#define UVC_RC_INV_STATE 0x0003
#define UVC_RC_INV_LEN 0x0005
#define UVC_RC_NO_RESUME 0x0007
#define UVC_RC_INV_GHANDLE 0x0020
#define UVC_RC_INV_CHANDLE 0x0021
#define UVC_RC_MORE_DATA 0x0100
#define UVC_RC_NEED_DESTROY 0x8000

/* Command codes */
#define UVC_CMD_QUI 0x0001
#define UVC_CMD_QUERY_KEYS 0x0002
#define UVC_CMD_INIT_UV 0x000f
#define UVC_CMD_CREATE_SEC_CONF 0x0100
#define UVC_CMD_DESTROY_SEC_CONF 0x0101
#define UVC_CMD_DESTROY_SEC_CONF_FAST 0x0102
#define UVC_CMD_CONDEMN_SEC_CONF 0x0103 /* ours: machine model proposal */
#define UVC_CMD_CREATE_SEC_CPU 0x0120
#define UVC_CMD_DESTROY_SEC_CPU 0x0121
#define UVC_CMD_CONV_TO_SEC_STOR 0x0200
#define UVC_CMD_CONV_FROM_SEC_STOR 0x0201
#define UVC_CMD_DESTR_SEC_STOR 0x0202
#define UVC_CMD_SET_SEC_CONF_PARAMS 0x0300
#define UVC_CMD_UNPACK_IMG 0x0301
#define UVC_CMD_VERIFY_IMG 0x0302
#define UVC_CMD_CPU_RESET 0x0310
#define UVC_CMD_CPU_RESET_INITIAL 0x0311
#define UVC_CMD_PREPARE_RESET 0x0320
#define UVC_CMD_CPU_RESET_CLEAR 0x0321
#define UVC_CMD_CPU_SET_STATE 0x0330
#define UVC_CMD_SET_UNSHARE_ALL 0x0340
#define UVC_CMD_PIN_PAGE_SHARED 0x0341
#define UVC_CMD_UNPIN_PAGE_SHARED 0x0342
#define UVC_CMD_DUMP_INIT 0x0400
#define UVC_CMD_DUMP_CONF_STOR_STATE 0x0401
#define UVC_CMD_DUMP_CPU 0x0402
#define UVC_CMD_DUMP_COMPLETE 0x0403
#define UVC_CMD_SET_SHARED_ACCESS 0x1000
#define UVC_CMD_REMOVE_SHARED_ACCESS 0x1001
#define UVC_CMD_RETR_ATTEST 0x1020
#define UVC_CMD_ADD_SECRET 0x1031
#define UVC_CMD_LIST_SECRETS 0x1033
#define UVC_CMD_LOCK_SECRETS 0x1034
#define UVC_CMD_RETR_SECRET 0x1035

/* Bits of inst_calls_list, counted from the most significant of 256 */
#define BIT_UVC_CMD_QUI 0
#define BIT_UVC_CMD_QUERY_KEYS 34
#define BIT_UVC_CMD_INIT_UV 1
#define BIT_UVC_CMD_CREATE_SEC_CONF 2
#define BIT_UVC_CMD_DESTROY_SEC_CONF 3
#define BIT_UVC_CMD_DESTROY_SEC_CONF_FAST 23
#define BIT_UVC_CMD_CONDEMN_SEC_CONF 255 /* ours, as far from the others as can be */
#define BIT_UVC_CMD_CREATE_SEC_CPU 4
#define BIT_UVC_CMD_DESTROY_SEC_CPU 5
#define BIT_UVC_CMD_CONV_TO_SEC_STOR 6
#define BIT_UVC_CMD_CONV_FROM_SEC_STOR 7
#define BIT_UVC_CMD_SET_SEC_CONF_PARAMS 11
#define BIT_UVC_CMD_UNPACK_IMG 13
#define BIT_UVC_CMD_VERIFY_IMG 14
#define BIT_UVC_CMD_CPU_RESET 15
#define BIT_UVC_CMD_CPU_RESET_INITIAL 16
#define BIT_UVC_CMD_PREPARE_RESET 18
#define BIT_UVC_CMD_CPU_RESET_CLEAR 19
#define BIT_UVC_CMD_CPU_SET_STATE 17
#define BIT_UVC_CMD_SET_UNSHARE_ALL 20
#define BIT_UVC_CMD_PIN_PAGE_SHARED 21
#define BIT_UVC_CMD_UNPIN_PAGE_SHARED 22
#define BIT_UVC_CMD_DUMP_INIT 24
#define BIT_UVC_CMD_DUMP_CONF_STOR_STATE 25
#define BIT_UVC_CMD_DUMP_CPU 26
#define BIT_UVC_CMD_DUMP_COMPLETE 27
#define BIT_UVC_CMD_SET_SHARED_ACCESS 8
#define BIT_UVC_CMD_REMOVE_SHARED_ACCESS 9
#define BIT_UVC_CMD_RETR_ATTEST 28
#define BIT_UVC_CMD_ADD_SECRET 29
#define BIT_UVC_CMD_LIST_SECRETS 30
#define BIT_UVC_CMD_LOCK_SECRETS 31
#define BIT_UVC_CMD_RETR_SECRET 33

/* Bits of uv_feature_indications, counted from the most significant of 64 */
#define BIT_UV_FEAT_MISC 0
#define BIT_UV_FEAT_AIV 1
#define BIT_UV_FEAT_AP 4
#define BIT_UV_FEAT_AP_INTR 5

/* States for CPU_SET_STATE */
#define PV_CPU_STATE_OPR 1
#define PV_CPU_STATE_STP 2
#define PV_CPU_STATE_CHKSTP 3
#define PV_CPU_STATE_OPR_LOAD 5

#define UV_ASSERT_OFFSET(type, field, at) \
	_Static_assert(offsetof(struct type, field) == (at), #type "." #field)
#define UV_ASSERT_SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type)

/** struct uv_cb_header - what every control block begins with; rc and rrc are written by the Ultravisor */
struct uv_cb_header {
	be16_t len; /* 0x00 */
	be16_t cmd; /* 0x02 */
	be16_t rc; /* 0x04 */
	be16_t rrc; /* 0x06 */
};
UV_ASSERT_OFFSET(uv_cb_header, len, 0x00);
UV_ASSERT_OFFSET(uv_cb_header, cmd, 0x02);
UV_ASSERT_OFFSET(uv_cb_header, rc, 0x04);
UV_ASSERT_OFFSET(uv_cb_header, rrc, 0x06);
UV_ASSERT_SIZE(uv_cb_header, 0x8);

/** struct uv_cb_qui - QUI: query Ultravisor information */
struct uv_cb_qui {
	struct uv_cb_header header; /* 0x00 */
	uint8_t reserved08[8]; /* 0x08 */
	be64_t inst_calls_list[4]; /* 0x10 */
	uint8_t reserved30[16]; /* 0x30 */
	be64_t uv_base_stor_len; /* 0x40 */
	uint8_t reserved48[8]; /* 0x48 */
	be64_t conf_base_phys_stor_len; /* 0x50 */
	be64_t conf_base_virt_stor_len; /* 0x58 */
	be64_t conf_virt_var_stor_len; /* 0x60 */
	be64_t cpu_stor_len; /* 0x68 */
	uint8_t reserved70[12]; /* 0x70 */
	be32_t max_num_sec_conf; /* 0x7c */
	be64_t max_guest_stor_addr; /* 0x80 */
	uint8_t reserved88[22]; /* 0x88 */
	be16_t max_guest_cpu_id; /* 0x9e */
	be64_t uv_feature_indications; /* 0xa0 */
	uint8_t reserveda8[8]; /* 0xa8 */
	be64_t supp_se_hdr_versions; /* 0xb0 */
	be64_t supp_se_hdr_pcf; /* 0xb8 */
	uint8_t reservedc0[8]; /* 0xc0 */
	be64_t conf_dump_storage_state_len; /* 0xc8 */
	be64_t conf_dump_finalize_len; /* 0xd0 */
	uint8_t reservedd8[8]; /* 0xd8 */
	be64_t supp_att_req_hdr_ver; /* 0xe0 */
	be64_t supp_att_pflags; /* 0xe8 */
	uint8_t reservedf0[8]; /* 0xf0 */
	be64_t supp_add_secret_req_ver; /* 0xf8 */
	be64_t supp_add_secret_pcf; /* 0x100 */
	be64_t supp_secret_types; /* 0x108 */
	be16_t max_assoc_secrets; /* 0x110 */
	be16_t max_retr_secrets; /* 0x112 */
	uint8_t reserved114[12]; /* 0x114 */
};
UV_ASSERT_OFFSET(uv_cb_qui, header, 0x00);
UV_ASSERT_OFFSET(uv_cb_qui, reserved08, 0x08);
UV_ASSERT_OFFSET(uv_cb_qui, inst_calls_list, 0x10);
UV_ASSERT_OFFSET(uv_cb_qui, reserved30, 0x30);
UV_ASSERT_OFFSET(uv_cb_qui, uv_base_stor_len, 0x40);
UV_ASSERT_OFFSET(uv_cb_qui, reserved48, 0x48);
UV_ASSERT_OFFSET(uv_cb_qui, conf_base_phys_stor_len, 0x50);
UV_ASSERT_OFFSET(uv_cb_qui, conf_base_virt_stor_len, 0x58);
UV_ASSERT_OFFSET(uv_cb_qui, conf_virt_var_stor_len, 0x60);
UV_ASSERT_OFFSET(uv_cb_qui, cpu_stor_len, 0x68);
UV_ASSERT_OFFSET(uv_cb_qui, reserved70, 0x70);
UV_ASSERT_OFFSET(uv_cb_qui, max_num_sec_conf, 0x7c);
UV_ASSERT_OFFSET(uv_cb_qui, max_guest_stor_addr, 0x80);
UV_ASSERT_OFFSET(uv_cb_qui, reserved88, 0x88);
UV_ASSERT_OFFSET(uv_cb_qui, max_guest_cpu_id, 0x9e);
UV_ASSERT_OFFSET(uv_cb_qui, uv_feature_indications, 0xa0);
UV_ASSERT_OFFSET(uv_cb_qui, reserveda8, 0xa8);
UV_ASSERT_OFFSET(uv_cb_qui, supp_se_hdr_versions, 0xb0);
UV_ASSERT_OFFSET(uv_cb_qui, supp_se_hdr_pcf, 0xb8);
UV_ASSERT_OFFSET(uv_cb_qui, reservedc0, 0xc0);
UV_ASSERT_OFFSET(uv_cb_qui, conf_dump_storage_state_len, 0xc8);
UV_ASSERT_OFFSET(uv_cb_qui, conf_dump_finalize_len, 0xd0);
UV_ASSERT_OFFSET(uv_cb_qui, reservedd8, 0xd8);
UV_ASSERT_OFFSET(uv_cb_qui, supp_att_req_hdr_ver, 0xe0);
UV_ASSERT_OFFSET(uv_cb_qui, supp_att_pflags, 0xe8);
UV_ASSERT_OFFSET(uv_cb_qui, reservedf0, 0xf0);
UV_ASSERT_OFFSET(uv_cb_qui, supp_add_secret_req_ver, 0xf8);
UV_ASSERT_OFFSET(uv_cb_qui, supp_add_secret_pcf, 0x100);
UV_ASSERT_OFFSET(uv_cb_qui, supp_secret_types, 0x108);
UV_ASSERT_OFFSET(uv_cb_qui, max_assoc_secrets, 0x110);
UV_ASSERT_OFFSET(uv_cb_qui, max_retr_secrets, 0x112);
UV_ASSERT_OFFSET(uv_cb_qui, reserved114, 0x114);
UV_ASSERT_SIZE(uv_cb_qui, 0x120);

/** struct uv_cb_query_keys - QUERY_KEYS: hashes of the host keys */
struct uv_cb_query_keys {
	struct uv_cb_header header; /* 0x00 */
	uint8_t reserved08[24]; /* 0x08 */
	uint8_t key_hashes[480]; /* 0x20 */
};
UV_ASSERT_OFFSET(uv_cb_query_keys, header, 0x00);
UV_ASSERT_OFFSET(uv_cb_query_keys, reserved08, 0x08);
UV_ASSERT_OFFSET(uv_cb_query_keys, key_hashes, 0x20);
UV_ASSERT_SIZE(uv_cb_query_keys, 0x200);

/** struct uv_cb_init - INIT_UV */
struct uv_cb_init {
	struct uv_cb_header header; /* 0x00 */
	uint8_t reserved08[16]; /* 0x08 */
	be64_t stor_origin; /* 0x18 */
	be64_t stor_len; /* 0x20 */
	uint8_t reserved28[32]; /* 0x28 */
};
UV_ASSERT_OFFSET(uv_cb_init, header, 0x00);
UV_ASSERT_OFFSET(uv_cb_init, reserved08, 0x08);
UV_ASSERT_OFFSET(uv_cb_init, stor_origin, 0x18);
UV_ASSERT_OFFSET(uv_cb_init, stor_len, 0x20);
UV_ASSERT_OFFSET(uv_cb_init, reserved28, 0x28);
UV_ASSERT_SIZE(uv_cb_init, 0x48);

/** struct uv_cb_cgc - CREATE_SEC_CONF */
struct uv_cb_cgc {
	struct uv_cb_header header; /* 0x00 */
	uint8_t reserved08[16]; /* 0x08 */
	be64_t guest_handle; /* 0x18 */
	be64_t conf_base_stor_origin; /* 0x20 */
	be64_t conf_virt_stor_origin; /* 0x28 */
	uint8_t reserved30[6]; /* 0x30 */
	be16_t flags; /* 0x36 */
	be64_t guest_stor_origin; /* 0x38 */
	be64_t guest_stor_len; /* 0x40 */
	be64_t guest_sca; /* 0x48 */
	be64_t guest_asce; /* 0x50 */
	uint8_t reserved58[40]; /* 0x58 */
};
UV_ASSERT_OFFSET(uv_cb_cgc, header, 0x00);
UV_ASSERT_OFFSET(uv_cb_cgc, reserved08, 0x08);
UV_ASSERT_OFFSET(uv_cb_cgc, guest_handle, 0x18);
UV_ASSERT_OFFSET(uv_cb_cgc, conf_base_stor_origin, 0x20);
UV_ASSERT_OFFSET(uv_cb_cgc, conf_virt_stor_origin, 0x28);
UV_ASSERT_OFFSET(uv_cb_cgc, reserved30, 0x30);
UV_ASSERT_OFFSET(uv_cb_cgc, flags, 0x36);
UV_ASSERT_OFFSET(uv_cb_cgc, guest_stor_origin, 0x38);
UV_ASSERT_OFFSET(uv_cb_cgc, guest_stor_len, 0x40);
UV_ASSERT_OFFSET(uv_cb_cgc, guest_sca, 0x48);
UV_ASSERT_OFFSET(uv_cb_cgc, guest_asce, 0x50);
UV_ASSERT_OFFSET(uv_cb_cgc, reserved58, 0x58);
UV_ASSERT_SIZE(uv_cb_cgc, 0x80);

/** struct uv_cb_csc - CREATE_SEC_CPU */
struct uv_cb_csc {
	struct uv_cb_header header; /* 0x00 */
	uint8_t reserved08[16]; /* 0x08 */
	be64_t cpu_handle; /* 0x18 */
	be64_t guest_handle; /* 0x20 */
	be64_t stor_origin; /* 0x28 */
	uint8_t reserved30[6]; /* 0x30 */
	be16_t num; /* 0x36 */
	be64_t state_origin; /* 0x38 */
	uint8_t reserved40[32]; /* 0x40 */
};
UV_ASSERT_OFFSET(uv_cb_csc, header, 0x00);
UV_ASSERT_OFFSET(uv_cb_csc, reserved08, 0x08);
UV_ASSERT_OFFSET(uv_cb_csc, cpu_handle, 0x18);
UV_ASSERT_OFFSET(uv_cb_csc, guest_handle, 0x20);
UV_ASSERT_OFFSET(uv_cb_csc, stor_origin, 0x28);
UV_ASSERT_OFFSET(uv_cb_csc, reserved30, 0x30);
UV_ASSERT_OFFSET(uv_cb_csc, num, 0x36);
UV_ASSERT_OFFSET(uv_cb_csc, state_origin, 0x38);
UV_ASSERT_OFFSET(uv_cb_csc, reserved40, 0x40);
UV_ASSERT_SIZE(uv_cb_csc, 0x60);

/** struct uv_cb_cts - CONV_TO_SEC_STOR, UNPIN_PAGE_SHARED: names a guest page */
struct uv_cb_cts {
	struct uv_cb_header header; /* 0x00 */
	uint8_t reserved08[16]; /* 0x08 */
	be64_t guest_handle; /* 0x18 */
	be64_t gaddr; /* 0x20 */
};
UV_ASSERT_OFFSET(uv_cb_cts, header, 0x00);
UV_ASSERT_OFFSET(uv_cb_cts, reserved08, 0x08);
UV_ASSERT_OFFSET(uv_cb_cts, guest_handle, 0x18);
UV_ASSERT_OFFSET(uv_cb_cts, gaddr, 0x20);
UV_ASSERT_SIZE(uv_cb_cts, 0x28);

/** struct uv_cb_cfs - CONV_FROM_SEC_STOR, DESTR_SEC_STOR, PIN_PAGE_SHARED: names a frame */
struct uv_cb_cfs {
	struct uv_cb_header header; /* 0x00 */
	uint8_t reserved08[16]; /* 0x08 */
	be64_t paddr; /* 0x18 */
};
UV_ASSERT_OFFSET(uv_cb_cfs, header, 0x00);
UV_ASSERT_OFFSET(uv_cb_cfs, reserved08, 0x08);
UV_ASSERT_OFFSET(uv_cb_cfs, paddr, 0x18);
UV_ASSERT_SIZE(uv_cb_cfs, 0x20);

/** struct uv_cb_ssc - SET_SEC_CONF_PARAMS */
struct uv_cb_ssc {
	struct uv_cb_header header; /* 0x00 */
	uint8_t reserved08[16]; /* 0x08 */
	be64_t guest_handle; /* 0x18 */
	be64_t sec_header_origin; /* 0x20 */
	be32_t sec_header_len; /* 0x28 */
	uint8_t reserved2c[36]; /* 0x2c */
};
UV_ASSERT_OFFSET(uv_cb_ssc, header, 0x00);
UV_ASSERT_OFFSET(uv_cb_ssc, reserved08, 0x08);
UV_ASSERT_OFFSET(uv_cb_ssc, guest_handle, 0x18);
UV_ASSERT_OFFSET(uv_cb_ssc, sec_header_origin, 0x20);
UV_ASSERT_OFFSET(uv_cb_ssc, sec_header_len, 0x28);
UV_ASSERT_OFFSET(uv_cb_ssc, reserved2c, 0x2c);
UV_ASSERT_SIZE(uv_cb_ssc, 0x50);

/** struct uv_cb_unp - UNPACK_IMG */
struct uv_cb_unp {
	struct uv_cb_header header; /* 0x00 */
	uint8_t reserved08[16]; /* 0x08 */
	be64_t guest_handle; /* 0x18 */
	be64_t gaddr; /* 0x20 */
	be64_t tweak[2]; /* 0x28 */
	uint8_t reserved38[24]; /* 0x38 */
};
UV_ASSERT_OFFSET(uv_cb_unp, header, 0x00);
UV_ASSERT_OFFSET(uv_cb_unp, reserved08, 0x08);
UV_ASSERT_OFFSET(uv_cb_unp, guest_handle, 0x18);
UV_ASSERT_OFFSET(uv_cb_unp, gaddr, 0x20);
UV_ASSERT_OFFSET(uv_cb_unp, tweak, 0x28);
UV_ASSERT_OFFSET(uv_cb_unp, reserved38, 0x38);
UV_ASSERT_SIZE(uv_cb_unp, 0x50);

/** struct uv_cb_cpu_set_state - CPU_SET_STATE */
struct uv_cb_cpu_set_state {
	struct uv_cb_header header; /* 0x00 */
	uint8_t reserved08[16]; /* 0x08 */
	be64_t cpu_handle; /* 0x18 */
	uint8_t reserved20[7]; /* 0x20 */
	uint8_t state; /* 0x27 */
	uint8_t reserved28[40]; /* 0x28 */
};
UV_ASSERT_OFFSET(uv_cb_cpu_set_state, header, 0x00);
UV_ASSERT_OFFSET(uv_cb_cpu_set_state, reserved08, 0x08);
UV_ASSERT_OFFSET(uv_cb_cpu_set_state, cpu_handle, 0x18);
UV_ASSERT_OFFSET(uv_cb_cpu_set_state, reserved20, 0x20);
UV_ASSERT_OFFSET(uv_cb_cpu_set_state, state, 0x27);
UV_ASSERT_OFFSET(uv_cb_cpu_set_state, reserved28, 0x28);
UV_ASSERT_SIZE(uv_cb_cpu_set_state, 0x50);

/** struct uv_cb_nodata - commands that take a handle only; one block for configuration and CPU handles */
struct uv_cb_nodata {
	struct uv_cb_header header; /* 0x00 */
	uint8_t reserved08[16]; /* 0x08 */
	be64_t handle; /* 0x18 */
	uint8_t reserved20[32]; /* 0x20 */
};
UV_ASSERT_OFFSET(uv_cb_nodata, header, 0x00);
UV_ASSERT_OFFSET(uv_cb_nodata, reserved08, 0x08);
UV_ASSERT_OFFSET(uv_cb_nodata, handle, 0x18);
UV_ASSERT_OFFSET(uv_cb_nodata, reserved20, 0x20);
UV_ASSERT_SIZE(uv_cb_nodata, 0x40);

/** struct uv_cb_destroy_fast - DESTROY_SEC_CONF_FAST */
struct uv_cb_destroy_fast {
	struct uv_cb_header header; /* 0x00 */
	uint8_t reserved08[16]; /* 0x08 */
	be64_t handle; /* 0x18 */
	uint8_t reserved20[40]; /* 0x20 */
};
UV_ASSERT_OFFSET(uv_cb_destroy_fast, header, 0x00);
UV_ASSERT_OFFSET(uv_cb_destroy_fast, reserved08, 0x08);
UV_ASSERT_OFFSET(uv_cb_destroy_fast, handle, 0x18);
UV_ASSERT_OFFSET(uv_cb_destroy_fast, reserved20, 0x20);
UV_ASSERT_SIZE(uv_cb_destroy_fast, 0x48);

/** struct uv_cb_share - SET_SHARED_ACCESS, REMOVE_SHARED_ACCESS */
struct uv_cb_share {
	struct uv_cb_header header; /* 0x00 */
	uint8_t reserved08[24]; /* 0x08 */
	be64_t paddr; /* 0x20 */
	uint8_t reserved28[8]; /* 0x28 */
};
UV_ASSERT_OFFSET(uv_cb_share, header, 0x00);
UV_ASSERT_OFFSET(uv_cb_share, reserved08, 0x08);
UV_ASSERT_OFFSET(uv_cb_share, paddr, 0x20);
UV_ASSERT_OFFSET(uv_cb_share, reserved28, 0x28);
UV_ASSERT_SIZE(uv_cb_share, 0x30);

/** struct uv_cb_dump_cpu - DUMP_CPU */
struct uv_cb_dump_cpu {
	struct uv_cb_header header; /* 0x00 */
	uint8_t reserved08[16]; /* 0x08 */
	be64_t cpu_handle; /* 0x18 */
	be64_t dump_area_origin; /* 0x20 */
	uint8_t reserved28[40]; /* 0x28 */
};
UV_ASSERT_OFFSET(uv_cb_dump_cpu, header, 0x00);
UV_ASSERT_OFFSET(uv_cb_dump_cpu, reserved08, 0x08);
UV_ASSERT_OFFSET(uv_cb_dump_cpu, cpu_handle, 0x18);
UV_ASSERT_OFFSET(uv_cb_dump_cpu, dump_area_origin, 0x20);
UV_ASSERT_OFFSET(uv_cb_dump_cpu, reserved28, 0x28);
UV_ASSERT_SIZE(uv_cb_dump_cpu, 0x50);

/** struct uv_cb_dump_stor_state - DUMP_CONF_STOR_STATE */
struct uv_cb_dump_stor_state {
	struct uv_cb_header header; /* 0x00 */
	uint8_t reserved08[16]; /* 0x08 */
	be64_t config_handle; /* 0x18 */
	be64_t dump_area_origin; /* 0x20 */
	be64_t gaddr; /* 0x28 */
	uint8_t reserved30[32]; /* 0x30 */
};
UV_ASSERT_OFFSET(uv_cb_dump_stor_state, header, 0x00);
UV_ASSERT_OFFSET(uv_cb_dump_stor_state, reserved08, 0x08);
UV_ASSERT_OFFSET(uv_cb_dump_stor_state, config_handle, 0x18);
UV_ASSERT_OFFSET(uv_cb_dump_stor_state, dump_area_origin, 0x20);
UV_ASSERT_OFFSET(uv_cb_dump_stor_state, gaddr, 0x28);
UV_ASSERT_OFFSET(uv_cb_dump_stor_state, reserved30, 0x30);
UV_ASSERT_SIZE(uv_cb_dump_stor_state, 0x50);

/** struct uv_cb_dump_complete - DUMP_COMPLETE */
struct uv_cb_dump_complete {
	struct uv_cb_header header; /* 0x00 */
	uint8_t reserved08[16]; /* 0x08 */
	be64_t config_handle; /* 0x18 */
	be64_t dump_area_origin; /* 0x20 */
	uint8_t reserved28[40]; /* 0x28 */
};
UV_ASSERT_OFFSET(uv_cb_dump_complete, header, 0x00);
UV_ASSERT_OFFSET(uv_cb_dump_complete, reserved08, 0x08);
UV_ASSERT_OFFSET(uv_cb_dump_complete, config_handle, 0x18);
UV_ASSERT_OFFSET(uv_cb_dump_complete, dump_area_origin, 0x20);
UV_ASSERT_OFFSET(uv_cb_dump_complete, reserved28, 0x28);
UV_ASSERT_SIZE(uv_cb_dump_complete, 0x50);

#endif
