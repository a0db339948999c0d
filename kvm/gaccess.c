// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guest storage as an instruction of the guest sees it: addressing mode, DAT,
 * low-address protection, prefixing,
 * storage keys, access registers.
 */
#include <errno.h>
#include <string.h>

#include "kvm/gmap.h"
#include "kvm/uv_host.h"
#include "kvm/vcpu.h"
#include "sie/art.h"

#define CR0_LOW_ADDRESS_PROTECTION 0x10000000UL
#define CR0_IEP                    0x00100000UL

#define FACILITY_IEP 130

#define CR0_FETCH_PROTECTION_OVERRIDE   0x02000000UL
#define CR0_STORAGE_PROTECTION_OVERRIDE 0x01000000UL
#define FETCH_OVERRIDE_END              0x800UL
#define OVERRIDE_KEY                    9
#define SKEY_FETCH_PROTECT              0x08

#define ASCE_ORIGIN        (~0xfffUL)
#define ASCE_PRIVATE_SPACE 0x100UL
#define ASCE_REAL_SPACE    0x20UL
#define ENTRY_PROTECT      0x200UL
#define ENTRY_FC           0x400UL
#define ENTRY_IEP          0x100UL /* of pages and of large frames */
#define ENTRY_INVALID      0x20UL
#define ENTRY_COMMON       0x10UL
#define SEGMENT_ORIGIN     (~0x7ffUL)
#define PAGE_INVALID       0x400UL
#define PAGE_RESERVED      0x800UL

/* Parts of the translation-exception identification */
#define TEID_FETCH    0x800UL
#define TEID_STORE    0x400UL
#define TEID_PROT_LA  0x80UL
#define TEID_PROT_KEY 0x8UL
#define TEID_PROT_DAT 0x4UL
#define TEID_ADDRESS  0x4UL /* secure-storage access: the address is that of the access */
#define TEID_PROT_IEP 0x84UL

/** enum space - translation-exception identification bits 62-63, PSW bits 16-17 */
enum space {
	SPACE_PRIMARY = 0,
	SPACE_ACCESS_REGISTER = 1,
	SPACE_SECONDARY = 2,
	SPACE_HOME = 3,
};

/** MAX_PAGES - pages that one access may touch */
#define MAX_PAGES (MEM_OP_MAX_SIZE / PAGE_SIZE + 1)

/** struct access - one logical access to at most one page */
struct access {
	struct kvm_vcpu *vcpu;
	uint64_t va;
	enum gacc_mode mode;
	enum space space;
	uint8_t ar;
	uint8_t key;
};

/** pgm() - remember the parameters of a program interruption. Return: @code */
static int pgm(const struct access *a, uint16_t code, uint64_t teid_end)
{
	struct kvm_s390_pgm_info *info = &a->vcpu->arch.pgm;
	uint64_t direction = a->mode == GACC_STORE ? TEID_STORE : TEID_FETCH;

	memset(info, 0, sizeof(*info));
	info->code = code;
	if (code == PGM_ADDRESSING || code == PGM_TRANSLATION_SPEC)
		return code;
	info->trans_exc_code = (a->va & PAGE_MASK) | direction | (uint64_t)a->space | teid_end;
	info->exc_access_id = a->space == SPACE_ACCESS_REGISTER ? a->ar : 0;
	return code;
}

gpa_t kvm_s390_real_to_abs(const struct kvm_vcpu *vcpu, uint64_t gra)
{
	uint64_t prefix = kvm_s390_get_prefix(vcpu);

	if (gra < PREFIX_AREA_SIZE)
		return gra + prefix;
	if (gra >= prefix && gra < prefix + PREFIX_AREA_SIZE)
		return gra - prefix;
	return gra;
}

uint64_t kvm_s390_logical_to_effective(const struct kvm_vcpu *vcpu, uint64_t ga)
{
	switch (gpsw_mask(vcpu) & PSW_MASK_64) {
	case PSW_MASK_64:
		return ga;
	case PSW_MASK_BASE:
		return ga & 0x7fffffff;
	default:
		return ga & 0xffffff;
	}
}

static enum space access_space(const struct kvm_vcpu *vcpu, enum gacc_mode mode)
{
	enum space space = (enum space)((gpsw_mask(vcpu) & PSW_MASK_ASC) >> 46);

	if (mode == GACC_IFETCH && space != SPACE_HOME)
		return SPACE_PRIMARY;
	return space;
}

