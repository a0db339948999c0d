// SPDX-License-Identifier: GPL-2.0-or-later
/* Faults on demand: the language, which steps a rule hits, and rules that come and go at run time.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/alloc.h"
#include "host/inject.h"
#include "host/inject_rule.h"
#include "protvirt/uv.h"
#include "storage/storage.h"

static int64_t install(const char *text)
{
	char why[256] = "";
	int64_t number = inject_install(text, why, sizeof(why));

	if (number < 0)
		print_error("%s: %s\n", text, why);
	assert_true(number > 0);
	return number;
}

static bool step(enum inject_point point, uint32_t detail, uint64_t subject)
{
	struct inject_outcome outcome;

	return inject(point, detail, subject, &outcome);
}

static int no_rules(void **state)
{
	inject_clear();
	return 0;
}

/* ---- the language ---- */

static const struct {
	const char *text;
	const char *why;
} bad_rules[] = {
	{"", "empty rule: a rule begins with uvc, alloc, copy-from, copy-to, wake, destroy-page or "
	     "any"},
	{"cpu",
	 "cpu: a rule begins with uvc, alloc, copy-from, copy-to, wake, destroy-page or any"},
	{"uvc=DESTROY", "uvc=DESTROY: must be the name of an Ultravisor call, as DESTROY_SEC_CONF, "
			"or its code"},
	{"uvc=0x10000", "uvc=0x10000: must be the name of an Ultravisor call, as "
			"DESTROY_SEC_CONF, or its code"},
	{"alloc=heap",
	 "alloc=heap: must be object, page, sca, table, uv-base, conf-base, conf-var, "
	 "cpu-stor or backing"},
	{"wake=1", "wake=1: wake takes no value"},
	{"any=1", "any=1: any takes no value"},
	{"uvc,", "empty field: no such field; nth, every, prob, seed, count, config, gfn, bytes, short, "
		 "rc, rrc, cc, need-destroy, perform and hold are"},
	{"uvc,rcc=1", "rcc: no such field; nth, every, prob, seed, count, config, gfn, bytes, short, rc, "
		      "rrc, cc, need-destroy, perform and hold are"},
	{"uvc,nth", "nth: needs a value: a number from 1"},
	{"uvc,nth=0", "nth=0: must be a number from 1"},
	{"uvc,nth=-1", "nth=-1: must be a number from 1"},
	{"uvc,nth=2x", "nth=2x: must be a number from 1"},
	{"uvc,nth=1,nth=2", "nth: given twice"},
	{"uvc,nth=1,every=2", "every: only one of nth, every and prob"},
	{"wake,every=99999999999999999999", "every=99999999999999999999: must be a number from 1"},
	{"wake,prob=0", "prob=0: must be above 0 and at most 1"},
	{"wake,prob=1.5", "prob=1.5: must be above 0 and at most 1"},
	{"wake,prob=nan", "prob=nan: must be above 0 and at most 1"},
	{"wake,seed=3", "seed: goes with prob only"},
	{"wake,count=0", "count=0: must be a number from 1"},
	{"wake,rc=1", "rc: goes with uvc only"},
	{"wake,gfn=1", "gfn: does not go with this kind of step"},
	{"any,bytes=1", "bytes: does not go with this kind of step"},
	{"uvc,bytes=1", "bytes: does not go with this kind of step"},
	{"uvc,rc=0", "rc=0: must be 0x1 to 0xffff"},
	{"uvc,rc=0x10000", "rc=0x10000: must be 0x1 to 0xffff"},
	{"uvc,cc=0", "cc=0: must be 1, 2 or 3"},
	{"uvc,cc=4", "cc=4: must be 1, 2 or 3"},
	{"uvc,perform=1", "perform=1: perform takes no value"},
	{"uvc=UNPACK_IMG,need-destroy", "need-destroy: goes with uvc=CREATE_SEC_CONF only"},
	{"uvc,need-destroy", "need-destroy: goes with uvc=CREATE_SEC_CONF only"},
	{"uvc,hold,rc=2", "hold: the step goes on as usual later; no rc, rrc, cc, need-destroy, "
			  "perform or short"},
};

