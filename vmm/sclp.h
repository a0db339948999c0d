/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service processor: configuration, events, console. */
#ifndef VMM_SCLP_H
#define VMM_SCLP_H

#include "protvirt/be.h"
#include "vmm/vcpu.h"

#define SCCB_MAX 4096U

/** struct sccb_header - what every service-call control block begins with */
struct sccb_header {
	be16_t len;         /* 0 */
	uint8_t function;   /* 2 */
	uint8_t control[3]; /* 3 */
	be16_t response;    /* 6 */
};
_Static_assert(sizeof(struct sccb_header) == 8, "SCCB header");

/** sclp_handle() - the intercepted SERVC. Context: the CPU's thread */
void sclp_handle(struct vcpu *vcpu);

/**
 * sclp_execute() - one command on a private copy of the block
 * @sccb: SCCB_MAX bytes, 8-byte aligned; the response goes there
 * @command: command word
 *
 * Return: the length of the block as answered.
 */
size_t sclp_execute(struct vm *vm, struct sccb_header *sccb, uint32_t command);

/** sclp_write_events() - command 0x00760005 (sclp_event.c). Return: the response code */
uint16_t sclp_write_events(struct vm *vm, struct sccb_header *sccb);

/** sclp_write_mask() - command 0x00780005 (sclp_event.c). Return: the response code */
uint16_t sclp_write_mask(struct vm *vm, struct sccb_header *sccb);

/** sclp_read_events() - command 0x00770005 (sclp_event.c). Return: the response code */
uint16_t sclp_read_events(struct vm *vm, struct sccb_header *sccb);

/**
 * sclp_announce() - the interruption that says that a call is done, or that there are events
 * @sccb_addr: address of the call's block; 0: no call, events only
 */
void sclp_announce(struct vm *vm, uint32_t sccb_addr);

#endif
