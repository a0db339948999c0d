/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instruction semantics against qemu-s390x.
 *
 * For each row of the instruction list that problem-state code can execute, a
 * number of cases with random and boundary operands runs in the reference and
 * in the engine; registers, condition code, branch and storage must agree.
 * Then streams of random instructions do, of all rows that neither branch nor
 * end in exceptions: what one leaves is what the next one finds.
 *
 * Rows that are not compared have a reason in not-by-reference.txt; it is looked at, too.
 *
 * usage: test_insns FRAME REFERENCE QEMU REASONS [INSTRUCTIONS]
 *	  test_insns --list REASONS: rows that are compared
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "cases.h"
#include "layout.h"
#include "reasons.h"
#include "sie/insn.h"
#include "tests/unit/sie/fixture.h"

#define CASES_A_ROW    40
#define CASES_A_REASON 2000 /* some mistakes are seen with special numbers only */

/* Rows whose cases met no exception */
static bool quiet_row[2048];

/* Privileged, absent, or with a reason */
static bool is_untested(const struct insn *row)
{
	return (row->flags & (INSN_PRIV | INSN_ABSENT)) ||
	       (reason_of(row) != REASON_NONE && reason_of(row) != REASON_MODES);
}

/* ---- the two machines ---- */

static uint8_t *run_reference(const struct test_case *cases, size_t n, char **argv)
{
	char file[] = "/tmp/protvirt-insns-XXXXXX", command[1024];
	uint8_t *replies = calloc(n, REPLY_SIZE);
	int fd = mkstemp(file);
	FILE *f = fdopen(fd, "wb");

	if (!replies || !f || fwrite(cases, sizeof(*cases), n, f) != n || fclose(f)) {
		perror("test_insns: cases");
		exit(1);
	}
	snprintf(command, sizeof(command), "'%s' -cpu max '%s' < %s", argv[3], argv[2], file);
	f = popen(command, "r");
	if (!f || fread(replies, REPLY_SIZE, n, f) != n || pclose(f)) {
		fprintf(stderr, "test_insns: %s did not answer all cases\n", command);
		unlink(file);
		exit(1);
	}
	unlink(file);
	return replies;
}

/* As the reference runs: in the problem state, with DAT in a space that is real */
static uint64_t engine_mask(struct fx *f, const struct insn *row)
{
	f->cpu[0].scb.gcr[1] = be64_make(0x20);
	return FX_PSW_MASK | (row && wants_dat(row) ? PSW_MASK_DAT | PSW_MASK_PSTATE : 0);
}

/* The code's end is an LPSWE, or, for problem programs, a privileged-operation exception */
static bool engine_ended(struct fx *f, uint64_t mask)
{
	if (mask & PSW_MASK_PSTATE)
		return fx_get2(f, 0x8e) == 2 && fx_get8(f, 0x158) == END_AT + 4;
	return be64_get(f->cpu[0].scb.gpsw_addr) == FX_END_ADDR;
}

static struct sie_cpu *running;
static volatile sig_atomic_t looped;

static void end_loop(int nr)
{
	looped = 1;
	sie_kick(running);
}

/* A branch to anywhere may lead into a loop, which is told as a signal, as the reference does */
static enum sie_result run_bounded(struct fx *f)
{
	enum sie_result result;

	running = f->cpu[0].sie;
	looped = 0;
	signal(SIGALRM, end_loop);
	alarm(2);
	result = fx_run(f);
	alarm(0);
	return result;
}

static void run_engine(struct fx *f, const struct insn *row, const struct test_case *t,
		       uint8_t *reply)
{
	uint64_t mask = engine_mask(f, row);
	uint8_t *ctx = f->mem + CTX_AT;

	memset(f->mem + DATA_AT, 0, 0x4000);
	memcpy(f->mem + CODE_AT, t->wire, CODE_BYTES);
	fx_put(f, END_AT, FX_END);
	memcpy(f->mem + DATA_AT, t->wire + CODE_BYTES, DATA_SIZE);
	memcpy(ctx, t->wire + CODE_BYTES + DATA_SIZE, CTX_SIZE);
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | 0x40000);
	fx_psw(f, mask, CODE_AT);
	if (run_bounded(f) != SIE_INTERCEPT || !engine_ended(f, mask))
		put8(ctx + CTX_SIGNAL, 1000 + fx_get2(f, 0x8e));
	memcpy(reply, f->mem + DATA_AT, DATA_SIZE);
	memcpy(reply + DATA_SIZE, ctx, CTX_SIZE);
}

