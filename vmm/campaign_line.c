// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/campaign_line.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WHOLE 9007199254740992.0 /* 2^53: beyond it a double skips numbers */

static bool take_string(const cJSON *object, const char *name, char **value)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	if (!cJSON_IsString(item) || !*item->valuestring)
		return false;
	*value = strdup(item->valuestring);
	return *value != NULL;
}

static bool whole(const cJSON *item, uint64_t *value)
{
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= MAX_WHOLE))
		return false;
	*value = (uint64_t)item->valuedouble;
	return (double)*value == item->valuedouble;
}

static bool take_number(const cJSON *object, const char *name, uint64_t *value)
{
	return whole(cJSON_GetObjectItemCaseSensitive(object, name), value);
}

static bool take_seconds(const cJSON *object, const char *name, double *value)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0))
		return false;
	*value = item->valuedouble;
	return true;
}

/* I/N, as the programs take it */
static bool shard_is_good(const char *shard)
{
	unsigned int part, of;
	char behind;

	return sscanf(shard, "%u/%u%c", &part, &of, &behind) == 2 && part < of;
}

static bool take_seeds(const cJSON *object, const char *name, struct campaign_line *line)
{
	const cJSON *seeds = cJSON_GetObjectItemCaseSensitive(object, name), *seed;

	if (!cJSON_IsArray(seeds))
		return false;
	line->failing_seeds = calloc((size_t)cJSON_GetArraySize(seeds) + 1, sizeof(uint64_t));
	if (!line->failing_seeds)
		return false;
	cJSON_ArrayForEach(seed, seeds)
	{
		if (!whole(seed, &line->failing_seeds[line->nr_failing++]))
			return false;
	}
	return line->nr_failing <= line->failed && (line->nr_failing || !line->failed);
}

/* Return: the first field that is missing or wrong, or NULL */
static const char *take_fields(const cJSON *object, struct campaign_line *line)
{
	if (!take_string(object, "program", &line->program))
		return "program";
	if (!take_number(object, "seed", &line->seed))
		return "seed";
	if (!take_string(object, "shard", &line->shard) || !shard_is_good(line->shard))
		return "shard";
	if (!take_number(object, "cases", &line->cases))
		return "cases";
	if (!take_number(object, "failed", &line->failed))
		return "failed";
	if (!take_seeds(object, "failing_seeds", line))
		return "failing_seeds";
	if (!take_seconds(object, "seconds", &line->seconds))
		return "seconds";
	return NULL;
}

int campaign_line_parse(const char *text, struct campaign_line *line, const char **field)
{
	cJSON *object = cJSON_ParseWithOpts(text, NULL, true);

	*line = (struct campaign_line){0};
	*field = NULL;
	if (!cJSON_IsObject(object)) {
		cJSON_Delete(object);
		return -EINVAL;
	}
	*field = take_fields(object, line);
	cJSON_Delete(object);
	if (!*field)
		return 0;
	campaign_line_free(line);
	return -EINVAL;
}

void campaign_line_free(struct campaign_line *line)
{
	free(line->program);
	free(line->shard);
	free(line->failing_seeds);
	*line = (struct campaign_line){0};
}