/** table_failure() - a table entry could not be read, for @rc. Return: as translate() */
static int table_failure(const struct access *a, int rc)
{
	if (rc == -EFAULT)
		return pgm(a, PGM_ADDRESSING, 0);
	return rc > 0 ? pgm(a, (uint16_t)rc, 0) : rc;
}

static int read_real(void *arg, uint64_t real, void *buf, unsigned int len)
{
	struct kvm_vcpu *vcpu = arg;

	return kvm_read_guest_abs(vcpu->kvm, kvm_s390_real_to_abs(vcpu, real), buf, len);
}

/** ar_translation() - the tables that an access register selects. Return: as translate() */
static int ar_translation(const struct access *a, uint64_t *asce)
{
	struct art art = {.storage = {.read = read_real, .arg = a->vcpu}};
	int rc;

	for (unsigned int i = 0; i < sizeof(art.cr) / sizeof(art.cr[0]); i++)
		art.cr[i] = guest_cr(a->vcpu, i);
	rc = art_walk(&art, a->ar ? a->vcpu->arch.state.acrs[a->ar] : 0);
	*asce = art.asce;
	if (rc == ART_READ_FAILED)
		return table_failure(a, art.storage.failure);
	if (rc)
		return pgm(a, (uint16_t)rc, 0);
	if (art.fetch_only && a->mode == GACC_STORE)
		return pgm(a, PGM_PROTECTION, TEID_PROT_KEY | TEID_PROT_DAT);
	return 0;
}

/** get_asce() - the tables to use. Return: as translate() */
static int get_asce(const struct access *a, uint64_t *asce)
{
	switch (a->space) {
	case SPACE_PRIMARY:
		*asce = guest_cr(a->vcpu, 1);
		return 0;
	case SPACE_SECONDARY:
		*asce = guest_cr(a->vcpu, 7);
		return 0;
	case SPACE_HOME:
		*asce = guest_cr(a->vcpu, 13);
		return 0;
	case SPACE_ACCESS_REGISTER:
		break;
	}
	return ar_translation(a, asce);
}

static int read_entry(const struct access *a, gpa_t at, uint64_t *entry)
{
	be64_t raw;
	int rc = kvm_read_guest_abs(a->vcpu->kvm, at, &raw, sizeof(raw));

	if (rc)
		return table_failure(a, rc);
	*entry = be64_get(raw);
	return 0;
}

static bool edat1(const struct kvm_vcpu *vcpu)
{
	return (guest_cr(vcpu, 0) & CR0_EDAT) && test_kvm_facility(vcpu->kvm, FACILITY_EDAT1);
}

static bool edat2(const struct kvm_vcpu *vcpu)
{
	return edat1(vcpu) && test_kvm_facility(vcpu->kvm, FACILITY_EDAT2);
}

static bool iep(const struct kvm_vcpu *vcpu)
{
	return (guest_cr(vcpu, 0) & CR0_IEP) && test_kvm_facility(vcpu->kvm, FACILITY_IEP);
}

/* Levels are those of the designation-type control: 3 = region first .. 0 = segment */
static unsigned int index_shift(unsigned int level)
{
	return 20 + 11 * level;
}

static uint16_t translation_exception(unsigned int level)
{
	return level ? (uint16_t)(PGM_REGION_THIRD_TRANS - (level - 1)) : PGM_SEGMENT_TRANSLATION;
}

/**
 * struct walk - state of a table walk
 * @table: origin of the table to be indexed next
 * @first, @last: its quarters that exist
 * @protect: a level on the way forbids stores
 * @no_execute: the last one forbids instruction fetches, if that is on
 * @done: @gpa is the absolute address
 * @entry: the last entry that was looked at, @page_table: of a page table
 */
struct walk {
	gpa_t table;
	uint64_t first;
	uint64_t last;
	bool protect;
	bool no_execute;
	bool done;
	bool page_table;
	gpa_t gpa;
	gpa_t entry;
};

static void walk_large(const struct access *a, struct walk *w, uint64_t entry, unsigned int level)
{
	uint64_t offset = (1UL << index_shift(level)) - 1;

	w->no_execute = entry & ENTRY_IEP;
	w->gpa = (entry & ~offset) | (a->va & offset); /* no prefixing */
	w->done = true;
}

