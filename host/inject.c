// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/inject.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "host/inject_rule.h"

/**
 * struct installed - a place for a rule
 * @number: of the rule; 0: the place is free
 * @covered: steps that the rule speaks of, so far
 * @hits: of them, those that failed or were held
 * @held: steps that wait now
 * @random: state of the generator of INJECT_PROB
 */
struct installed {
	int64_t number;
	struct inject_rule rule;
	char text[256];
	uint64_t covered;
	uint64_t hits;
	uint64_t held;
	uint64_t random;
};

/*
 * @lock protects all of it. It is taken by every step while there is a rule, under whatever locks
 * the step holds; nothing is taken inside it.
 */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct installed rules[INJECT_RULES_MAX];
	unsigned int count;
	int64_t last_number;
} engine = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.changed = PTHREAD_COND_INITIALIZER,
};

/* ---- a step ---- */

/* splitmix64: small, and the same everywhere */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15UL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
	return z ^ (z >> 31);
}

static bool hits_now(struct installed *i)
{
	const struct inject_rule *rule = &i->rule;

	i->covered++;
	if (rule->count && i->hits >= rule->count)
		return false;
	switch (rule->when) {
	case INJECT_NTH:
		return i->covered == rule->n;
	case INJECT_EVERY:
		return i->covered % rule->n == 0;
	case INJECT_PROB:
		return next_random(&i->random) >> 32 < rule->chance;
	case INJECT_EACH:
	default:
		return true;
	}
}

static void hold(struct installed *i)
{
	int64_t number = i->number;

	i->held++;
	while (i->number == number)
		pthread_cond_wait(&engine.changed, &engine.lock);
}

/* Return: true if the step fails */
static bool hit(struct installed *i, struct inject_outcome *outcome)
{
	i->hits++;
	pthread_cond_broadcast(&engine.changed);
	if (i->rule.hold) {
		hold(i);
		return false;
	}
	if (outcome)
		*outcome = i->rule.outcome;
	return true;
}

/* Every rule counts every step it covers; the oldest that hits decides. */
static struct installed *find_hit(enum inject_point point, uint32_t detail, uint64_t subject)
{
	struct installed *found = NULL;

	for (unsigned int n = 0; n < INJECT_RULES_MAX; n++) {
		struct installed *i = &engine.rules[n];

		if (!i->number || !inject_rule_covers(&i->rule, point, detail, subject))
			continue;
		if (hits_now(i) && (!found || i->number < found->number))
			found = i;
	}
	return found;
}

static bool hook(enum inject_point point, uint32_t detail, uint64_t subject,
		 struct inject_outcome *outcome)
{
	struct installed *i;
	bool fails;

	pthread_mutex_lock(&engine.lock);
	i = find_hit(point, detail, subject);
	fails = i && hit(i, outcome);
	pthread_mutex_unlock(&engine.lock);
	return fails;
}

/* ---- the rules ---- */

static struct installed *find_rule(int64_t number)
{
	for (unsigned int n = 0; number && n < INJECT_RULES_MAX; n++) {
		if (engine.rules[n].number == number)
			return &engine.rules[n];
	}
	return NULL;
}

static struct installed *find_free(void)
{
	for (unsigned int n = 0; n < INJECT_RULES_MAX; n++) {
		if (!engine.rules[n].number)
			return &engine.rules[n];
	}
	return NULL;
}

static void drop(struct installed *i)
{
	*i = (struct installed){0};
	engine.count--;
	if (!engine.count)
		atomic_store(&inject_hook, NULL);
	pthread_cond_broadcast(&engine.changed);
}

static int64_t install_locked(const struct inject_rule *rule, const char *text)
{
	struct installed *i = find_free();

	if (!i)
		return -ENOSPC;
	*i = (struct installed){
		.number = ++engine.last_number, .rule = *rule, .random = rule->seed};
	strncpy(i->text, text, sizeof(i->text) - 1);
	engine.count++;
	atomic_store(&inject_hook, hook);
	return i->number;
}

int64_t inject_install(const char *text, char *why, size_t why_len)
{
	struct inject_rule rule;
	int64_t number;

	if (inject_rule_parse(text, &rule, why, why_len))
		return -EINVAL;
	pthread_mutex_lock(&engine.lock);
	number = install_locked(&rule, text);
	pthread_mutex_unlock(&engine.lock);
	if (number == -ENOSPC)
		snprintf(why, why_len, "%d rules are installed, more are not possible",
			 INJECT_RULES_MAX);
	return number;
}

int inject_remove(int64_t number)
{
	struct installed *i;

	pthread_mutex_lock(&engine.lock);
	i = find_rule(number);
	if (i)
		drop(i);
	pthread_mutex_unlock(&engine.lock);
	return i ? 0 : -ENOENT;
}

void inject_clear(void)
{
	pthread_mutex_lock(&engine.lock);
	for (unsigned int n = 0; n < INJECT_RULES_MAX; n++) {
		if (engine.rules[n].number)
			drop(&engine.rules[n]);
	}
	pthread_mutex_unlock(&engine.lock);
}

static void print_rule(const struct installed *i, FILE *out)
{
	fprintf(out, "%ld\t%s\tcovered %lu, hit %lu, holds %lu\n", i->number, i->text, i->covered,
		i->hits, i->held);
}

static const struct installed *find_next(int64_t number)
{
	const struct installed *next = NULL;

	for (unsigned int n = 0; n < INJECT_RULES_MAX; n++) {
		const struct installed *i = &engine.rules[n];

		if (i->number > number && (!next || i->number < next->number))
			next = i;
	}
	return next;
}

void inject_list(FILE *out)
{
	const struct installed *i;

	pthread_mutex_lock(&engine.lock);
	for (i = find_next(0); i; i = find_next(i->number))
		print_rule(i, out);
	pthread_mutex_unlock(&engine.lock);
}

int inject_wait_hits(int64_t number, uint64_t hits)
{
	struct installed *i;

	pthread_mutex_lock(&engine.lock);
	while ((i = find_rule(number)) && i->hits < hits)
		pthread_cond_wait(&engine.changed, &engine.lock);
	pthread_mutex_unlock(&engine.lock);
	return i ? 0 : -ENOENT;
}
