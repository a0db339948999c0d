// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading of rules: fields are rows, so that each error can say what is valid. */
#include "host/inject_rule.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protvirt/uv.h"
#include "storage/storage.h"
#include "uv/ultravisor.h"

#define RULE_MAX 256 /* a longer text is no rule */

/* Condition code of an Ultravisor call that failed */
#define CC_ERROR 1

/**
 * struct reading - a rule while it is read
 * @given: fields that were there, a bit a row of fields[]
 */
struct reading {
	struct inject_rule *rule;
	uint32_t given;
	char *why;
	size_t why_len;
};

__attribute__((format(printf, 2, 3))) static bool refuse(struct reading *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->why, r->why_len, format, args);
	va_end(args);
	return false;
}

static bool read_number(const char *text, uint64_t min, uint64_t max, uint64_t *number)
{
	char *end;

	if (!text || text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &end, 0);
	return !errno && !*end && *number >= min && *number <= max;
}

/* ---- points ---- */

struct point {
	const char *name;
	enum inject_point point;
	const char *detail; /* what the value may be; NULL: there is none */
	bool (*take)(struct inject_rule *rule, const char *value);
};

static const char *const alloc_kinds[ALLOC_NR] = {
	[ALLOC_OBJECT] = "object",     [ALLOC_PAGE] = "page",
	[ALLOC_SCA] = "sca",           [ALLOC_TABLE] = "table",
	[ALLOC_UV_BASE] = "uv-base",   [ALLOC_CONF_BASE] = "conf-base",
	[ALLOC_CONF_VAR] = "conf-var", [ALLOC_CPU_STOR] = "cpu-stor",
	[ALLOC_BACKING] = "backing",
};

static bool take_call(struct inject_rule *rule, const char *value)
{
	uint64_t code = uv_command_code(value);

	if (!code && !read_number(value, 1, UINT16_MAX, &code))
		return false;
	rule->detail = (uint32_t)code;
	return true;
}

static bool take_kind(struct inject_rule *rule, const char *value)
{
	for (uint32_t kind = 0; kind < ALLOC_NR; kind++) {
		if (!strcmp(value, alloc_kinds[kind])) {
			rule->detail = kind;
			return true;
		}
	}
	return false;
}

static const struct point points[] = {
	{"uvc", INJECT_UVC, "the name of an Ultravisor call, as DESTROY_SEC_CONF, or its code",
	 take_call},
	{"alloc", INJECT_ALLOC,
	 "object, page, sca, table, uv-base, conf-base, conf-var, cpu-stor or backing", take_kind},
	{"copy-from", INJECT_COPY_FROM, NULL, NULL},
	{"copy-to", INJECT_COPY_TO, NULL, NULL},
	{"wake", INJECT_WAKE, NULL, NULL},
	{"destroy-page", INJECT_DESTROY_PAGE, NULL, NULL},
};

#define NR_POINTS (sizeof(points) / sizeof(points[0]))

static const struct point *find_point(const char *name)
{
	for (size_t i = 0; i < NR_POINTS; i++) {
		if (!strcmp(points[i].name, name))
			return &points[i];
	}
	return NULL;
}

static bool take_point(struct reading *r, const char *name, const char *value)
{
	const struct point *p = find_point(name);

	r->rule->any_point = !strcmp(name, "any");
	r->rule->any_detail = !value;
	if (!p && !r->rule->any_point)
		return refuse(r,
			      "%s: a rule begins with uvc, alloc, copy-from, copy-to, wake, "
			      "destroy-page or any",
			      *name ? name : "empty rule");
	if (p)
		r->rule->point = p->point;
	if (!value)
		return true;
	if (!p || !p->take)
		return refuse(r, "%s=%s: %s takes no value", name, value, name);
	if (!p->take(r->rule, value))
		return refuse(r, "%s=%s: must be %s", name, value, p->detail);
	return true;
}

/* ---- fields ---- */

#define POINT(p)   (1U << (p))
#define ALL_POINTS UINT32_MAX
#define UVC        POINT(INJECT_UVC)

static bool take_when(struct inject_rule *rule, enum inject_when when, const char *value)
{
	rule->when = when;
	return read_number(value, 1, UINT64_MAX, &rule->n);
}

static bool take_nth(struct inject_rule *rule, const char *value)
{
	return take_when(rule, INJECT_NTH, value);
}