static void test_bad_rules(void **state)
{
	struct inject_rule rule;
	char why[256];

	for (size_t i = 0; i < sizeof(bad_rules) / sizeof(bad_rules[0]); i++) {
		assert_int_equal(inject_rule_parse(bad_rules[i].text, &rule, why, sizeof(why)),
				 -EINVAL);
		assert_string_equal(why, bad_rules[i].why);
		assert_int_equal(inject_install(bad_rules[i].text, why, sizeof(why)), -EINVAL);
	}
	assert_null(atomic_load(&inject_hook));
}

static void test_overlong_rule(void **state)
{
	struct inject_rule rule;
	char text[400], why[64];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(inject_rule_parse(text, &rule, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "rule too long: at most 255 characters");
	/* A short line is cut, never written beyond. */
	memset(why, '#', sizeof(why));
	assert_int_equal(inject_rule_parse(text, &rule, why, 5), -EINVAL);
	assert_string_equal(why, "rule");
	assert_int_equal(why[5], '#');
}

static struct inject_rule parse(const char *text)
{
	struct inject_rule rule;
	char why[256];

	assert_int_equal(inject_rule_parse(text, &rule, why, sizeof(why)), 0);
	return rule;
}

static void test_outcomes(void **state)
{
	struct inject_rule r = parse("uvc=DESTROY_SEC_CPU,nth=2,rc=0x102,rrc=7");

	assert_int_equal(r.detail, UVC_CMD_DESTROY_SEC_CPU);
	assert_int_equal(r.when, INJECT_NTH);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.outcome.cc, 1);
	assert_int_equal(r.outcome.rc, 0x102);
	assert_int_equal(r.outcome.rrc, 7);
	assert_false(r.outcome.perform);
	r = parse("uvc=CREATE_SEC_CONF,rc=0x10c,need-destroy");
	assert_int_equal(r.outcome.rc, 0x10c | UVC_RC_NEED_DESTROY);
	assert_true(r.outcome.perform);
	r = parse("uvc=CREATE_SEC_CONF,need-destroy,rc=0x10c");
	assert_int_equal(r.outcome.rc, 0x10c | UVC_RC_NEED_DESTROY);
	r = parse("uvc=CREATE_SEC_CONF,need-destroy");
	assert_int_equal(r.outcome.rc, UVC_RC_INV_STATE | UVC_RC_NEED_DESTROY);
	r = parse("uvc=0x0f,cc=2,perform");
	assert_int_equal(r.detail, 0x0f);
	assert_int_equal(r.outcome.cc, 2);
	assert_int_equal(r.outcome.rc, 0);
	assert_true(r.outcome.perform);
	r = parse("uvc");
	assert_true(r.any_detail);
	assert_int_equal(r.outcome.rc, UVC_RC_INV_STATE);
}

/* ---- which steps ---- */

static void test_nothing_installed(void **state)
{
	assert_null(atomic_load(&inject_hook));
	assert_false(step(INJECT_WAKE, 0, 0));
}

static void test_nth(void **state)
{
	install("alloc=conf-base,nth=3");
	assert_false(step(INJECT_ALLOC, ALLOC_CONF_BASE, 4096));
	assert_false(step(INJECT_ALLOC, ALLOC_CONF_VAR, 4096));
	assert_false(step(INJECT_WAKE, ALLOC_CONF_BASE, 4096));
	assert_false(step(INJECT_ALLOC, ALLOC_CONF_BASE, 4096));
	assert_true(step(INJECT_ALLOC, ALLOC_CONF_BASE, 4096));
	assert_false(step(INJECT_ALLOC, ALLOC_CONF_BASE, 4096));
}

