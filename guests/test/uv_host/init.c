// SPDX-License-Identifier: GPL-2.0-or-later
/* Before INIT_UV, and INIT_UV itself. */
#include "test/uv_host/uv_host.h"

#define NO_COMMAND 0x4242
#define QUI_SHORT  0xa0
#define QUI_LEAST  0xa8
#define QUI_OLD    0x100

static bool installed(unsigned int bit)
{
	return be64_get(qui.inst_calls_list[bit / 64]) >> (63 - bit % 64) & 1;
}

static void query(uint16_t len)
{
	qui = (struct uv_cb_qui){HEADER(uv_cb_qui, QUI)};
	qui.header.len = be16_make(len);
}

void test_query(void)
{
	query(QUI_SHORT);
	expect_rc(&qui, UVC_RC_INV_LEN, "a block that is too short");
	query(QUI_LEAST);
	expect_rc(&qui, UVC_RC_MORE_DATA, "the shortest block");
	check(installed(BIT_UVC_CMD_INIT_UV) && !be64_get(qui.supp_se_hdr_versions),
	      "what fits is stored, and no more");
	query(QUI_OLD);
	expect_rc(&qui, UVC_RC_MORE_DATA, "a block without the last fields");
	query(sizeof(qui));
	expect_done(&qui, "the whole block");
	check(installed(BIT_UVC_CMD_QUI) && installed(BIT_UVC_CMD_INIT_UV) &&
		      installed(BIT_UVC_CMD_CREATE_SEC_CONF) && installed(BIT_UVC_CMD_UNPACK_IMG),
	      "a host's calls");
	check(!installed(BIT_UVC_CMD_SET_SHARED_ACCESS) &&
		      !installed(BIT_UVC_CMD_REMOVE_SHARED_ACCESS),
	      "no guest's calls");
	check(be64_get(qui.uv_base_stor_len) && be64_get(qui.conf_base_phys_stor_len) &&
		      be64_get(qui.conf_base_virt_stor_len) &&
		      be64_get(qui.conf_virt_var_stor_len) && be64_get(qui.cpu_stor_len),
	      "lengths of what it wants");
	check(be64_get(qui.max_guest_stor_addr) && be32_get(qui.max_num_sec_conf), "limits");
}

static void expect_unknown(uint16_t cmd, uint16_t len, const char *what)
{
	uint8_t bytes[sizeof(struct uv_cb_qui)] __attribute__((aligned(8))) = {0};
	struct uv_cb_header *header = (struct uv_cb_header *)bytes;

	header->cmd = be16_make(cmd);
	header->len = be16_make(len);
	expect_rc(bytes, UVC_RC_INV_CMD, what);
}

void test_invalid(void)
{
	expect_unknown(NO_COMMAND, sizeof(struct uv_cb_header), "no such command");
	expect_unknown(UVC_CMD_SET_SHARED_ACCESS, sizeof(struct uv_cb_share), "a guest's command");
	expect_unknown(UVC_CMD_REMOVE_SHARED_ACCESS, 0, "whatever the length");
}

void test_uninitialised(void)
{
	static const uint16_t commands[] = {
		UVC_CMD_CREATE_SEC_CONF,
		UVC_CMD_DESTROY_SEC_CONF,
		UVC_CMD_CREATE_SEC_CPU,
		UVC_CMD_DESTROY_SEC_CPU,
		UVC_CMD_CONV_TO_SEC_STOR,
		UVC_CMD_CONV_FROM_SEC_STOR,
		UVC_CMD_DESTR_SEC_STOR,
		UVC_CMD_SET_SEC_CONF_PARAMS,
		UVC_CMD_UNPACK_IMG,
		UVC_CMD_VERIFY_IMG,
		UVC_CMD_CPU_RESET,
		UVC_CMD_CPU_RESET_INITIAL,
		UVC_CMD_CPU_RESET_CLEAR,
		UVC_CMD_PREPARE_RESET,
		UVC_CMD_SET_UNSHARE_ALL,
		UVC_CMD_PIN_PAGE_SHARED,
		UVC_CMD_UNPIN_PAGE_SHARED,
		UVC_CMD_CPU_SET_STATE,
		UVC_CMD_DUMP_INIT,
		UVC_CMD_DUMP_CPU,
		UVC_CMD_DUMP_CONF_STOR_STATE,
		UVC_CMD_DUMP_COMPLETE,
	};

	for (unsigned int i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct uv_cb_header block = {
			be16_make(sizeof(block)), be16_make(commands[i]), {0}, {0}};

		expect_rc(&block, UVC_RC_INV_STATE, "refused, whatever the length");
	}
}

static struct uv_cb_init init_block(uint64_t origin)
{
	return (struct uv_cb_init){
		HEADER(uv_cb_init, INIT_UV),
		.stor_origin = be64_make(origin),
		.stor_len = qui.uv_base_stor_len,
	};
}

void test_init(void)
{
	uint64_t len = be64_get(qui.uv_base_stor_len);
	struct uv_cb_init block = init_block(UV_BASE);

	check(memory >= UV_BASE + 2 * len, "there is storage for it");
	expect_lengths(&block);
	block.stor_len = be64_make(len + PAGE);
	expect_rc(&block, 0x103, "another length than asked for");
	block = init_block(memory);
	expect_rc(&block, 0x105, "where there is no storage");
	block = init_block(memory - MIB);
	expect_rc(&block, 0x105, "where storage ends too soon");
	block = init_block(UV_BASE + PAGE);
	expect_rc(&block, 0x104, "not at a MiB");
	block = init_block(MIB);
	expect_rc(&block, 0x108, "below 2 GiB");
	block = init_block(UV_BASE);
	*(volatile uint64_t *)UV_BASE = 0xdecade;
	expect_done(&block, "as it should be");
	expect_no_access(UV_BASE, len, "its storage is not the host's any more");
	block = init_block(UV_BASE + len);
	expect_rc(&block, 0x101, "a second time");
	expect_access(UV_BASE + len, len, "and nothing was taken for that");
}
