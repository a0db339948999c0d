/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reasons.h"

#include <stdio.h>
#include <string.h>

#define ROWS 2048U

static uint8_t reasons[ROWS];

static const struct insn *find(const char *name)
{
	for (unsigned int i = 0; i < insn_rows_nr; i++)
		if (!strcmp(insn_rows[i].name, name))
			return &insn_rows[i];
	return NULL;
}

static enum reason kind_of(const char *word)
{
	static const char *const kinds[] = {
		[REASON_UNKNOWN] = "unknown",
		[REASON_DIFFERS] = "differs",
		[REASON_STATE] = "state",
		[REASON_MODES] = "modes",
	};

	for (unsigned int i = REASON_UNKNOWN; i <= REASON_MODES; i++)
		if (!strcmp(kinds[i], word))
			return (enum reason)i;
	return REASON_NONE;
}

/* A line is about rows that problem-state code executes, each once */
static bool add(const char *name, enum reason kind)
{
	const struct insn *row = find(name);

	if (!row || row->flags & (INSN_PRIV | INSN_ABSENT) || reasons[row - insn_rows])
		return false;
	reasons[row - insn_rows] = (uint8_t)kind;
	return true;
}

static bool read_line(char *line)
{
	char *names = strtok(line, ":"), *kind = strtok(NULL, ":"), *why = strtok(NULL, "\n");
	enum reason reason;

	if (!names || !kind || !why || strlen(why) < 4)
		return false;
	reason = kind_of(kind + strspn(kind, " "));
	for (char *name = strtok(names, " "); name; name = strtok(NULL, " "))
		if (reason == REASON_NONE || !add(name, reason)) {
			printf("# not-by-reference.txt: %s\n", name);
			return false;
		}
	return true;
}

bool reasons_read(const char *path)
{
	FILE *file = fopen(path, "r");
	bool good = file && insn_rows_nr <= ROWS;
	char line[400];

	while (good && fgets(line, sizeof(line), file))
		good = line[0] == '#' || read_line(line);
	if (file)
		fclose(file);
	return good;
}

enum reason reason_of(const struct insn *row)
{
	return (enum reason)reasons[row - insn_rows];
}
