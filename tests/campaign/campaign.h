/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program of many cases, of which it runs a part: docs/campaigns.md.
 *
 * Usage: campaign_init(), campaign_option() for each option, then a loop over
 * campaign_next() with campaign_result(), then campaign_end().
 */
#ifndef TESTS_CAMPAIGN_CAMPAIGN_H
#define TESTS_CAMPAIGN_CAMPAIGN_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#define CAMPAIGN_MAX_FAILING 100

/** CAMPAIGN_OPTIONS - rows for getopt_long() */
#define CAMPAIGN_OPTIONS                                                                           \
	{"shard", required_argument, NULL, 'i'}, {"seed", required_argument, NULL, 's'},           \
		{"cases", required_argument, NULL, 'c'},                                           \
	{                                                                                          \
		"tap", no_argument, NULL, 't'                                                      \
	}

/**
 * struct campaign - and how far it is
 * @program: its name in the line
 * @seed: of the campaign
 * @seed_given: it was on the command line; so @cases_given
 * @shard: this part, from 0; of @shards
 * @cases: of the whole campaign
 * @tap: standard output is TAP, and there is no line
 * @done: cases of this part that were run; @failed: of them, those that failed
 */
struct campaign {
	const char *program;
	uint32_t seed;
	bool seed_given;
	bool cases_given;
	uint64_t shard;
	uint64_t shards;
	uint64_t cases;
	bool tap;
	uint64_t next;
	uint64_t done;
	uint64_t failed;
	uint32_t failing[CAMPAIGN_MAX_FAILING];
	unsigned int nr_failing;
	uint64_t started_ns;
};

/** campaign_init() - everything, @cases cases, a random seed. Return: 0 or -errno */
int campaign_init(struct campaign *c, const char *program, uint64_t cases);

/**
 * campaign_option() - take an option of CAMPAIGN_OPTIONS
 * Return: false, having told why, if the value is bad.
 */
bool campaign_option(struct campaign *c, int key, const char *value);

/**
 * campaign_parse() - for a program without options of its own
 * Return: false, having told why; then the program ends with 2.
 */
bool campaign_parse(struct campaign *c, int argc, char **argv);

/** campaign_next() - the next case of this part, and its seed. Return: false: there is none */
bool campaign_next(struct campaign *c, uint32_t *seed);

/** campaign_result() - a case ended */
void campaign_result(struct campaign *c, uint32_t seed, bool failed);

/** campaign_end() - write the line. Return: exit status of the program */
int campaign_end(const struct campaign *c);

#endif