/* Exceptions are compared as such; what is left in registers then is not. */
static bool same(const uint8_t *a, const uint8_t *b)
{
	const uint8_t *ca = a + DATA_SIZE, *cb = b + DATA_SIZE;
	uint64_t sa = get8(ca + CTX_SIGNAL), sb = get8(cb + CTX_SIGNAL);

	if (sa || sb)
		return sa && sb;
	return !memcmp(a, b, DATA_SIZE) && !memcmp(ca + CTX_OUT, cb + CTX_OUT, 0x60) &&
	       !memcmp(ca + CTX_OFPRS, cb + CTX_OFPRS, 0x40) &&
	       !memcmp(ca + CTX_OFPC, cb + CTX_OFPC, 4) &&
	       !memcmp(ca + CTX_OARS, cb + CTX_OARS, 40) &&
	       ((get8(ca + CTX_OMODE) ^ get8(cb + CTX_OMODE)) & 0x30000000) == 0 &&
	       get8(ca + CTX_TAKEN) == get8(cb + CTX_TAKEN) &&
	       ((get8(ca + CTX_OCC) ^ get8(cb + CTX_OCC)) & 0x3f000000) == 0;
}

static void describe(const struct test_case *t, const uint8_t *reference, const uint8_t *engine)
{
	const uint8_t *in = t->wire + CODE_BYTES + DATA_SIZE;
	const uint8_t *r = reference + DATA_SIZE, *e = engine + DATA_SIZE;
	const uint8_t *i = t->wire + INSN_AT - CODE_AT;
	char text[80];

	insn_disassemble(i, INSN_AT, text, sizeof(text));
	printf("# %s  %02x%02x%02x%02x%02x%02x spm %lx\n", text, i[0], i[1], i[2], i[3], i[4], i[5],
	       (unsigned long)get8(in + CTX_SPM));
	printf("# reference: signal %lu taken %lu ipm %lx; engine: signal %lu taken %lu ipm %lx\n",
	       (unsigned long)get8(r + CTX_SIGNAL), (unsigned long)get8(r + CTX_TAKEN),
	       (unsigned long)get8(r + CTX_OCC), (unsigned long)get8(e + CTX_SIGNAL),
	       (unsigned long)get8(e + CTX_TAKEN), (unsigned long)get8(e + CTX_OCC));
	for (unsigned int n = 0; n < 12; n++)
		printf("#  r%-2u %016lx -> %016lx %016lx\n", n,
		       (unsigned long)get8(in + CTX_GPRS + n * 8),
		       (unsigned long)get8(r + CTX_OUT + n * 8),
		       (unsigned long)get8(e + CTX_OUT + n * 8));
	for (unsigned int n = 0; n < 8; n++)
		printf("#  f%-2u %016lx -> %016lx %016lx\n", n,
		       (unsigned long)get8(in + CTX_FPRS + n * 8),
		       (unsigned long)get8(r + CTX_OFPRS + n * 8),
		       (unsigned long)get8(e + CTX_OFPRS + n * 8));
	for (unsigned int n = 0; n < 5; n++)
		printf("#  a%-2u %016lx -> %016lx %016lx\n", 2 + 2 * n,
		       (unsigned long)get8(in + CTX_ARS + n * 8),
		       (unsigned long)get8(r + CTX_OARS + n * 8),
		       (unsigned long)get8(e + CTX_OARS + n * 8));
	printf("#  mode sam%u -> %lx %lx\n", 24 + (t->wire[MODE_AT - CODE_AT + 1] - SAM_24) * 7,
	       (unsigned long)get8(r + CTX_OMODE) >> 28 & 3,
	       (unsigned long)get8(e + CTX_OMODE) >> 28 & 3);
	printf("#  fpc %016lx -> %016lx %016lx\n", (unsigned long)get8(in + CTX_FPC),
	       (unsigned long)get8(r + CTX_FPC), (unsigned long)get8(e + CTX_FPC));
	for (unsigned int n = 0; n < DATA_SIZE; n++)
		if (reference[n] != engine[n]) {
			printf("#  data+%x: %02x -> %02x %02x\n", n, t->wire[CODE_BYTES + n],
			       reference[n], engine[n]);
			break;
		}
}