static bool take_every(struct inject_rule *rule, const char *value)
{
	return take_when(rule, INJECT_EVERY, value);
}

static bool take_prob(struct inject_rule *rule, const char *value)
{
	char *end;
	double p = strtod(value, &end);

	/* Written so that not-a-number is refused as well. */
	if (end == value || *end || !(p > 0 && p <= 1))
		return false;
	rule->when = INJECT_PROB;
	rule->chance = (uint64_t)(p * 0x1p32);
	return true;
}

static bool take_seed(struct inject_rule *rule, const char *value)
{
	return read_number(value, 0, UINT64_MAX, &rule->seed);
}

static bool take_count(struct inject_rule *rule, const char *value)
{
	return read_number(value, 1, UINT64_MAX, &rule->count);
}

static bool take_subject(struct inject_rule *rule, const char *value)
{
	rule->any_subject = false;
	return read_number(value, 0, UINT64_MAX, &rule->subject);
}

static bool take_u16(const char *value, uint64_t min, uint16_t *field)
{
	uint64_t number;

	if (!read_number(value, min, UINT16_MAX, &number))
		return false;
	*field = (uint16_t)number;
	return true;
}

/* need-destroy may have come before. */
static bool take_rc(struct inject_rule *rule, const char *value)
{
	uint16_t rc = 0;
	bool ok = take_u16(value, 1, &rc);

	rule->outcome.rc |= rc;
	return ok;
}

static bool take_rrc(struct inject_rule *rule, const char *value)
{
	return take_u16(value, 0, &rule->outcome.rrc);
}

static bool take_cc(struct inject_rule *rule, const char *value)
{
	uint64_t cc;

	if (!read_number(value, 1, 3, &cc))
		return false;
	rule->outcome.cc = (uint8_t)cc;
	return true;
}

/* There is nothing to be destroyed unless the call was carried out. */
static bool take_need_destroy(struct inject_rule *rule, const char *value)
{
	rule->outcome.rc |= UVC_RC_NEED_DESTROY;
	rule->outcome.perform = true;
	return true;
}

static bool take_perform(struct inject_rule *rule, const char *value)
{
	rule->outcome.perform = true;
	return true;
}

static bool take_short(struct inject_rule *rule, const char *value)
{
	return read_number(value, 0, UINT64_MAX, &rule->outcome.bytes);
}

static bool take_hold(struct inject_rule *rule, const char *value)
{
	rule->hold = true;
	return true;
}

/**
 * struct field - a row: what may follow the point
 * @valid: what the value may be; NULL: there is none
 * @points: POINT() of what it goes with
 * @group: at most one field of a group; 0: none
 */
struct field {
	const char *name;
	const char *valid;
	uint32_t points;
	uint8_t group;
	bool (*take)(struct inject_rule *rule, const char *value);
};

enum {
	GROUP_WHEN = 1
};

static const struct field fields[] = {
	{"nth", "a number from 1", ALL_POINTS, GROUP_WHEN, take_nth},
	{"every", "a number from 1", ALL_POINTS, GROUP_WHEN, take_every},
	{"prob", "above 0 and at most 1", ALL_POINTS, GROUP_WHEN, take_prob},
	{"seed", "a number", ALL_POINTS, 0, take_seed},
	{"count", "a number from 1", ALL_POINTS, 0, take_count},
	{"config", "the handle of a configuration", UVC, 0, take_subject},
	{"gfn", "a guest page number", POINT(INJECT_DESTROY_PAGE), 0, take_subject},
	{"bytes", "a number", POINT(INJECT_ALLOC) | POINT(INJECT_COPY_FROM) | POINT(INJECT_COPY_TO),
	 0, take_subject},
	{"short", "a number", POINT(INJECT_COPY_FROM) | POINT(INJECT_COPY_TO), 0, take_short},
	{"rc", "0x1 to 0xffff", UVC, 0, take_rc},
	{"rrc", "0x0 to 0xffff", UVC, 0, take_rrc},
	{"cc", "1, 2 or 3", UVC, 0, take_cc},
	{"need-destroy", NULL, UVC, 0, take_need_destroy},
	{"perform", NULL, UVC, 0, take_perform},
	{"hold", NULL, ALL_POINTS, 0, take_hold},
};

#define NR_FIELDS (sizeof(fields) / sizeof(fields[0]))