/** is_common() - an entry that private spaces cannot use */
static bool is_common(const struct access *a, unsigned int level, uint64_t entry)
{
	return (entry & ENTRY_COMMON) && (level == 0 || (level == 1 && edat2(a->vcpu)));
}

/** is_large() - the entry is that of a frame of 1 MiB or 2 GiB */
static bool is_large(const struct access *a, unsigned int level, uint64_t entry)
{
	return (entry & ENTRY_FC) &&
	       ((level == 0 && edat1(a->vcpu)) || (level == 1 && edat2(a->vcpu)));
}

/** walk_level() - one region or segment table */
static int walk_level(const struct access *a, struct walk *w, unsigned int level, uint64_t asce)
{
	uint64_t index = a->va >> index_shift(level) & 0x7ff;
	uint64_t entry = 0;
	int rc;

	w->entry = w->table + index * 8;
	if (index >> 9 < w->first || index >> 9 > w->last)
		return pgm(a, translation_exception(level), 0);
	rc = read_entry(a, w->entry, &entry);
	if (rc)
		return rc;
	if (entry & ENTRY_INVALID)
		return pgm(a, translation_exception(level), 0);
	if ((entry >> 2 & 3) != level)
		return pgm(a, PGM_TRANSLATION_SPEC, 0);
	if ((asce & ASCE_PRIVATE_SPACE) && is_common(a, level, entry))
		return pgm(a, PGM_TRANSLATION_SPEC, 0);
	if ((entry & ENTRY_PROTECT) && (level == 0 || edat1(a->vcpu)))
		w->protect = true;
	if (is_large(a, level, entry)) {
		walk_large(a, w, entry, level);
		return 0;
	}
	w->first = entry >> 6 & 3;
	w->last = entry & 3;
	w->table = entry & (level ? ASCE_ORIGIN : SEGMENT_ORIGIN);
	return 0;
}

static int walk_page_table(const struct access *a, struct walk *w)
{
	uint64_t pte = 0;
	int rc;

	w->entry = w->table + (a->va >> PAGE_SHIFT & 0xff) * 8;
	w->page_table = true;
	rc = read_entry(a, w->entry, &pte);
	if (rc)
		return rc;
	if (pte & PAGE_INVALID)
		return pgm(a, PGM_PAGE_TRANSLATION, 0);
	if (pte & PAGE_RESERVED)
		return pgm(a, PGM_TRANSLATION_SPEC, 0);
	if (pte & ENTRY_PROTECT)
		w->protect = true;
	w->no_execute = pte & ENTRY_IEP;
	w->gpa = kvm_s390_real_to_abs(a->vcpu, (pte & PAGE_MASK) | (a->va & ~PAGE_MASK));
	return 0;
}

/** guest_walk() - virtual to absolute. Return: 0; > 0 program interruption; -ENOMEM */
static int guest_walk(const struct access *a, uint64_t asce, struct walk *w)
{
	unsigned int type = asce >> 2 & 3;
	int rc = 0;

	*w = (struct walk){.table = asce & ASCE_ORIGIN, .last = asce & 3};
	if (asce & ASCE_REAL_SPACE) {
		w->gpa = kvm_s390_real_to_abs(a->vcpu, a->va);
		return 0;
	}
	if (type < 3 && a->va >> index_shift(type + 1))
		return pgm(a, PGM_ASCE_TYPE, 0);
	for (int level = (int)type; level >= 0 && !rc && !w->done; level--)
		rc = walk_level(a, w, (unsigned int)level, asce);
	if (!rc && !w->done)
		rc = walk_page_table(a, w);
	if (!rc && w->protect && a->mode == GACC_STORE)
		rc = pgm(a, PGM_PROTECTION, TEID_PROT_DAT);
	if (!rc && w->no_execute && a->mode == GACC_IFETCH && iep(a->vcpu))
		rc = pgm(a, PGM_PROTECTION, TEID_PROT_IEP);
	return rc;
}

int kvm_s390_shadow_fault(struct kvm_vcpu *vcpu, uint64_t saddr, enum gacc_mode mode,
			  struct kvm_s390_shadow *shadow)
{
	struct access a = {.vcpu = vcpu, .va = saddr, .mode = mode, .space = SPACE_PRIMARY};
	struct walk w;
	int rc = guest_walk(&a, guest_cr(vcpu, 1), &w);