/* Condition codes that a rule can give; none: any */
static const uint8_t cc_possible[CC_RULES] = {
	[CC_LOGICAL] = 0x3,       [CC_SIGNED] = 0x7,  [CC_ARITHMETIC] = 0xf,
	[CC_CARRY] = 0xf,         [CC_COMPARE] = 0x7, [CC_TEST_MASK] = 0xf,
	[CC_INSERTED] = 0x7,      [CC_SWAPPED] = 0x3, [CC_FLOAT] = 0xf,
	[CC_FLOAT_COMPARE] = 0xf, [CC_LOADED] = 0xf,  [CC_FLOAT_TO_INTEGER] = 0xf,
	[CC_OWN] = 0xf,
};

static unsigned int cc_before(const struct test_case *t)
{
	return get8(t->wire + CODE_BYTES + DATA_SIZE + CTX_SPM) >> 28 & 3;
}

static unsigned int cc_after(const uint8_t *reply)
{
	return get8(reply + DATA_SIZE + CTX_OCC) >> 28 & 3;
}

/* One case against the row's rule. @seen: what its completed cases have shown, by bits */
static bool follows_rule(const struct insn *row, const struct test_case *t, const uint8_t *reply,
			 unsigned int *seen)
{
	unsigned int before = cc_before(t), after = cc_after(reply);

	if (get8(reply + DATA_SIZE + CTX_SIGNAL))
		return true;
	if (row->cc == CC_UNCHANGED)
		return before == after;
	*seen |= before != after ? 2 : 1;
	return cc_possible[row->cc] >> after & 1;
}

static bool check_row(struct fx *f, const struct insn *row, unsigned int number,
		      const struct test_case *cases, const uint8_t *replies)
{
	unsigned int wrong = 0, trapped = 0, seen = 0, unruly = 0;
	uint8_t reply[REPLY_SIZE];

	for (unsigned int n = 0; n < CASES_A_ROW; n++) {
		run_engine(f, row, &cases[n], reply);
		trapped += get8(reply + DATA_SIZE + CTX_SIGNAL) != 0;
		unruly += !follows_rule(row, &cases[n], reply, &seen);
		if (same(replies + n * REPLY_SIZE, reply))
			continue;
		if (!wrong++)
			describe(&cases[n], replies + n * REPLY_SIZE, reply);
	}
	quiet_row[row - insn_rows] = !trapped;
	/* A row whose cases all end in exceptions has not been tested. */
	if (trapped == CASES_A_ROW)
		wrong = trapped;
	/* A rule that never changed the condition code is not the row's. */
	if (unruly || seen == 1) {
		printf("# %s: the condition code does not follow the row's rule\n", row->name);
		wrong += unruly + 1;
	}
	printf("%sok %u - %s (%u of %u cases differ, %u exceptions)\n", wrong ? "not " : "", number,
	       row->name, wrong, CASES_A_ROW, trapped);
	return !wrong;
}

/* ---- streams ---- */

#define STREAM_BATCH        1000U
#define STREAM_INSTRUCTIONS 1000000UL

/* Operands have to be aligned: in streams they are */
static bool is_aligned(const struct insn *row)
{
	static const char *const names[] = {"CS",   "CSY",  "CSG", "CDS",  "CDSY", "CDSG",  "LAA",
					    "LAAG", "LAAL", "LAN", "LANG", "LAO",  "LAALG", "LAOG",
					    "LAX",  "LAXG", "LPQ", "STPQ", "LPD",  "LPDG",  NULL};

	return name_in(row, names);
}

