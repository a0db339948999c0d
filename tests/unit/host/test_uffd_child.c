// SPDX-License-Identifier: GPL-2.0-or-later
/* Traps of a VMM without privileges, and of one that may not have a userfaultfd. */
#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "client/userfault.h"
#include "host/mm_state.h"
#include "host/uffd.h"
#include "tests/life/no_userfaultfd.h"
#include "tests/unit/host/traps_world.h"

#define NOBODY   65534
#define NO_TRAPS 77 /* exit status: this kernel refuses userfaultfds to such a process */

static void drop_privileges(void)
{
	if (geteuid())
		return;
	assert_int_equal(setgroups(0, NULL), 0);
	assert_int_equal(setgid(NOBODY), 0);
	assert_int_equal(setuid(NOBODY), 0);
}

/* ---- the children ---- */

static int write_somewhere(const uint8_t *bytes)
{
	int ends[2];
	ssize_t n;
	int err;

	assert_int_equal(pipe(ends), 0);
	n = write(ends[1], bytes, PAGE_SIZE);
	err = n == (ssize_t)PAGE_SIZE ? 0 : errno;
	close(ends[0]);
	close(ends[1]);
	return err;
}

static void unprivileged_child(void **state)
{
	struct traps_world *w;

	drop_privileges();
	w = tw_create();
	if (!tw_trap(w)) {
		tw_destroy(w);
		exit(NO_TRAPS);
	}
	tw_keep_secret(w, 0);
	tw_keep_secret(w, 3);
	tw_assert_ciphertext(w, 3);
	assert_true(tw_is_zero(tw_page(w, 1), PAGE_SIZE));
	assert_int_equal(tw_import(w, 3), UVC_RC_EXECUTED);
	assert_true(tw_guest_has_secret(w, 3));

	/* The kernel meets holes on behalf of such a process only when they have been filled. */
	assert_int_equal(write_somewhere(tw_page(w, 0)), EFAULT);
	assert_true(tw_guest_has_secret(w, 0));
	assert_int_equal(mm_make_accessible(w->mm, (uintptr_t)w->mem, PAGE_SIZE), 0);
	assert_int_equal(write_somewhere(tw_page(w, 0)), 0);
	tw_assert_ciphertext(w, 0);
	tw_destroy(w);
}

static void forbidden_child(void **state)
{
	struct traps_world *w;

	drop_privileges();
	assert_int_equal(forbid_userfaultfd(false), 0);
	assert_int_equal(userfault_create(), -1);
	assert_int_equal(errno, EPERM);
	w = tw_create();
	assert_false(tw_trap(w));
	assert_false(mm_traps_active(w->mm));
	tw_keep_secret(w, 3);
	assert_true(tw_is_zero(tw_page(w, 3), PAGE_SIZE));
	assert_int_equal(write_somewhere(tw_page(w, 3)), 0);
	assert_true(tw_guest_has_secret(w, 3));
	assert_int_equal(mm_make_accessible(w->mm, (uintptr_t)tw_page(w, 3), PAGE_SIZE), 0);
	tw_assert_ciphertext(w, 3);
	assert_int_equal(tw_import(w, 3), UVC_RC_EXECUTED);
	assert_true(tw_guest_has_secret(w, 3));
	tw_destroy(w);
}

/* ---- the parent ---- */

/* A fresh program: no thread of the parent is missing there. Return: its exit status */
static int run_child(const char *name)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		dup2(STDERR_FILENO, STDOUT_FILENO); /* the parent's report is on stdout */
		execl("/proc/self/exe", "child", name, NULL);
		_exit(126);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void unprivileged_vmm_gets_ciphertext(void **state)
{
	int status = run_child("unprivileged");

	if (status == NO_TRAPS)
		skip();
	assert_int_equal(status, 0);
}

static void forbidden_userfaultfd_means_holes(void **state)
{
	assert_int_equal(run_child("forbidden"), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest unprivileged[] = {cmocka_unit_test(unprivileged_child)};
	const struct CMUnitTest forbidden[] = {cmocka_unit_test(forbidden_child)};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unprivileged_vmm_gets_ciphertext),
		cmocka_unit_test(forbidden_userfaultfd_means_holes),
	};

	if (argc > 1 && strcmp(argv[1], "unprivileged") == 0)
		return cmocka_run_group_tests(unprivileged, NULL, NULL);
	if (argc > 1)
		return cmocka_run_group_tests(forbidden, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
