/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ultravisor calls as a guest makes them. */
#ifndef GUESTS_RUNTIME_UVC_H
#define GUESTS_RUNTIME_UVC_H

#include <stdbool.h>
#include <stdint.h>

/**
 * uvc_protected() - is this a protected guest?
 *
 * Asks the Ultravisor. Facility 158 says whether it may be asked; that share and unshare are
 * installed says that it answers a protected guest.
 */
bool uvc_protected(void);

/**
 * uvc_share() - let the host see and change the page at @addr; its content stays
 * Return: the response code, 1 for success.
 */
uint16_t uvc_share(void *page);

/** uvc_unshare() - take it back; the content is what the host left. Return: the response code */
uint16_t uvc_unshare(void *page);

#endif