static void align(uint8_t *i, const struct insn *row)
{
	if (row->format == FMT_RXY)
		i[1] &= 0xf0; /* no index */
	i[3] &= 0xf0;
	if (row->format == FMT_SSF)
		i[5] &= 0xf0;
}

/* Divisions and traps: exceptions that the forty cases of a row may have missed */
static bool excepts_by_value(const struct insn *row)
{
	static const char *const names[] = {"D",     "DR",     "DL",     "DLR",   "DLG", "DLGR",
					    "DSG",   "DSGR",   "DSGF",   "DSGFR", "LAT", "LGAT",
					    "LFHAT", "LLGTAT", "LLGFAT", NULL};

	return name_in(row, names);
}

/* SPM and what loads the FPC would turn exceptions on; access registers 0 and 1 are not the
 * frame's; MVCRL would need GR0, EXECUTE a target; TR of qemu 7.2 loses the
 * condition code of what went before; in MULTIPLY AND ADD it takes the wrong NaN; a comparison
 * whose condition code is not looked at loses its IEEE flags */
static bool in_streams(const struct insn *row)
{
	static const char *const never[] = {
		"SPM",   "TR",    "CSST", "CEBR", "CDBR",  "CXBR",  "CEB",   "MVCRL", "EX",
		"EXRL",  "CDB",   "KEBR", "KDBR", "KXBR",  "KEB",   "KDB",   "LFPC",  "SFPC",
		"LFAS",  "SFASR", "EPSW", "MVPG", "ECTG",  "KM",    "KMC",   "KMF",   "KMO",
		"KMCTR", "KMAC",  "KIMD", "KLMD", "PCC",   "PRNO",  "SAR",   "EAR",   "LAE",
		"LAEY",  "LAM",   "LAMY", "STAM", "STAMY", "SAM24", "SAM31", "SAM64", NULL};

	return (quiet_row[row - insn_rows] || is_aligned(row)) && !excepts_by_value(row) &&
	       !is_untested(row) && !is_branch(row) && !is_relative_branch(row) && !is_long(row) &&
	       !name_in(row, never) && row->format != FMT_RRD && row->format != FMT_RXF;
}

static void end_stream(uint8_t *stream, unsigned int at)
{
	memcpy(stream + at, "\xa7\xc9\x00\x00\xc0\xf4", 6); /* lghi 12,0; jg SAVE */
	put_relative(stream + at + 6, true, SAVE_AT - (int64_t)(STREAM_AT + at + 4));
}

/* Return: instructions in it */
static unsigned int make_stream(struct test_case *t, const uint8_t *frame)
{
	const struct insn *first;
	uint8_t *stream = t->wire + CODE_BYTES + (STREAM_AT - DATA_AT);
	uint8_t *i = t->wire + INSN_AT - CODE_AT;
	unsigned int n = 0, at = 0;

	do
		first = &insn_rows[below(insn_rows_nr)];
	while (!in_streams(first));
	memset(t, 0, sizeof(*t));
	memcpy(t->wire, frame, CODE_BYTES);
	put_context(t, first);
	i[0] = 0xc0; /* jg */
	i[1] = 0xf4;
	put_relative(i + 2, true, STREAM_AT - INSN_AT);
	while (STREAM_AT + at + 6 + 10 <= STREAM_END) {
		const struct insn *row = &insn_rows[below(insn_rows_nr)];

		if (!in_streams(row) ||
		    (reason_of(row) == REASON_MODES && t->wire[MODE_AT - CODE_AT + 1] != SAM_64))
			continue;
		insn_at = STREAM_AT + at;
		memset(stream + at, 0, 6);
		put_insn(stream + at, row);
		keep_apart(stream + at, row);
		if (is_aligned(row))
			align(stream + at, row);
		if (is_extended(row))
			only_pairs(stream + at, row);
		at += insn_length((uint8_t)(row->opcode >> 8));
		n++;
	}
	insn_at = INSN_AT;
	end_stream(stream, at);
	return n;
}

