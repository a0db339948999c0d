// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/failnth/faults.h"

#include <pthread.h>
#include <stdio.h>

#include "protvirt/uv.h"
#include "storage/inject.h"
#include "storage/storage.h"
#include "uv/ultravisor.h"

#define MAX_CONFIGS 32

#define INJECTED_RC 0x01aa /* no call answers it by itself */

/* What was refused for one configuration */
struct config {
	uint64_t handle;
	bool refused;
	bool lied;
	uint64_t cpus;
	uint64_t lied_cpus;
};

/*
 * @lock protects the rest; steps may come from several threads. The gate stops the first page of a
 * walk: GATE_REACHED while somebody stands there.
 */
enum gate {
	GATE_AWAY,
	GATE_CLOSED,
	GATE_REACHED
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t gate_moved;
	enum gate gate;
	bool armed;
	bool hit;
	enum fault_mode mode;
	uint64_t n;
	char what[96];
	uint64_t bytes[ALLOC_NR];
	struct config configs[MAX_CONFIGS];
	unsigned int nr_configs;
} faults = {.lock = PTHREAD_MUTEX_INITIALIZER, .gate_moved = PTHREAD_COND_INITIALIZER};

/* ---- what may be lost ---- */

static bool is_destroy(uint32_t cmd)
{
	return cmd == UVC_CMD_DESTROY_SEC_CONF || cmd == UVC_CMD_DESTROY_SEC_CPU;
}

static struct config *config_of(uint64_t handle)
{
	for (unsigned int i = 0; i < faults.nr_configs; i++) {
		if (faults.configs[i].handle == handle)
			return &faults.configs[i];
	}
	if (faults.nr_configs == MAX_CONFIGS)
		return &faults.configs[MAX_CONFIGS - 1];
	faults.configs[faults.nr_configs].handle = handle;
	return &faults.configs[faults.nr_configs++];
}

/*
 * A destroy that is not refused takes back what an earlier refusal meant; but what is gone cannot
 * be destroyed again, so a lie stays.
 */
static void note_destroy(uint32_t cmd, uint64_t handle, bool fails, bool lies)
{
	struct config *c;

	if (!is_destroy(cmd))
		return;
	c = config_of(handle);
	if (cmd == UVC_CMD_DESTROY_SEC_CPU) {
		c->cpus += fails;
		c->lied_cpus += lies;
	} else if (!c->lied) {
		c->refused = fails;
		c->lied = lies;
	}
}

struct fault_leaks faults_leaks(void)
{
	struct fault_leaks leaks = {0};

	pthread_mutex_lock(&faults.lock);
	for (unsigned int i = 0; i < faults.nr_configs; i++) {
		const struct config *c = &faults.configs[i];

		leaks.configs += c->refused || c->cpus > c->lied_cpus;
		leaks.unknown += c->lied;
		leaks.cpus += c->cpus;
		leaks.unknown_cpus += c->lied_cpus;
	}
	pthread_mutex_unlock(&faults.lock);
	return leaks;
}

uint64_t faults_bytes(unsigned int kind)
{
	uint64_t bytes;

	pthread_mutex_lock(&faults.lock);
	bytes = faults.bytes[kind];
	pthread_mutex_unlock(&faults.lock);
	return bytes;
}

/* ---- which step ---- */

/* A lost wake-up makes a CPU sleep for ever: no error, and nothing to check afterwards. */
static bool can_hit(enum inject_point point, uint32_t detail)
{
	switch (faults.mode) {
	case FAULT_FAIL:
		return point != INJECT_WAKE;
	case FAULT_LIE:
		return point == INJECT_UVC && is_destroy(detail);
	case FAULT_UNDO:
		return point == INJECT_UVC && detail == UVC_CMD_CREATE_SEC_CONF;
	case FAULT_BUSY:
	case FAULT_PARTIAL:
		return point == INJECT_UVC;
	}
	return false;
}

static struct inject_outcome answer(void)
{
	switch (faults.mode) {
	case FAULT_BUSY:
		return (struct inject_outcome){.cc = UV_CC_BUSY};
	case FAULT_PARTIAL:
		return (struct inject_outcome){.cc = UV_CC_PARTIAL};
	case FAULT_LIE:
		return (struct inject_outcome){
			.cc = UV_CC_ERROR, .rc = INJECTED_RC, .perform = true};
	case FAULT_UNDO:
		return (struct inject_outcome){.cc = UV_CC_ERROR,
					       .rc = INJECTED_RC | UVC_RC_NEED_DESTROY,
					       .perform = true};
	case FAULT_FAIL:
		break;
	}
	return (struct inject_outcome){.cc = UV_CC_ERROR, .rc = INJECTED_RC};
}