static bool given(const struct reading *r, const char *name)
{
	for (size_t i = 0; i < NR_FIELDS; i++) {
		if (!strcmp(fields[i].name, name))
			return r->given & (1U << i);
	}
	return false;
}

static const struct field *find_field(struct reading *r, const char *name)
{
	for (size_t i = 0; i < NR_FIELDS; i++) {
		if (!strcmp(fields[i].name, name))
			return &fields[i];
	}
	refuse(r,
	       "%s: no such field; nth, every, prob, seed, count, config, gfn, bytes, short, rc, rrc, "
	       "cc, need-destroy, perform and hold are",
	       *name ? name : "empty field");
	return NULL;
}

static bool may_follow(struct reading *r, const struct field *f)
{
	uint32_t point = r->rule->any_point ? UVC : POINT(r->rule->point);

	if (r->given & (1U << (f - fields)))
		return refuse(r, "%s: given twice", f->name);
	for (size_t i = 0; f->group && i < NR_FIELDS; i++) {
		if ((r->given & (1U << i)) && fields[i].group == f->group)
			return refuse(r, "%s: only one of nth, every and prob", f->name);
	}
	if (f->points == UVC && !(point & UVC))
		return refuse(r, "%s: goes with uvc only", f->name);
	if (!(f->points & point) || (r->rule->any_point && f->take == take_subject))
		return refuse(r, "%s: does not go with this kind of step", f->name);
	return true;
}

static bool take_field(struct reading *r, const char *name, const char *value)
{
	const struct field *f = find_field(r, name);

	if (!f || !may_follow(r, f))
		return false;
	if (f->valid && !value)
		return refuse(r, "%s: needs a value: %s", name, f->valid);
	if (!f->valid && value)
		return refuse(r, "%s=%s: %s takes no value", name, value, name);
	if (!f->take(r->rule, value))
		return refuse(r, "%s=%s: must be %s", name, value, f->valid);
	r->given |= 1U << (f - fields);
	return true;
}

/* ---- the whole ---- */

static bool read_part(struct reading *r, char *part, bool first)
{
	char *value = strchr(part, '=');

	if (value)
		*value++ = '\0';
	return first ? take_point(r, part, value) : take_field(r, part, value);
}

static bool whole_makes_sense(struct reading *r)
{
	struct inject_rule *rule = r->rule;

	if (given(r, "seed") && rule->when != INJECT_PROB)
		return refuse(r, "seed: goes with prob only");
	if (rule->hold &&
	    (rule->outcome.cc || rule->outcome.rc || rule->outcome.rrc || rule->outcome.perform ||
	     given(r, "short")))
		return refuse(r, "hold: the step goes on as usual later; no rc, rrc, cc, "
				 "need-destroy, perform or short");
	if (given(r, "need-destroy") && !rule->any_point && rule->detail != UVC_CMD_CREATE_SEC_CONF)
		return refuse(r, "need-destroy: goes with uvc=CREATE_SEC_CONF only");
	return true;
}

/* What a call answers if the rule does not say it */
static void complete_outcome(struct inject_outcome *outcome)
{
	if (!outcome->cc)
		outcome->cc = CC_ERROR;
	if (!(outcome->rc & ~UVC_RC_NEED_DESTROY) && outcome->cc == CC_ERROR)
		outcome->rc |= UVC_RC_INV_STATE;
}

int inject_rule_parse(const char *text, struct inject_rule *rule, char *why, size_t why_len)
{
	struct reading r = {.rule = rule, .why = why, .why_len = why_len};
	char copy[RULE_MAX], *rest = copy, *part;
	bool first = true;

	*rule = (struct inject_rule){.any_subject = true, .seed = 1};
	if (strlen(text) >= sizeof(copy)) {
		refuse(&r, "rule too long: at most %d characters", RULE_MAX - 1);
		return -EINVAL;
	}
	memcpy(copy, text, strlen(text) + 1);
	while ((part = strsep(&rest, ","))) {
		if (!read_part(&r, part, first))
			return -EINVAL;
		first = false;
	}
	if (!whole_makes_sense(&r))
		return -EINVAL;
	complete_outcome(&rule->outcome);
	return 0;
}

bool inject_rule_covers(const struct inject_rule *rule, enum inject_point point, uint32_t detail,
			uint64_t subject)
{
	if (rule->any_point)
		return true;
	return rule->point == point && (rule->any_detail || rule->detail == detail) &&
	       (rule->any_subject || rule->subject == subject);
}