	*shadow = (struct kvm_s390_shadow){
		.gpa = w.gpa,
		.protect = w.protect,
		.pei = w.entry | (w.protect ? PEI_DAT_PROT : 0) | (w.page_table ? 0 : PEI_NOT_PTE),
	};
	if (!rc && !kvm_is_gpa_backed(vcpu->kvm, shadow->gpa))
		rc = pgm(&a, PGM_ADDRESSING, 0);
	return rc;
}

/** low_address_protected() - stores that CR0 bit 35 forbids; @asce 0: DAT is off */
static bool low_address_protected(const struct access *a, uint64_t asce)
{
	if (a->mode != GACC_STORE || !(guest_cr(a->vcpu, 0) & CR0_LOW_ADDRESS_PROTECTION) ||
	    (asce & ASCE_PRIVATE_SPACE))
		return false;
	return (a->va & ~0x11ffUL) == 0;
}

int kvm_s390_check_low_addr_prot_real(struct kvm_vcpu *vcpu, uint64_t gra)
{
	struct access a = {.vcpu = vcpu, .va = gra, .mode = GACC_STORE};

	return low_address_protected(&a, 0) ? pgm(&a, PGM_PROTECTION, TEID_PROT_LA) : 0;
}

/** key_permits() - key-controlled protection with both overrides; @asce 0: DAT is off */
static bool key_permits(const struct access *a, gpa_t gpa, uint64_t asce)
{
	uint8_t skey = gmap_get_storage_key(a->vcpu->kvm->arch.gmap, gpa);
	uint64_t cr0 = guest_cr(a->vcpu, 0);

	if (!a->key || skey >> 4 == a->key)
		return true;
	if ((cr0 & CR0_STORAGE_PROTECTION_OVERRIDE) && skey >> 4 == OVERRIDE_KEY)
		return true;
	if (a->mode == GACC_STORE)
		return false;
	return !(skey & SKEY_FETCH_PROTECT) ||
	       ((cr0 & CR0_FETCH_PROTECTION_OVERRIDE) && a->va < FETCH_OVERRIDE_END &&
		!(asce & ASCE_PRIVATE_SPACE));
}

static int translate(const struct access *a, gpa_t *gpa)
{
	struct walk w;
	uint64_t asce = 0;
	int rc = 0;

	if (gpsw_mask(a->vcpu) & PSW_MASK_DAT) {
		rc = get_asce(a, &asce);
		if (rc)
			return rc;
	}
	if (low_address_protected(a, asce))
		return pgm(a, PGM_PROTECTION, TEID_PROT_LA);
	if (gpsw_mask(a->vcpu) & PSW_MASK_DAT)
		rc = guest_walk(a, asce, &w);
	else
		w.gpa = kvm_s390_real_to_abs(a->vcpu, a->va);
	if (rc)
		return rc;
	*gpa = w.gpa;
	if (!kvm_is_gpa_backed(a->vcpu->kvm, *gpa))
		return pgm(a, PGM_ADDRESSING, 0);
	if (!key_permits(a, *gpa, asce))
		return pgm(a, PGM_PROTECTION, TEID_PROT_KEY);
	return 0;
}

/** own_ultravisor() - what the guest's own Ultravisor says about the page. Return: as translate()
 */
static int own_ultravisor(const struct access *a, gpa_t gpa)
{
	int code = kvm_uv_host_page(a->vcpu->kvm, gpa, NULL);

	return code ? pgm(a, (uint16_t)code, TEID_ADDRESS) : 0;
}

static struct access logical_access(struct kvm_vcpu *vcpu, uint64_t ga, uint8_t ar,
				    enum gacc_mode mode, uint8_t key)
{
	return (struct access){
		.vcpu = vcpu,
		.va = kvm_s390_logical_to_effective(vcpu, ga),
		.mode = mode,
		.space = access_space(vcpu, mode),
		.ar = ar,
		.key = key,
	};
}

int guest_translate_address(struct kvm_vcpu *vcpu, uint64_t ga, uint8_t ar, gpa_t *gpa,
			    enum gacc_mode mode, uint8_t key)
{
	struct access a = logical_access(vcpu, ga, ar, mode, key);
	int rc = translate(&a, gpa);

	return rc ? rc : own_ultravisor(&a, *gpa);
}

int kvm_s390_check_own_ultravisor(struct kvm_vcpu *vcpu, gpa_t gpa)
{
	struct access a = {.vcpu = vcpu, .va = kvm_s390_real_to_abs(vcpu, gpa), .mode = GACC_STORE};

	return own_ultravisor(&a, gpa);
}

