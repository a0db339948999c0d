/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines that shards of a campaign write: docs/campaigns.md. */
#ifndef VMM_CAMPAIGN_LINE_H
#define VMM_CAMPAIGN_LINE_H

#include <stdint.h>

/**
 * struct campaign_line - one shard
 * @failing_seeds: @nr_failing numbers
 */
struct campaign_line {
	char *program;
	char *shard;
	uint64_t seed;
	uint64_t cases;
	uint64_t failed;
	uint64_t *failing_seeds;
	unsigned int nr_failing;
	double seconds;
};

/**
 * campaign_line_parse() - take a line
 * @line: filled in; free with campaign_line_free()
 * @field: set to the name of the field that is missing or wrong if -EINVAL is returned; NULL: the
 *         line is no JSON object
 *
 * Return: 0, -EINVAL, -ENOMEM; @line is empty then.
 */
int campaign_line_parse(const char *text, struct campaign_line *line, const char **field);
void campaign_line_free(struct campaign_line *line);

#endif
