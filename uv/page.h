/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page transitions: what a frame-related Ultravisor call does, one function each.
 *
 * docs/page-states.md has the matrix of states and operations. Each function
 * checks first and then changes what cannot fail half-way. The result is the
 * architected response code; condition codes and UVCBs are made elsewhere.
 */
#ifndef UV_PAGE_H
#define UV_PAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "storage/storage.h"
#include "uv/owner.h"
#include "uv/ultravisor.h"

struct frame;
struct uv_cost_model;
struct uv_trace;

/* Response codes of page operations, ultravisor.md 2.8 */
#define UV_PAGE_OK          0x0001
#define UV_PAGE_BAD_ADDRESS 0x0101 /* misaligned, outside the guest, or not host memory */
#define UV_PAGE_DONATED     0x0102 /* the frame is donated storage */
#define UV_PAGE_NOT_SHARED  0x0103 /* pin, unpin */
#define UV_PAGE_ALREADY     0x0104 /* unpack: secure in this configuration already */
#define UV_PAGE_OWNED       0x0106 /* import: somebody else's; destroy: the owner has CPUs */
#define UV_PAGE_BAD_TAG     0x0108 /* import: content is not what was exported last */
#define UV_PAGE_NOT_MAPPED  0x010a /* the host has to map the page and try again */
#define UV_PAGE_NO_STORAGE  0x010f /* the machine ran out of memory, or the frame is lost */

/* Beside response codes: what a guest's share or unshare may end in */
#define UV_PAGE_NOT_RESIDENT 0xfffe /* 0x3e to the host, then again */
#define UV_PAGE_PINNED       0xfffd /* interception 108, then again */

/** UV_PAGE_CHUNK - pages that one call of a chunked walk touches at most */
#define UV_PAGE_CHUNK 4096

/**
 * struct uv_pages - what page transitions need of the Ultravisor
 * @storage: the machine's storage
 * @ops: the machine
 * @machine: first argument of @ops
 * @owners: all owners
 * @misc: feature MISC: import of a shared page moves its ownership
 * @cost: cost model of range destroys; the calls on one page are modelled by their caller. NULL:
 * none
 * @trace: gets one event a run of range destroy. NULL: none
 */
struct uv_pages {
	struct storage *storage;
	const struct uv_machine_ops *ops;
	void *machine;
	struct uv_owner_table *owners;
	bool misc;
	const struct uv_cost_model *cost;
	struct uv_trace *trace;
};

/*
 * Calls that name a guest page. @gaddr is in the space of guest_asce: MSO + guest absolute.
 * Context: the caller holds a reference on the owner. May sleep for a frame.
 */

/** uv_page_import() - CONV_TO_SEC_STOR. Return: 1, 101, 102, 106, 108, 10a, 10f */
uint16_t uv_page_import(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr);

/** uv_page_unpin() - UNPIN_PAGE_SHARED. Return: 1, 101, 102, 103, 10a */
uint16_t uv_page_unpin(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr);

/**
 * typedef uv_unpack_fn - take an image page in
 * @frame: frame_read_ordinary() has the ciphertext; the plaintext is to be put to frame_secure()
 *
 * Called with the frame locked, as the last step that may fail: digests are updated here.
 *
 * Return: UV_PAGE_OK, or the response code to end with; then the frame stays as it was.
 */
typedef uint16_t (*uv_unpack_fn)(void *arg, const struct frame *frame);

/**
 * struct uv_unpacked - adjacent frames that images were unpacked in and that still have ordinary
 * pages: the host's own ciphertext. A call a page to punch them takes as long as all the rest.
 * @b: with a reference; NULL: there are none
 * @first: first frame
 * @n: number of frames
 * @owner: who they were unpacked for
 */
struct uv_unpacked {
	struct backing *b;
	size_t first;
	size_t n;
	uint32_t owner;
};

/** uv_pages_punch() - take the ordinary pages away, of frames that are still as they were */
void uv_pages_punch(struct uv_unpacked *u);