static void remember(enum inject_point point, uint32_t detail, uint64_t subject)
{
	static const char *const names[] = {
		[INJECT_UVC] = "uvc",
		[INJECT_ALLOC] = "alloc",
		[INJECT_COPY_FROM] = "copy-from",
		[INJECT_COPY_TO] = "copy-to",
		[INJECT_WAKE] = "wake",
		[INJECT_DESTROY_PAGE] = "destroy-page",
	};

	snprintf(faults.what, sizeof(faults.what), "%s %#x %#lx", names[point], detail, subject);
}

static bool step(enum inject_point point, uint32_t detail, uint64_t subject,
		 struct inject_outcome *outcome)
{
	bool fails = faults.armed && !faults.hit && can_hit(point, detail) && !--faults.n;
	bool again = faults.mode == FAULT_BUSY || faults.mode == FAULT_PARTIAL;

	if (point == INJECT_ALLOC && detail < ALLOC_NR)
		faults.bytes[detail] = subject;
	if (fails) {
		faults.hit = true;
		remember(point, detail, subject);
		if (outcome)
			*outcome = answer();
	}
	if (point == INJECT_UVC && !(fails && again))
		note_destroy(detail, subject, fails, fails && faults.mode == FAULT_LIE);
	return fails;
}

/* ---- the gate ---- */

static void move_gate(enum gate gate)
{
	faults.gate = gate;
	pthread_cond_broadcast(&faults.gate_moved);
}

static void pass_gate(void)
{
	if (faults.gate != GATE_CLOSED)
		return;
	move_gate(GATE_REACHED);
	while (faults.gate == GATE_REACHED)
		pthread_cond_wait(&faults.gate_moved, &faults.lock);
}

void faults_gate_close(void)
{
	pthread_mutex_lock(&faults.lock);
	move_gate(GATE_CLOSED);
	pthread_mutex_unlock(&faults.lock);
}

void faults_gate_wait(void)
{
	pthread_mutex_lock(&faults.lock);
	while (faults.gate == GATE_CLOSED)
		pthread_cond_wait(&faults.gate_moved, &faults.lock);
	pthread_mutex_unlock(&faults.lock);
}

void faults_gate_open(void)
{
	pthread_mutex_lock(&faults.lock);
	move_gate(GATE_AWAY);
	pthread_mutex_unlock(&faults.lock);
}

static bool hook(enum inject_point point, uint32_t detail, uint64_t subject,
		 struct inject_outcome *outcome)
{
	bool fails;

	pthread_mutex_lock(&faults.lock);
	if (point == INJECT_DESTROY_PAGE)
		pass_gate();
	fails = step(point, detail, subject, outcome);
	pthread_mutex_unlock(&faults.lock);
	return fails;
}

void faults_arm(enum fault_mode mode, uint64_t n)
{
	pthread_mutex_lock(&faults.lock);
	faults.armed = true;
	faults.hit = false;
	faults.mode = mode;
	faults.n = n;
	faults.nr_configs = 0;
	faults.what[0] = '\0';
	for (unsigned int i = 0; i < MAX_CONFIGS; i++)
		faults.configs[i] = (struct config){0};
	for (unsigned int kind = 0; kind < ALLOC_NR; kind++)
		faults.bytes[kind] = 0;
	pthread_mutex_unlock(&faults.lock);
	atomic_store(&inject_hook, hook);
}

void faults_disarm(void)
{
	pthread_mutex_lock(&faults.lock);
	faults.armed = false;
	pthread_mutex_unlock(&faults.lock);
}

void faults_stop(void)
{
	faults_disarm();
	atomic_store(&inject_hook, NULL);
}

bool faults_hit(void)
{
	bool hit;

	pthread_mutex_lock(&faults.lock);
	hit = faults.hit;
	pthread_mutex_unlock(&faults.lock);
	return hit;
}

const char *faults_what(void)
{
	return faults.what;
}
