// SPDX-License-Identifier: GPL-2.0-or-later
/* Lives of owner indices. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "page_world.h"
#include "storage/inject.h"

static int set_up(void **state)
{
	*state = world_create(1);
	return 0;
}

static int tear_down(void **state)
{
	atomic_store(&inject_hook, NULL);
	world_destroy(*state);
	return 0;
}

static int (*fail_random)(void *, void *, size_t);

static int no_random(void *machine, void *buf, size_t len)
{
	return -EIO;
}

static struct uv_owner *create(struct world *w)
{
	static const uint8_t uid[16];
	struct uv_owner_params params = {
		.asce = 0x9000,
		.uid = uid,
		.records = NULL,
		.random = fail_random ? fail_random : w->pages.ops->random,
	};

	return uv_owner_create(w->pages.owners, &params);
}

static void forget(struct world *w, struct uv_owner *o)
{
	uv_owner_kill(w->pages.owners, o);
	uv_owner_drop(o);
}

static void index_waits_for_frames_and_references(void **state)
{
	struct world *w = *state;
	struct uv_owner *o = w->guests[0].owner;
	uint32_t index = o->index;

	assert_int_equal(uv_page_import(&w->pages, o, 0), 1);
	uv_owner_get(o);
	world_kill(w, 0);
	for (unsigned int i = 0; i < 65535; i++) { /* all others, once */
		struct uv_owner *other = create(w);

		assert_non_null(other);
		assert_int_not_equal(other->index, index);
		forget(w, other);
	}
	assert_ptr_equal(uv_owner_find(w->pages.owners, index), o);
	assert_int_equal(uv_page_destroy(&w->pages, frame_addr(w, 0)), 1);
	uv_owner_drop(o);
	for (unsigned int i = 0; i < 65535; i++) {
		struct uv_owner *other = create(w);
		bool again = other == o;

		assert_non_null(other);
		forget(w, other);
		if (again)
			return;
	}
	fail_msg("index %u never came back", index);
}

static void dead_owner_takes_no_calls(void **state)
{
	struct world *w = *state;
	struct uv_owner *o = uv_owner_get(w->guests[0].owner);

	world_kill(w, 0);
	assert_false(uv_owner_enter(o));
	assert_int_equal(uv_page_import(&w->pages, o, 0), UVC_RC_INV_GHANDLE);
	assert_int_equal(uv_page_share(&w->pages, o, 0), UVC_RC_INV_GHANDLE);
	uv_owner_drop(o);
}

static void cpus_refuse_destroys(void **state)
{
	struct world *w = *state;
	struct uv_owner *o = w->guests[0].owner;

	uv_owner_cpu_get(o);
	uv_owner_cpu_get(o);
	assert_false(uv_owner_enter_destroy(o));
	uv_owner_cpu_put(o);
	assert_false(uv_owner_enter_destroy(o));
	uv_owner_cpu_put(o);
	assert_true(uv_owner_enter_destroy(o));
	uv_owner_leave_destroy(o);
}

static struct {
	pthread_t thread;
	_Atomic bool created;
	bool early;
} cpu;

static void *create_cpu(void *arg)
{
	uv_owner_cpu_get(arg);
	atomic_store(&cpu.created, true);
	return NULL;
}

/* In the middle of a destroy: a CPU is being created, and must not be there before its end */
static void create_cpu_meanwhile(struct world *w)
{
	struct uv_owner *o = w->guests[0].owner;

	w->on_purge = NULL;
	assert_int_equal(pthread_create(&cpu.thread, NULL, create_cpu, o), 0);
	while (!atomic_load(&o->cpus))
		sched_yield();
	for (unsigned int i = 0; i < 1000 && !cpu.early; i++) {
		sched_yield();
		cpu.early = atomic_load(&cpu.created);
	}
}

static void cpu_creation_waits_for_destroys(void **state)
{
	struct world *w = *state;
	struct uv_owner *o = w->guests[0].owner;

	memset(&cpu, 0, sizeof(cpu));
	assert_int_equal(uv_page_import(&w->pages, o, 0), 1);
	w->on_purge = create_cpu_meanwhile;
	assert_int_equal(uv_page_destroy(&w->pages, frame_addr(w, 0)), 1);
	pthread_join(cpu.thread, NULL);
	assert_false(cpu.early);
	assert_int_equal(uv_page_import(&w->pages, o, 0), 1);
	assert_int_equal(uv_page_destroy(&w->pages, frame_addr(w, 0)), 0x106);
	uv_owner_cpu_put(o);
}

static struct {
	pthread_t thread;
	_Atomic bool done;
	bool early;
} kill_scene;

static void *kill_owner(void *arg)
{
	struct world *w = arg;

	uv_owner_kill(w->pages.owners, w->guests[0].owner);
	atomic_store(&kill_scene.done, true);
	return NULL;
}

static void kill_meanwhile(struct world *w)
{
	w->on_purge = NULL;
	assert_int_equal(pthread_create(&kill_scene.thread, NULL, kill_owner, w), 0);
	while (!atomic_load(&w->guests[0].owner->dead))
		sched_yield();
	for (unsigned int i = 0; i < 1000 && !kill_scene.early; i++) {
		sched_yield();
		kill_scene.early = atomic_load(&kill_scene.done);
	}
}

/* The variable storage may be freed when the kill returns: an export still needs it before. */
static void kill_waits_for_exports(void **state)
{
	struct world *w = *state;
	struct uv_owner *o = w->guests[0].owner;
	abs_t variable = w->guests[0].variable;

	memset(&kill_scene, 0, sizeof(kill_scene));
	assert_int_equal(uv_page_import(&w->pages, o, 0), 1);
	w->on_purge = kill_meanwhile;
	assert_int_equal(uv_page_export(&w->pages, frame_addr(w, 0)), 1);
	pthread_join(kill_scene.thread, NULL);
	assert_false(kill_scene.early);
	uv_owner_drop(o);
	storage_undonate(w->st, variable, WORLD_PAGES * UV_RECORD_SIZE);
	storage_free(w->st, variable);
	w->guests[0].owner = NULL;
}

static bool no_memory(enum inject_point point, uint32_t detail, uint64_t subject,
		      struct inject_outcome *outcome)
{
	return point == INJECT_ALLOC;
}

static void failures_make_no_owner(void **state)
{
	struct world *w = *state;

	atomic_store(&inject_hook, no_memory);
	assert_null(create(w));
	assert_int_equal(errno, ENOMEM);
	atomic_store(&inject_hook, NULL);
	fail_random = no_random;
	assert_null(create(w));
	assert_int_equal(errno, EIO);
	fail_random = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(index_waits_for_frames_and_references),
		TEST(dead_owner_takes_no_calls),
		TEST(cpus_refuse_destroys),
		TEST(cpu_creation_waits_for_destroys),
		TEST(kill_waits_for_exports),
		TEST(failures_make_no_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