/** page_part() - bytes from @ga to the end of its page, at most @len */
static size_t page_part(uint64_t ga, size_t len)
{
	size_t rest = PAGE_SIZE - (ga & ~PAGE_MASK);

	return len < rest ? len : rest;
}

/** translate_range() - @pages: absolute address of the part in each page */
static int translate_range(struct kvm_vcpu *vcpu, uint64_t ga, uint8_t ar, size_t len,
			   enum gacc_mode mode, uint8_t key, gpa_t pages[MAX_PAGES])
{
	for (unsigned int i = 0; len; i++) {
		size_t part = page_part(ga, len);
		int rc = guest_translate_address(vcpu, ga, ar, &pages[i], mode, key);

		if (rc)
			return rc;
		ga += part;
		len -= part;
	}
	return 0;
}

int check_gva_range(struct kvm_vcpu *vcpu, uint64_t ga, uint8_t ar, size_t len, enum gacc_mode mode,
		    uint8_t key)
{
	gpa_t pages[MAX_PAGES];

	return translate_range(vcpu, ga, ar, len, mode, key, pages);
}

/** access_part() - what lies in one page, at @gpa. Return: as access_guest() */
static int access_part(const struct access *a, gpa_t gpa, void *data, size_t len)
{
	struct kvm *kvm = a->vcpu->kvm;
	int rc;

	if (a->mode == GACC_STORE)
		rc = kvm_write_guest_abs(kvm, gpa, data, len);
	else
		rc = kvm_read_guest_abs(kvm, gpa, data, len);
	return rc > 0 ? pgm(a, (uint16_t)rc, TEID_ADDRESS) : rc;
}

int access_guest(struct kvm_vcpu *vcpu, uint64_t ga, uint8_t ar, void *data, size_t len,
		 enum gacc_mode mode, uint8_t key)
{
	gpa_t pages[MAX_PAGES];
	uint8_t *bytes = data;
	int rc = translate_range(vcpu, ga, ar, len, mode, key, pages);

	for (unsigned int i = 0; len && !rc; i++) {
		struct access a = logical_access(vcpu, ga, ar, mode, key);
		size_t part = page_part(ga, len);

		rc = access_part(&a, pages[i], bytes, part);
		bytes += part;
		ga += part;
		len -= part;
	}
	return rc;
}

/* ---- the home space ---- */

static struct access home_access(struct kvm_vcpu *vcpu, uint64_t ga, enum gacc_mode mode)
{
	bool dat = gpsw_mask(vcpu) & PSW_MASK_DAT;

	return (struct access){
		.vcpu = vcpu,
		.va = kvm_s390_logical_to_effective(vcpu, ga),
		.mode = mode,
		.space = dat ? SPACE_HOME : SPACE_PRIMARY,
	};
}

int guest_translate_home(struct kvm_vcpu *vcpu, uint64_t ga, gpa_t *gpa, enum gacc_mode mode)
{
	struct access a = home_access(vcpu, ga, mode);

	return translate(&a, gpa);
}

int access_guest_home(struct kvm_vcpu *vcpu, uint64_t ga, void *data, size_t len,
		      enum gacc_mode mode)
{
	uint8_t *bytes = data;
	int rc = 0;

	for (size_t done = 0, part; done < len && !rc; done += part) {
		struct access a = home_access(vcpu, ga + done, mode);
		gpa_t gpa;

		part = page_part(ga + done, len - done);
		rc = translate(&a, &gpa);
		if (!rc && data)
			rc = access_part(&a, gpa, bytes + done, part);
		else if (!rc)
			rc = own_ultravisor(&a, gpa);
	}
	return rc;
}

/* ---- the prefix area ---- */

int read_guest_lc(struct kvm_vcpu *vcpu, unsigned int offset, void *data, size_t len)
{
	int rc = kvm_read_guest_abs(vcpu->kvm, kvm_s390_get_prefix(vcpu) + offset, data, len);

	return rc > 0 ? -EFAULT : rc;
}

int write_guest_lc(struct kvm_vcpu *vcpu, unsigned int offset, const void *data, size_t len)
{
	int rc = kvm_write_guest_abs(vcpu->kvm, kvm_s390_get_prefix(vcpu) + offset, data, len);

	return rc > 0 ? -EFAULT : rc;
}