/* The first instruction that differs: run all beginnings of the stream */
static void blame(struct fx *f, const struct test_case *t, char **argv)
{
	enum {
		MOST = STREAM_END - STREAM_AT
	};
	struct test_case *cases = calloc(MOST / 2, sizeof(*cases));
	const uint8_t *stream = t->wire + CODE_BYTES + (STREAM_AT - DATA_AT);
	unsigned int n = 0, starts[MOST / 2];
	uint8_t reply[REPLY_SIZE], *replies;
	char text[80];

	for (unsigned int at = 0; cases && (stream[at] != 0xa7 || stream[at + 1] != 0xc9); n++) {
		starts[n] = at;
		at += insn_length(stream[at]);
		cases[n] = *t;
		end_stream(cases[n].wire + CODE_BYTES + (STREAM_AT - DATA_AT), at);
	}
	replies = run_reference(cases, n, argv);
	for (unsigned int k = 0; k < n; k++) {
		run_engine(f, NULL, &cases[k], reply);
		if (same(replies + k * REPLY_SIZE, reply))
			continue;
		insn_disassemble(stream + starts[k], STREAM_AT + starts[k], text, sizeof(text));
		printf("# differs from: %s\n", text);
		if (k)
			describe(&cases[k - 1], replies + (k - 1) * REPLY_SIZE,
				 replies + (k - 1) * REPLY_SIZE);
		describe(&cases[k], replies + k * REPLY_SIZE, reply);
		break;
	}
	free(replies);
	free(cases);
}

static bool check_streams(struct fx *f, unsigned int number, const uint8_t *frame, char **argv,
			  unsigned long wanted)
{
	struct test_case *cases = calloc(STREAM_BATCH, sizeof(*cases));
	unsigned long instructions = 0, wrong = 0, trapped = 0, all = 0;
	uint8_t reply[REPLY_SIZE];

	while (cases && instructions < wanted) {
		uint8_t *replies;

		for (unsigned int n = 0; n < STREAM_BATCH; n++)
			instructions += make_stream(&cases[n], frame);
		replies = run_reference(cases, STREAM_BATCH, argv);
		for (unsigned int n = 0; n < STREAM_BATCH; n++, all++) {
			run_engine(f, NULL, &cases[n], reply);
			trapped += get8(reply + DATA_SIZE + CTX_SIGNAL) != 0;
			if (same(replies + n * REPLY_SIZE, reply))
				continue;
			if (wrong++ < 5) {
				describe(&cases[n], replies + n * REPLY_SIZE, reply);
				blame(f, &cases[n], argv);
			}
		}
		free(replies);
	}
	free(cases);
	/* What ends in an exception is compared only as such */
	wrong += trapped > all / 10;
	printf("%sok %u - streams: %lu instructions in %lu streams, %lu differ, %lu exceptions\n",
	       wrong ? "not " : "", number, instructions, all, wrong, trapped);
	return !wrong && instructions >= wanted;
}

/* ---- reasons ---- */

/* The reasons are what was seen of this version */
static bool reference_is_known(char **argv)
{
	char command[1024], line[200] = "";
	FILE *f;

	snprintf(command, sizeof(command), "'%s' --version", argv[3]);
	f = popen(command, "r");
	if (f && !fgets(line, sizeof(line), f))
		line[0] = 0;
	if (f)
		pclose(f);
	return strstr(line, "version 7.2");
}

static struct fx *fx_again(struct fx *f)
{
	fx_destroy(f);
	return fx_create();
}

/* Does the reference do to a row what its reason says? */
static bool reason_holds(const struct insn *row, const uint8_t *frame, char **argv)
{
	struct fx *f = fx_create();
	struct test_case *cases = calloc(CASES_A_REASON, sizeof(*cases));
	unsigned int signals = 0, differ = 0;
	uint8_t *replies, reply[REPLY_SIZE];

	for (unsigned int n = 0; n < CASES_A_REASON; n++)
		make_case(&cases[n], frame, row);
	replies = run_reference(cases, CASES_A_REASON, argv);
	for (unsigned int n = 0; n < CASES_A_REASON; n++) {
		run_engine(f, row, &cases[n], reply);
		if (looped) /* its storage may be anything now */
			f = fx_again(f);
		signals += get8(replies + n * REPLY_SIZE + DATA_SIZE + CTX_SIGNAL) != 0;
		differ += !same(replies + n * REPLY_SIZE, reply);
	}
	fx_destroy(f);
	free(replies);
	free(cases);
	printf("# %s: %u signals of the reference, %u of %u cases differ\n", row->name, signals,
	       differ, CASES_A_REASON);
	return reason_of(row) == REASON_UNKNOWN ? signals == CASES_A_REASON : differ > 0;
}

