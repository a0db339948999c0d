/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of an input of the harness uvcb, for it and for who writes inputs. */
#ifndef TESTS_FUZZ_UVCB_H
#define TESTS_FUZZ_UVCB_H

#include "protvirt/uv.h"

/* New rows go to the end: inputs name commands by their place. */
static const uint16_t fuzz_commands[] = {
	UVC_CMD_QUI,
	UVC_CMD_QUERY_KEYS,
	UVC_CMD_INIT_UV,
	UVC_CMD_CREATE_SEC_CONF,
	UVC_CMD_DESTROY_SEC_CONF,
	UVC_CMD_DESTROY_SEC_CONF_FAST,
	UVC_CMD_CREATE_SEC_CPU,
	UVC_CMD_DESTROY_SEC_CPU,
	UVC_CMD_CPU_RESET,
	UVC_CMD_CPU_RESET_INITIAL,
	UVC_CMD_CPU_RESET_CLEAR,
	UVC_CMD_CPU_SET_STATE,
	UVC_CMD_SET_SEC_CONF_PARAMS,
	UVC_CMD_UNPACK_IMG,
	UVC_CMD_VERIFY_IMG,
	UVC_CMD_SET_UNSHARE_ALL,
	UVC_CMD_PREPARE_RESET,
	UVC_CMD_CONV_TO_SEC_STOR,
	UVC_CMD_UNPIN_PAGE_SHARED,
	UVC_CMD_CONV_FROM_SEC_STOR,
	UVC_CMD_DESTR_SEC_STOR,
	UVC_CMD_PIN_PAGE_SHARED,
	UVC_CMD_SET_SHARED_ACCESS,
	UVC_CMD_REMOVE_SHARED_ACCESS,
	UVC_CMD_CONDEMN_SEC_CONF,
	UVC_CMD_DUMP_INIT,
	UVC_CMD_DUMP_CONF_STOR_STATE,
	UVC_CMD_DUMP_CPU,
	UVC_CMD_DUMP_COMPLETE,
};

#define FUZZ_COMMANDS (sizeof(fuzz_commands) / sizeof(fuzz_commands[0]))

/**
 * enum term - low 3 bits of the byte that begins a term; the upper 5 are a number N
 * @TERM_RAW: 8 bytes follow
 * @TERM_HANDLE: of the Nth configuration or CPU that was created
 * @TERM_AREA: address of the Nth area that can be donated
 * @TERM_PAGE: guest address of page N
 * @TERM_FRAME: frame of guest N >> 4; a byte with the page number follows
 * @TERM_SMALL: two bytes follow
 * @TERM_CONSTANT: of guest N >> 2: ASCE, SCA, storage length; 3: length of the header, in the upper
 *                 word
 * @TERM_HEADER: address of the SE header
 */
enum term {
	TERM_RAW,
	TERM_HANDLE,
	TERM_AREA,
	TERM_PAGE,
	TERM_FRAME,
	TERM_SMALL,
	TERM_CONSTANT,
	TERM_HEADER,
};

/**
 * enum step - steps that are not calls
 * @STEP_ENTER: guest, number of guest calls; terms for configuration, CPU and SIDA; for each call
 *              a byte (1: unshare) and a term
 * @STEP_LOAD: guest: the image's pages into its storage
 * @STEP_PATCH_HEADER: offset (2 bytes), byte
 * @STEP_MAP: guest and page (2 bytes), mapped or not
 * @STEP_ACCESS: guest and page (2 bytes): the host touches it
 * @STEP_DESTROY_RANGE: guest, term of a configuration, first page: of that owner to the end
 *
 * A call is a place in fuzz_commands (one behind its end: all that the Ultravisor knows); a byte with the number of fields below 16, and
 * 0xf0 in it if a length and a number of accessible bytes, less 8, follow (2 bytes each); for each field the doubleword, from 0x18, and a term.
 */
enum step {
	STEP_FIRST = 0xfa,
	STEP_ENTER = STEP_FIRST,
	STEP_LOAD,
	STEP_PATCH_HEADER,
	STEP_MAP,
	STEP_ACCESS,
	STEP_DESTROY_RANGE,
};

#endif
