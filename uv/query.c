/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QUI and QUERY_KEYS: what this Ultravisor can do. */
#include <string.h>

#include "crypto/se_format.h"
#include "uv/call.h"

/** MSB0_64() - bit n, counted from the most significant */
#define MSB0_64(n) (1UL << (63 - (n)))

static void install_list(const struct uv *uv, uint8_t context, struct uv_cb_qui *qui)
{
	uint64_t list[4] = {0};

	for (size_t i = 0; i < uv_nr_commands; i++) {
		const struct uv_command *row = &uv_commands[i];

		if (row->bit != UV_NO_BIT && uv_command_installed(uv, row, context))
			list[row->bit / 64] |= MSB0_64(row->bit % 64);
	}
	for (size_t i = 0; i < 4; i++)
		qui->inst_calls_list[i] = be64_make(list[i]);
}

/* Storage and limits concern the host alone; a guest sees zeros. */
static void host_part(struct uv_cb_qui *qui)
{
	qui->uv_base_stor_len = be64_make(UV_BASE_STOR_LEN);
	qui->conf_base_phys_stor_len = be64_make(UV_CONF_BASE_LEN);
	qui->conf_base_virt_stor_len = be64_make(UV_CONF_VIRT_LEN);
	qui->conf_virt_var_stor_len = be64_make(UV_CONF_VAR_LEN);
	qui->cpu_stor_len = be64_make(UV_CPU_STOR_LEN);
	qui->max_num_sec_conf = be32_make(UV_MAX_CONFIGS);
	qui->max_guest_stor_addr = be64_make(UV_MAX_STOR_ADDR);
	qui->max_guest_cpu_id = be16_make(UV_MAX_CPU_ID);
	qui->conf_dump_storage_state_len = be64_make(UV_DUMP_STATE_LEN);
	qui->conf_dump_finalize_len = be64_make(UV_DUMP_FINAL_LEN);
}

static void common_part(const struct uv *uv, struct uv_cb_qui *qui)
{
	uint64_t features = uv_has(uv, UV_FEATURE_MISC) ? MSB0_64(BIT_UV_FEAT_MISC) : 0;

	qui->uv_feature_indications = be64_make(features);
	qui->supp_se_hdr_versions = be64_make(MSB0_64(0));
	qui->supp_se_hdr_pcf = be64_make(SE_PCF_SUPPORTED);
}

struct uv_answer uv_query(struct uv_call *c)
{
	struct uv_cb_qui *qui = &c->block.qui;
	uint16_t len = be16_get(qui->header.len);

	memset(&qui->header + 1, 0, sizeof(*qui) - sizeof(qui->header));
	install_list(c->uv, c->guest ? UV_CONTEXT_GUEST : UV_CONTEXT_HOST, qui);
	if (!c->guest)
		host_part(qui);
	common_part(c->uv, qui);
	return len < sizeof(*qui) ? uv_error(UVC_RC_MORE_DATA, 0) : uv_done();
}

struct uv_answer uv_query_keys(struct uv_call *c)
{
	struct uv_cb_query_keys *q = &c->block.query_keys;

	memset(q->key_hashes, 0, sizeof(q->key_hashes));
	if (c->uv->host_key.key)
		memcpy(q->key_hashes, c->uv->host_key.phkh, SE_HASH_LEN);
	return uv_done();
}
