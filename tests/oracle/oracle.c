// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random sequences on the product and on the oracle:
 *
 *	oracle [--threads] [--model M] [--seed S] [--cases N] [--shard I/N] [--tap]
 *	oracle --replay FILE
 *	oracle --show [--model M] --seed S
 *
 * A sequence that fails is shrunk and printed; --replay takes the text back. See
 * docs/oracle.md and docs/campaigns.md.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/campaign/campaign.h"
#include "tests/oracle/run.h"

#define CASES           1000 /* of a campaign, if nobody says */
#define BATCH           100  /* sequences that share a process, and a line of TAP */
#define THREAD_ATTEMPTS 50   /* what depends on who comes first need not fail each time */

struct batch {
	uint32_t seeds[BATCH];
	unsigned int n;
};

struct oracle {
	struct campaign campaign;
	bool threads;
	bool show;
	const char *replay;
	const char *model;
};

/* ---- batches ---- */

/* Says which sequence runs and what came of each, so that a death can be told to its cause. */
static _Noreturn void run_batch(const struct oracle *o, const struct batch *b, unsigned int first,
				int to)
{
	for (unsigned int i = first; i < b->n; i++) {
		struct sequence s;
		struct verdict v;
		uint8_t failed;

		sequence_random(&s, b->seeds[i], o->threads, o->model);
		alarm(DEADLOCK_S);
		run_sequence(&s, &v);
		failed = v.failed;
		if (write(to, &failed, 1) != 1)
			exit(98);
	}
	exit(0);
}

/* Return: the number of results; @failed: the last of them was a failure */
static unsigned int read_results(int from, bool *failed)
{
	unsigned int n = 0;
	uint8_t result;
	ssize_t got;

	*failed = false;
	while ((got = read(from, &result, 1)) == 1 || (got < 0 && errno == EINTR)) {
		if (got < 0)
			continue;
		n++;
		*failed = result;
		if (result)
			break;
	}
	return n;
}

/*
 * Run sequences from @first until one fails.
 *
 * Return: the index of the one that failed, or the number of sequences: none did.
 */
static unsigned int first_failure(const struct oracle *o, const struct batch *b, unsigned int first)
{
	int ends[2], status;
	unsigned int n;
	bool failed;
	pid_t pid;

	fflush(NULL);
	if (pipe(ends) || (pid = fork()) < 0)
		exit(99);
	if (!pid) {
		close(ends[0]);
		run_batch(o, b, first, ends[1]);
	}
	close(ends[1]);
	n = read_results(ends[0], &failed);
	close(ends[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (failed)
		return first + n - 1;
	/* A report of leaks comes at the very end: nobody can say whose, so the last one has it. */
	return status && first + n == b->n ? b->n - 1 : first + n;
}

static void tell(const struct oracle *o, uint32_t seed)
{
	unsigned int attempts = o->threads ? THREAD_ATTEMPTS : 1;
	struct verdict v = {0};
	struct sequence s;

	sequence_random(&s, seed, o->threads, o->model);
	for (unsigned int i = 0; i < attempts && !v.failed; i++)
		run_in_child(&s, &v);
	/* Each candidate that goes on deadlocking would be waited for. */
	if (v.failed && !v.deadlock)
		run_shrink(&s, &v, attempts);
	fprintf(stderr, "# seed %u fails%s:\n", seed,
		v.deadlock ? ", a deadlock, which is not shrunk"
		: v.failed ? "; shrunk, for --replay"
			   : ", but not again, so here is all of it");
	sequence_print(&s, stderr);
	fputs(v.text, stderr);
}

static void run_and_tell(struct oracle *o, const struct batch *b)
{
	unsigned int at = 0;

	while (at < b->n) {
		unsigned int failure = first_failure(o, b, at);

		for (; at < failure && at < b->n; at++)
			campaign_result(&o->campaign, b->seeds[at], false);
		if (at == b->n)
			break;
		campaign_result(&o->campaign, b->seeds[at], true);
		tell(o, b->seeds[at++]);
	}
}

static int run_campaign(struct oracle *o)
{
	struct campaign *c = &o->campaign;
	unsigned int number = 0;
	struct batch b;

	fprintf(stderr, "# --seed %u\n", c->seed);
	do {
		uint64_t failed = c->failed;

		for (b.n = 0; b.n < BATCH && campaign_next(c, &b.seeds[b.n]); b.n++)
			;
		if (!b.n)
			break;
		run_and_tell(o, &b);
		if (c->tap)
			printf("%sok %u - %u sequences from seed %u on\n",
			       c->failed > failed ? "not " : "", ++number, b.n, b.seeds[0]);
	} while (b.n == BATCH);
	if (c->tap)
		printf("1..%u\n", number);
	return campaign_end(c);
}

/* ---- one ---- */

static int replay(const char *name)
{
	FILE *in = strcmp(name, "-") ? fopen(name, "r") : stdin;
	struct sequence s;
	struct verdict v;
	int line, attempts = 1;

	if (!in) {
		fprintf(stderr, "oracle: --replay %s: %s\n", name, strerror(errno));
		return 2;
	}
	line = sequence_read(&s, in);
	fclose(in);
	if (line) {
		fprintf(stderr,
			"oracle: --replay %s: line %d: not an operation; docs/oracle.md "
			"has them all\n",
			name, line);
		return 2;
	}
	for (unsigned int i = 0; i < s.n; i++)
		attempts = s.ops[i].thread ? THREAD_ATTEMPTS : attempts;
	do {
		run_in_child(&s, &v);
	} while (!v.failed && --attempts);
	fputs(v.text, stdout);
	puts(v.failed ? "fails" : "agrees");
	return v.failed ? 1 : 0;
}

static bool parse(struct oracle *o, int argc, char **argv)
{
	static const struct option options[] = {CAMPAIGN_OPTIONS,
						{"threads", no_argument, NULL, 'p'},
						{"model", required_argument, NULL, 'm'},
						{"replay", required_argument, NULL, 'r'},
						{"show", no_argument, NULL, 'w'},
						{0}};
	int key;

	while ((key = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (key == 'p')
			o->threads = true;
		else if (key == 'm')
			o->model = optarg;
		else if (key == 'r')
			o->replay = optarg;
		else if (key == 'w')
			o->show = true;
		else if (!campaign_option(&o->campaign, key, optarg))
			return false;
	}
	if (o->threads)
		o->campaign.program = "oracle-threads";
	if (optind < argc)
		fprintf(stderr, "oracle: %s: no operand is taken\n", argv[optind]);
	return optind == argc;
}

int main(int argc, char **argv)
{
	struct oracle o = {0};
	struct sequence s;
	int ret;

	if (campaign_init(&o.campaign, "oracle", CASES))
		return 1;
	if (!parse(&o, argc, argv))
		return 2;
	if (o.show) {
		sequence_random(&s, o.campaign.seed, o.threads, o.model);
		sequence_print(&s, stdout);
		return 0;
	}
	if (product_setup()) {
		fputs("oracle: no host key or image\n", stderr);
		return 1;
	}
	ret = o.replay ? replay(o.replay) : run_campaign(&o);
	product_teardown();
	return ret;
}
