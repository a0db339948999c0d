// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/campaign.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

int campaign_init(struct campaign *c, const char *program, uint64_t cases)
{
	*c = (struct campaign){
		.program = program, .shards = 1, .cases = cases, .started_ns = now_ns()};
	if (getrandom(&c->seed, sizeof(c->seed), 0) != sizeof(c->seed))
		return -EIO;
	return 0;
}

static bool take_number(const char *text, uint64_t max, char end_with, char **end, uint64_t *value)
{
	char *stop;

	errno = 0;
	*value = strtoull(text, &stop, 10);
	if (*text < '0' || *text > '9' || errno || *stop != end_with || *value > max)
		return false;
	*end = stop;
	return true;
}

static bool take_shard(struct campaign *c, const char *value)
{
	char *end;

	return take_number(value, UINT32_MAX, '/', &end, &c->shard) &&
	       take_number(end + 1, UINT32_MAX, '\0', &end, &c->shards) && c->shard < c->shards;
}

bool campaign_option(struct campaign *c, int key, const char *value)
{
	uint64_t number = 0;
	char *end;

	switch (key) {
	case 'i':
		if (take_shard(c, value))
			return true;
		fprintf(stderr, "%s: --shard %s: valid is I/N with I below N, as 0/4\n", c->program,
			value);
		return false;
	case 's':
		c->seed_given = take_number(value, UINT32_MAX, '\0', &end, &number);
		c->seed = (uint32_t)number;
		if (!c->seed_given)
			fprintf(stderr, "%s: --seed %s: valid is 0 to %u\n", c->program, value,
				UINT32_MAX);
		return c->seed_given;
	case 'c':
		c->cases_given = take_number(value, UINT32_MAX, '\0', &end, &c->cases);
		if (!c->cases_given)
			fprintf(stderr, "%s: --cases %s: valid is 0 to %u\n", c->program, value,
				UINT32_MAX);
		return c->cases_given;
	case 't':
		c->tap = true;
		return true;
	default:
		fprintf(stderr, "%s: valid are --shard I/N, --seed S, --cases N and --tap\n",
			c->program);
		return false;
	}
}

bool campaign_parse(struct campaign *c, int argc, char **argv)
{
	static const struct option options[] = {CAMPAIGN_OPTIONS, {0}};
	int key;

	while ((key = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (!campaign_option(c, key, optarg))
			return false;
	}
	if (optind < argc)
		fprintf(stderr, "%s: %s: no operand is taken\n", c->program, argv[optind]);
	return optind == argc;
}

bool campaign_next(struct campaign *c, uint32_t *seed)
{
	uint64_t k = c->shard + c->next * c->shards;

	if (k >= c->cases)
		return false;
	c->next++;
	*seed = c->seed + (uint32_t)k;
	return true;
}

void campaign_result(struct campaign *c, uint32_t seed, bool failed)
{
	c->done++;
	c->failed += failed;
	if (failed && c->nr_failing < CAMPAIGN_MAX_FAILING)
		c->failing[c->nr_failing++] = seed;
}

int campaign_end(const struct campaign *c)
{
	if (!c->tap) {
		printf("{\"program\":\"%s\",\"seed\":%u,\"shard\":\"%" PRIu64 "/%" PRIu64
		       "\",\"cases\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"failing_seeds\":[",
		       c->program, c->seed, c->shard, c->shards, c->done, c->failed);
		for (unsigned int i = 0; i < c->nr_failing; i++)
			printf("%s%u", i ? "," : "", c->failing[i]);
		printf("],\"seconds\":%.1f}\n", (double)(now_ns() - c->started_ns) / 1e9);
	}
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "%s: standard output: not all was written\n", c->program);
		return 1;
	}
	return c->failed ? 1 : 0;
}