/**
 * uv_page_unpack() - UNPACK_IMG
 * @u: the page is added; others may be punched for that
 *
 * Return: 1, 101, 102, 104, 106, 10a, 10f, or what @fn says.
 */
uint16_t uv_page_unpack(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr, uv_unpack_fn fn,
			void *arg, struct uv_unpacked *u);

/** uv_page_share() - SET_SHARED_ACCESS. Return: 1, 101, 10f, or UV_PAGE_NOT_RESIDENT */
uint16_t uv_page_share(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr);

/**
 * uv_page_unshare() - REMOVE_SHARED_ACCESS
 * Return: 1, 101, 10f, UV_PAGE_NOT_RESIDENT or UV_PAGE_PINNED.
 */
uint16_t uv_page_unshare(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr);

/* Calls that name a frame by its absolute address. */

/** uv_page_export() - CONV_FROM_SEC_STOR. Return: 1, 101, 102, 10f */
uint16_t uv_page_export(struct uv_pages *p, abs_t paddr);

/** uv_page_destroy() - DESTR_SEC_STOR. Return: 1, 101, 102, 106, 10f */
uint16_t uv_page_destroy(struct uv_pages *p, abs_t paddr);

/** uv_page_pin() - PIN_PAGE_SHARED. Return: 1, 101, 102, 103 */
uint16_t uv_page_pin(struct uv_pages *p, abs_t paddr);

/** uv_page_make_accessible() - pin, else export. Return: 0 or -EINVAL */
int uv_page_make_accessible(struct uv_pages *p, abs_t frame);

/**
 * uv_page_access() - the check that hardware makes for each access, ultravisor.md 3.3
 * @o: the protected guest that accesses, or NULL: host or ordinary guest
 * @bytes: set if UV_ACCESS_OK: where the page's content is
 */
enum uv_access uv_page_access(struct uv_pages *p, const struct uv_owner *o, abs_t frame, gpa_t gpa,
			      uint8_t **bytes);

/* Walks over an owner's guest pages. Return: true: done; false: partially done, call again. */

/** uv_pages_unshare_all() - SET_UNSHARE_ALL. Sets *@rc to 1 or 10f (then the walk has ended) */
bool uv_pages_unshare_all(struct uv_pages *p, struct uv_owner *o, uint16_t *rc);

/**
 * uv_pages_destroy_all() - the page part of DESTROY_SEC_CONF: secure pages are cleared, shared ones
 * keep their content; all are ordinary then. uv_owner_kill() comes after it.
 *
 * Context: the owner has no CPUs and nobody imports for it any more.
 */
bool uv_pages_destroy_all(struct uv_pages *p, struct uv_owner *o);

/** uv_pages_destroy_range() - uv_destroy_range(), see uv/ultravisor.h */
int uv_pages_destroy_range(struct uv_pages *p, uint32_t owner, struct backing *b, size_t first,
			   size_t n, const struct uv_stop *stop, _Atomic uint64_t *done);

/* For dumps: what the host may know of a guest page, ultravisor.md 8.5 */

/** enum uv_page_dump - kind of a guest page for DUMP_CONF_STOR_STATE */
enum uv_page_dump {
	UV_DUMP_ZERO,      /* never used */
	UV_DUMP_SHARED,    /* plain in ordinary storage; the host took the frame back */
	UV_DUMP_MAPPED,    /* plain in ordinary storage, and in a frame */
	UV_DUMP_ENCRYPTED, /* the host has, or gets when it reads the page, ciphertext */
};

/**
 * uv_page_dump_state() - what a guest page is
 * @counter: UV_DUMP_ENCRYPTED: the export counter that its ciphertext has
 *
 * A page that is secure now is promised the counter of its next export, so that it does not matter
 * whether the host reads memory before or after.
 *
 * Context: @gaddr is a page of the guest; the owner is live. May sleep for a frame.
 */
enum uv_page_dump uv_page_dump_state(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr,
				     uint64_t *counter);

#endif