static bool check_reasons(unsigned int number, const uint8_t *frame, char **argv)
{
	unsigned int wrong = 0;

	any_mode = true;
	if (!reference_is_known(argv)) {
		any_mode = false;
		printf("ok %u - reasons # SKIP they are of qemu 7.2\n", number);
		return true;
	}
	for (unsigned int i = 0; i < insn_rows_nr; i++) {
		const struct insn *row = &insn_rows[i];

		if (reason_of(row) == REASON_NONE || reason_of(row) == REASON_STATE)
			continue;
		if (reason_holds(row, frame, argv))
			continue;
		printf("# %s: the reason in not-by-reference.txt is none\n", row->name);
		wrong++;
	}
	any_mode = false;
	printf("%sok %u - reasons why rows are not compared\n", wrong ? "not " : "", number);
	return !wrong;
}

int main(int argc, char **argv)
{
	uint8_t frame[CODE_BYTES];
	struct test_case *cases;
	unsigned int number = 0, rows = 0;
	uint8_t *replies;
	FILE *file;
	bool good = true;
	struct fx *f;

	unsigned long wanted;

	insn_tables_init();
	if (argc == 3 && !strcmp(argv[1], "--list")) {
		if (!reasons_read(argv[2]))
			return 2;
		for (unsigned int i = 0; i < insn_rows_nr; i++)
			if (!is_untested(&insn_rows[i]))
				printf("%s\n", insn_rows[i].name);
		return 0;
	}
	if (argc < 5 || !reasons_read(argv[4]) || !(file = fopen(argv[1], "rb"))) {
		fprintf(stderr, "usage: test_insns FRAME REFERENCE QEMU REASONS [INSTRUCTIONS]\n");
		return 2;
	}
	if (fread(frame, sizeof(frame), 1, file) != 1)
		return 2;
	fclose(file);
	seed = getenv("PROTVIRT_SEED") ? strtoul(getenv("PROTVIRT_SEED"), NULL, 0) : 0;
	if (!seed)
		seed = (uint64_t)time(NULL) << 20 | ((uint64_t)getpid() & 0xfffff);
	printf("# PROTVIRT_SEED=%#lx\n", (unsigned long)seed);
	cases = calloc((size_t)insn_rows_nr * CASES_A_ROW, sizeof(*cases));
	if (!cases)
		return 2;
	for (unsigned int i = 0; i < insn_rows_nr; i++) {
		if (is_untested(&insn_rows[i]))
			continue;
		for (unsigned int n = 0; n < CASES_A_ROW; n++)
			make_case(&cases[rows * CASES_A_ROW + n], frame, &insn_rows[i]);
		rows++;
	}
	wanted = argc > 5 ? strtoul(argv[5], NULL, 0) : STREAM_INSTRUCTIONS;
	printf("1..%u\n", rows + 2);
	replies = run_reference(cases, (size_t)rows * CASES_A_ROW, argv);
	f = fx_create();
	for (unsigned int i = 0; i < insn_rows_nr; i++) {
		size_t first = (size_t)number * CASES_A_ROW;

		if (is_untested(&insn_rows[i]))
			continue;
		good &= check_row(f, &insn_rows[i], ++number, &cases[first],
				  replies + first * REPLY_SIZE);
	}
	good &= check_reasons(rows + 1, frame, argv);
	good &= check_streams(f, rows + 2, frame, argv, wanted);
	fx_destroy(f);
	free(cases);
	free(replies);
	return good ? 0 : 1;
}
