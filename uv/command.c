/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands: one row each. QUI, the dispatcher and the trace all read these rows. */
#include <stddef.h>
#include <string.h>

#include "uv/call.h"

#define HOST UV_CONTEXT_HOST
#define BOTH (UV_CONTEXT_HOST | UV_CONTEXT_GUEST)

/* clang-format off */
#define ROW(command, type, where, what) \
	.name = #command, .cmd = UVC_CMD_##command, .len = sizeof(struct type), \
	.bit = BIT_UVC_CMD_##command, .context = (where), .handler = (what)
#define CONFIG(how) \
	.naming = (how), .handle_at = offsetof(struct uv_cb_nodata, handle)
#define ADDR(type, field) .addr_at = offsetof(struct type, field)

const struct uv_command uv_commands[] = {
	{ ROW(QUI, uv_cb_qui, BOTH, uv_query),
	  .min_len = offsetof(struct uv_cb_qui, reserveda8), .early = true },
	{ ROW(QUERY_KEYS, uv_cb_query_keys, BOTH, uv_query_keys),
	  .feature = UV_FEATURE_QUERY_KEYS },
	{ ROW(INIT_UV, uv_cb_init, HOST, uv_init), .early = true,
	  ADDR(uv_cb_init, stor_origin) },

	{ ROW(CREATE_SEC_CONF, uv_cb_cgc, HOST, uv_create_config),
	  ADDR(uv_cb_cgc, conf_base_stor_origin) },
	{ ROW(DESTROY_SEC_CONF, uv_cb_nodata, HOST, uv_destroy_config),
	  CONFIG(UV_NAMES_CONFIG), .ends = true },
	{ ROW(DESTROY_SEC_CONF_FAST, uv_cb_destroy_fast, HOST, uv_destroy_config_fast),
	  CONFIG(UV_NAMES_CONFIG), .ends = true, .feature = UV_FEATURE_DESTROY_FAST },
	{ ROW(CONDEMN_SEC_CONF, uv_cb_nodata, HOST, uv_condemn_config),
	  CONFIG(UV_NAMES_CONFIG), .ends = true, .feature = UV_FEATURE_CONDEMN },

	{ ROW(CREATE_SEC_CPU, uv_cb_csc, HOST, uv_create_cpu),
	  .naming = UV_NAMES_CONFIG, .handle_at = offsetof(struct uv_cb_csc, guest_handle),
	  ADDR(uv_cb_csc, stor_origin) },
	{ ROW(DESTROY_SEC_CPU, uv_cb_nodata, HOST, uv_destroy_cpu), CONFIG(UV_NAMES_CPU) },
	{ ROW(CPU_RESET, uv_cb_nodata, HOST, uv_cpu_reset), CONFIG(UV_NAMES_CPU) },
	{ ROW(CPU_RESET_INITIAL, uv_cb_nodata, HOST, uv_cpu_reset_initial),
	  CONFIG(UV_NAMES_CPU) },
	{ ROW(CPU_RESET_CLEAR, uv_cb_nodata, HOST, uv_cpu_reset_clear), CONFIG(UV_NAMES_CPU) },
	{ ROW(CPU_SET_STATE, uv_cb_cpu_set_state, HOST, uv_cpu_set_state),
	  CONFIG(UV_NAMES_CPU) },

	{ ROW(SET_SEC_CONF_PARAMS, uv_cb_ssc, HOST, uv_set_image_params),
	  CONFIG(UV_NAMES_CONFIG), ADDR(uv_cb_ssc, sec_header_origin) },
	{ ROW(UNPACK_IMG, uv_cb_unp, HOST, uv_unpack_page),
	  CONFIG(UV_NAMES_CONFIG), ADDR(uv_cb_unp, gaddr), .page = true },
	{ ROW(VERIFY_IMG, uv_cb_nodata, HOST, uv_verify_image), CONFIG(UV_NAMES_CONFIG) },
	{ ROW(SET_UNSHARE_ALL, uv_cb_nodata, HOST, uv_unshare_all), CONFIG(UV_NAMES_CONFIG) },
	{ ROW(PREPARE_RESET, uv_cb_nodata, HOST, uv_prepare_reset), CONFIG(UV_NAMES_CONFIG) },

	{ ROW(CONV_TO_SEC_STOR, uv_cb_cts, HOST, uv_import_page),
	  CONFIG(UV_NAMES_CONFIG_SHARED), ADDR(uv_cb_cts, gaddr), .page = true },
	{ ROW(UNPIN_PAGE_SHARED, uv_cb_cts, HOST, uv_unpin_page),
	  CONFIG(UV_NAMES_CONFIG_SHARED), ADDR(uv_cb_cts, gaddr) },
	{ ROW(CONV_FROM_SEC_STOR, uv_cb_cfs, HOST, uv_export_page),
	  ADDR(uv_cb_cfs, paddr), .page = true },
	/* no public source names a bit for it */
	{ .name = "DESTR_SEC_STOR", .cmd = UVC_CMD_DESTR_SEC_STOR,
	  .len = sizeof(struct uv_cb_cfs), .bit = UV_NO_BIT, .context = HOST,
	  .handler = uv_destroy_page, ADDR(uv_cb_cfs, paddr), .page = true },
	{ ROW(PIN_PAGE_SHARED, uv_cb_cfs, HOST, uv_pin_page), ADDR(uv_cb_cfs, paddr) },

	{ ROW(DUMP_INIT, uv_cb_nodata, HOST, uv_dump_init), CONFIG(UV_NAMES_CONFIG) },
	{ ROW(DUMP_CONF_STOR_STATE, uv_cb_dump_stor_state, HOST, uv_dump_stor_state),
	  CONFIG(UV_NAMES_CONFIG), ADDR(uv_cb_dump_stor_state, gaddr) },
	{ ROW(DUMP_CPU, uv_cb_dump_cpu, HOST, uv_dump_cpu),
	  CONFIG(UV_NAMES_CPU), ADDR(uv_cb_dump_cpu, dump_area_origin) },
	{ ROW(DUMP_COMPLETE, uv_cb_dump_complete, HOST, uv_dump_complete),
	  CONFIG(UV_NAMES_CONFIG), ADDR(uv_cb_dump_complete, dump_area_origin) },

	{ ROW(SET_SHARED_ACCESS, uv_cb_share, UV_CONTEXT_GUEST, uv_share_page),
	  ADDR(uv_cb_share, paddr) },
	{ ROW(REMOVE_SHARED_ACCESS, uv_cb_share, UV_CONTEXT_GUEST, uv_unshare_page),
	  ADDR(uv_cb_share, paddr) },
};
/* clang-format on */

const size_t uv_nr_commands = sizeof(uv_commands) / sizeof(uv_commands[0]);

bool uv_command_installed(const struct uv *uv, const struct uv_command *row, uint8_t context)
{
	return (row->context & context) && (!row->feature || uv_has(uv, row->feature));
}

uint16_t uv_command_code(const char *name)
{
	for (size_t i = 0; i < uv_nr_commands; i++) {
		if (!strcmp(uv_commands[i].name, name))
			return uv_commands[i].cmd;
	}
	return 0;
}
