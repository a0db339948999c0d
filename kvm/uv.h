/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host kernel's side of the Ultravisor: calls with their retry rules, and
 * what the query said. Names are those of arch/s390/kernel/uv.c.
 */
#ifndef KVM_UV_H
#define KVM_UV_H

#include <stdbool.h>
#include <stdint.h>

#include "protvirt/uv.h"
#include "storage/types.h"
#include "uv/ultravisor.h"

struct machine;

/** struct uv_info - answer of QUI, in host order */
struct uv_info {
	uint64_t inst_calls_list[4];
	uint64_t uv_base_stor_len;
	uint64_t guest_base_stor_len;
	uint64_t guest_virt_base_stor_len;
	uint64_t guest_virt_var_stor_len; /* per MiB of guest storage */
	uint64_t guest_cpu_stor_len;
	uint64_t max_sec_stor_addr;
	uint32_t max_num_sec_conf;
	uint16_t max_guest_cpu_id;
	uint64_t uv_feature_indications;
	uint64_t conf_dump_storage_state_len;
	uint64_t conf_dump_finalize_len;
};

/** uv_get_info() - QUI. Return: 0 or -EIO */
int uv_get_info(struct uv *uv, struct uv_info *info);

/** uv_donate_base() - INIT_UV: donate the base storage. Return: 0 or -EIO */
int uv_donate_base(struct uv *uv, abs_t origin, uint64_t len);

/** uv_has_call() - is the call with this bit (BIT_UVC_CMD_*) installed? */
bool uv_has_call(const struct uv_info *info, unsigned int bit);

/** uv_has_feature() - BIT_UV_FEAT_* */
bool uv_has_feature(const struct uv_info *info, unsigned int bit);

/**
 * uv_call_sched() - a call, repeated while it is busy or partially done
 *
 * Lets others run between the attempts.
 *
 * Return: UV_CC_OK or UV_CC_ERROR.
 */
enum uv_cc uv_call_sched(struct uv *uv, void *uvcb, size_t size);

/**
 * uv_cmd_nodata() - a command that takes a handle only
 * @rc, @rrc: always set to the answer
 *
 * Return: 0, or -EINVAL if the Ultravisor refused.
 */
int uv_cmd_nodata(struct uv *uv, uint64_t handle, uint16_t cmd, uint16_t *rc, uint16_t *rrc);

/** uv_destroy_folio() - DESTR_SEC_STOR. Return: 0, also if the page was not secure; -EINVAL */
int uv_destroy_folio(struct uv *uv, abs_t frame);

/** uv_convert_from_secure() - export: CONV_FROM_SEC_STOR. Return: 0 or -EINVAL */
int uv_convert_from_secure(struct uv *uv, abs_t frame);

/**
 * uv_make_secure() - one attempt of an import-like call
 * @uvcb: uv_cb_cts or uv_cb_unp; the answer is in it
 *
 * Return: 0; -EAGAIN busy; -ENXIO the page is not mapped; -EINVAL refused.
 */
int uv_make_secure(struct uv *uv, struct uv_cb_header *uvcb, size_t size);

#endif