static void test_every_with_limit(void **state)
{
	int hits = 0;

	install("copy-from,every=3,count=2");
	for (int i = 1; i <= 12; i++) {
		bool fails = step(INJECT_COPY_FROM, 0, 8);

		assert_int_equal(fails, i == 3 || i == 6);
		hits += fails;
	}
	assert_int_equal(hits, 2);
}

static void test_subjects(void **state)
{
	install("destroy-page,gfn=0x80000");
	install("uvc=DESTROY_SEC_CONF,config=77");
	install("copy-to,bytes=32");
	assert_false(step(INJECT_DESTROY_PAGE, 0, 0x7ffff));
	assert_true(step(INJECT_DESTROY_PAGE, 0, 0x80000));
	assert_false(step(INJECT_UVC, UVC_CMD_DESTROY_SEC_CONF, 76));
	assert_false(step(INJECT_UVC, UVC_CMD_VERIFY_IMG, 77));
	assert_true(step(INJECT_UVC, UVC_CMD_DESTROY_SEC_CONF, 77));
	assert_false(step(INJECT_COPY_TO, 0, 31));
	assert_true(step(INJECT_COPY_TO, 0, 32));
}

static void test_any_step(void **state)
{
	install("any,nth=3");
	assert_false(step(INJECT_WAKE, 0, 0));
	assert_false(step(INJECT_ALLOC, ALLOC_OBJECT, 16));
	assert_true(step(INJECT_UVC, UVC_CMD_VERIFY_IMG, 1));
	assert_false(step(INJECT_UVC, UVC_CMD_VERIFY_IMG, 1));
}

/* 4096 steps, a bit each; Return: how many failed */
static unsigned int throw_dice(const char *rule, uint8_t *bits)
{
	unsigned int hits = 0;

	inject_clear();
	install(rule);
	memset(bits, 0, 4096 / 8);
	for (unsigned int i = 0; i < 4096; i++) {
		if (step(INJECT_WAKE, 0, 0)) {
			bits[i / 8] |= (uint8_t)(1U << (i % 8));
			hits++;
		}
	}
	return hits;
}

static void test_probability(void **state)
{
	uint8_t first[512], second[512];
	unsigned int hits = throw_dice("wake,prob=0.25,seed=7", first);

	/* 1024 expected, standard deviation 28 */
	assert_in_range(hits, 850, 1200);
	assert_int_equal(throw_dice("wake,prob=0.25,seed=7", second), hits);
	assert_memory_equal(first, second, sizeof(first));
	throw_dice("wake,prob=0.25,seed=8", second);
	assert_memory_not_equal(first, second, sizeof(first));
	assert_int_equal(throw_dice("wake,prob=1", first), 4096);
}

static void test_oldest_rule_decides(void **state)
{
	struct inject_outcome outcome;

	install("uvc,rc=0x101");
	install("uvc=VERIFY_IMG,rc=0x102");
	assert_true(inject(INJECT_UVC, UVC_CMD_VERIFY_IMG, 1, &outcome));
	assert_int_equal(outcome.rc, 0x101);
}

static void test_a_service_fails(void **state)
{
	uint64_t live = host_alloc_live();
	void *object;

	install("alloc=object,nth=2");
	object = host_zalloc(8);
	assert_non_null(object);
	assert_null(host_zalloc(8));
	host_free(object);
	assert_int_equal(host_alloc_live(), live);
}

/* ---- rules come and go ---- */

static void listed(const char *expected)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	inject_list(out);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, expected);
	free(text);
}

static void test_list(void **state)
{
	char expected[256];
	int64_t a = install("wake,nth=2"), b = install("copy-to"), c;

	step(INJECT_WAKE, 0, 0);
	step(INJECT_COPY_TO, 0, 1);
	snprintf(expected, sizeof(expected),
		 "%ld\twake,nth=2\tcovered 1, hit 0, holds 0\n"
		 "%ld\tcopy-to\tcovered 1, hit 1, holds 0\n",
		 a, b);
	listed(expected);
	assert_int_equal(inject_remove(a), 0);
	assert_int_equal(inject_remove(a), -ENOENT);
	/* Takes the place of the first, but is the younger one. */
	c = install("wake,every=5");
	assert_true(c > b);
	snprintf(expected, sizeof(expected),
		 "%ld\tcopy-to\tcovered 1, hit 1, holds 0\n"
		 "%ld\twake,every=5\tcovered 0, hit 0, holds 0\n",
		 b, c);
	listed(expected);
	inject_clear();
	listed("");
	assert_null(atomic_load(&inject_hook));
	assert_int_equal(inject_remove(0), -ENOENT);
}

