// SPDX-License-Identifier: GPL-2.0-or-later
/* The host kernel's side of the Ultravisor. */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "kvm/uv.h"

/* Page conversions of older firmware: "not a secure page" is what we wanted to reach. */
#define UVC_RC_DESTROY_NOT_SECURE  0x107
#define UVC_RRC_DESTROY_NOT_SECURE 0xd

/* CONV_TO_SEC_STOR, UNPACK_IMG: nothing is mapped at the guest address. */
#define UVC_RC_NOT_MAPPED 0x10a

static struct uv_cb_header uvcb_header(uint16_t cmd, size_t len)
{
	return (struct uv_cb_header){.len = be16_make((uint16_t)len), .cmd = be16_make(cmd)};
}

enum uv_cc uv_call_sched(struct uv *uv, void *uvcb, size_t size)
{
	for (;;) {
		enum uv_cc cc = uv_call(uv, uvcb, size);

		if (cc <= UV_CC_ERROR)
			return cc;
		sched_yield();
	}
}

int uv_get_info(struct uv *uv, struct uv_info *info)
{
	struct uv_cb_qui uvcb = {.header = uvcb_header(UVC_CMD_QUI, sizeof(uvcb))};
	enum uv_cc cc = uv_call_sched(uv, &uvcb, sizeof(uvcb));

	/* A block shorter than what there is to say is still a usable answer. */
	if (cc != UV_CC_OK && be16_get(uvcb.header.rc) != UVC_RC_MORE_DATA)
		return -EIO;
	*info = (struct uv_info){
		.uv_base_stor_len = be64_get(uvcb.uv_base_stor_len),
		.guest_base_stor_len = be64_get(uvcb.conf_base_phys_stor_len),
		.guest_virt_base_stor_len = be64_get(uvcb.conf_base_virt_stor_len),
		.guest_virt_var_stor_len = be64_get(uvcb.conf_virt_var_stor_len),
		.guest_cpu_stor_len = be64_get(uvcb.cpu_stor_len),
		.max_sec_stor_addr = be64_get(uvcb.max_guest_stor_addr),
		.max_num_sec_conf = be32_get(uvcb.max_num_sec_conf),
		.max_guest_cpu_id = be16_get(uvcb.max_guest_cpu_id),
		.uv_feature_indications = be64_get(uvcb.uv_feature_indications),
		.conf_dump_storage_state_len = be64_get(uvcb.conf_dump_storage_state_len),
		.conf_dump_finalize_len = be64_get(uvcb.conf_dump_finalize_len),
	};
	for (int i = 0; i < 4; i++)
		info->inst_calls_list[i] = be64_get(uvcb.inst_calls_list[i]);
	return 0;
}

int uv_donate_base(struct uv *uv, abs_t origin, uint64_t len)
{
	struct uv_cb_init uvcb = {
		.header = uvcb_header(UVC_CMD_INIT_UV, sizeof(uvcb)),
		.stor_origin = be64_make(origin),
		.stor_len = be64_make(len),
	};

	return uv_call_sched(uv, &uvcb, sizeof(uvcb)) == UV_CC_OK ? 0 : -EIO;
}

bool uv_has_call(const struct uv_info *info, unsigned int bit)
{
	return info->inst_calls_list[bit / 64] & (1UL << (63 - bit % 64));
}

bool uv_has_feature(const struct uv_info *info, unsigned int bit)
{
	return info->uv_feature_indications & (1UL << (63 - bit));
}

int uv_cmd_nodata(struct uv *uv, uint64_t handle, uint16_t cmd, uint16_t *rc, uint16_t *rrc)
{
	struct uv_cb_nodata uvcb = {
		.header = uvcb_header(cmd, sizeof(uvcb)),
		.handle = be64_make(handle),
	};
	enum uv_cc cc = uv_call_sched(uv, &uvcb, sizeof(uvcb));

	*rc = be16_get(uvcb.header.rc);
	*rrc = be16_get(uvcb.header.rrc);
	return cc == UV_CC_OK ? 0 : -EINVAL;
}

/* A call that names a frame and nothing else. */
static enum uv_cc uv_frame_call(struct uv *uv, uint16_t cmd, abs_t frame,
				struct uv_cb_header *answer)
{
	struct uv_cb_cfs uvcb = {
		.header = uvcb_header(cmd, sizeof(uvcb)),
		.paddr = be64_make(frame),
	};
	enum uv_cc cc = uv_call_sched(uv, &uvcb, sizeof(uvcb));

	*answer = uvcb.header;
	return cc;
}

int uv_destroy_folio(struct uv *uv, abs_t frame)
{
	struct uv_cb_header answer;

	if (uv_frame_call(uv, UVC_CMD_DESTR_SEC_STOR, frame, &answer) == UV_CC_OK)
		return 0;
	if (be16_get(answer.rc) == UVC_RC_DESTROY_NOT_SECURE &&
	    be16_get(answer.rrc) == UVC_RRC_DESTROY_NOT_SECURE)
		return 0;
	return -EINVAL;
}

int uv_convert_from_secure(struct uv *uv, abs_t frame)
{
	struct uv_cb_header answer;

	return uv_frame_call(uv, UVC_CMD_CONV_FROM_SEC_STOR, frame, &answer) == UV_CC_OK ? 0
											 : -EINVAL;
}

int uv_make_secure(struct uv *uv, struct uv_cb_header *uvcb, size_t size)
{
	switch (uv_call(uv, uvcb, size)) {
	case UV_CC_OK:
		return 0;
	case UV_CC_BUSY:
	case UV_CC_PARTIAL:
		return -EAGAIN;
	case UV_CC_ERROR:
		break;
	}
	return be16_get(uvcb->rc) == UVC_RC_NOT_MAPPED ? -ENXIO : -EINVAL;
}