static void test_too_many_rules(void **state)
{
	char why[128];

	for (int i = 0; i < INJECT_RULES_MAX; i++)
		install("wake,nth=1000");
	assert_int_equal(inject_install("wake", why, sizeof(why)), -ENOSPC);
	assert_string_equal(why, "32 rules are installed, more are not possible");
	assert_false(step(INJECT_WAKE, 0, 0));
}

static void *one_step(void *arg)
{
	return step(INJECT_UVC, UVC_CMD_DESTROY_SEC_CONF, 5) ? arg : NULL;
}

static void test_hold(void **state)
{
	int64_t number = install("uvc=DESTROY_SEC_CONF,hold,count=1");
	char expected[128];
	pthread_t thread;
	void *failed;

	assert_int_equal(pthread_create(&thread, NULL, one_step, state), 0);
	assert_int_equal(inject_wait_hits(number, 1), 0);
	snprintf(expected, sizeof(expected),
		 "%ld\tuvc=DESTROY_SEC_CONF,hold,count=1\tcovered 1, hit 1, holds 1\n", number);
	listed(expected);
	/* Others pass: the limit is reached. */
	assert_false(step(INJECT_UVC, UVC_CMD_DESTROY_SEC_CONF, 6));
	assert_int_equal(inject_remove(number), 0);
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	assert_int_equal(inject_wait_hits(number, 1), -ENOENT);
}

static void test_clear_lets_all_go(void **state)
{
	int64_t number = install("uvc,hold");
	pthread_t threads[4];
	void *failed;

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, one_step, state), 0);
	assert_int_equal(inject_wait_hits(number, 4), 0);
	inject_clear();
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
}

static void *many_steps(void *arg)
{
	uint64_t failed = 0;

	for (int i = 0; i < 20000; i++)
		failed += step(INJECT_WAKE, 0, 0);
	return (void *)failed;
}

static void test_rules_change_under_steps(void **state)
{
	pthread_t threads[2];
	int64_t number;
	void *failed;

	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, many_steps, NULL), 0);
	for (int i = 0; i < 500; i++) {
		number = install("wake,every=2");
		install("wake,prob=0.5");
		assert_int_equal(inject_remove(number), 0);
		inject_clear();
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_in_range((uint64_t)failed, 0, 20000);
	}
	assert_null(atomic_load(&inject_hook));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_bad_rules, no_rules),
		cmocka_unit_test_teardown(test_overlong_rule, no_rules),
		cmocka_unit_test_teardown(test_outcomes, no_rules),
		cmocka_unit_test_teardown(test_nothing_installed, no_rules),
		cmocka_unit_test_teardown(test_nth, no_rules),
		cmocka_unit_test_teardown(test_every_with_limit, no_rules),
		cmocka_unit_test_teardown(test_subjects, no_rules),
		cmocka_unit_test_teardown(test_any_step, no_rules),
		cmocka_unit_test_teardown(test_probability, no_rules),
		cmocka_unit_test_teardown(test_oldest_rule_decides, no_rules),
		cmocka_unit_test_teardown(test_a_service_fails, no_rules),
		cmocka_unit_test_teardown(test_list, no_rules),
		cmocka_unit_test_teardown(test_too_many_rules, no_rules),
		cmocka_unit_test_teardown(test_hold, no_rules),
		cmocka_unit_test_teardown(test_clear_lets_all_go, no_rules),
		cmocka_unit_test_teardown(test_rules_change_under_steps, no_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
