// SPDX-License-Identifier: GPL-2.0-or-later
/* A machine process with the test device: `machine --private-fd N` or `machine --listen PATH`. */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/alloc.h"
#include "host/file.h"
#include "host/mm.h"
#include "host/mm_state.h"
#include "host/server.h"
#include "host/task.h"
#include "protvirt/kvm.h"
#include "test_device.h"

/* What happened, in order, for the verb "events": g: an address space went, r: a file was released
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static char events[4096];
static size_t nr_events;
static uint64_t nr_released;
static uint64_t nr_made;
static bool go;

struct dev_file {
	struct mmu_notifier notifier;
	struct mm *mm;
	int memfd;
	struct dev_page *page;
	struct task *sleeper;
	struct mm_segment *segs;
	size_t n;
	bool slow;
};

static void note(char what)
{
	pthread_mutex_lock(&lock);
	if (nr_events < sizeof(events) - 1)
		events[nr_events++] = what;
	nr_released += what == 'r';
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void mm_gone(struct mmu_notifier *n, struct mm *mm)
{
	note('g');
}

static void dev_release(struct file *file)
{
	struct dev_file *f = file_private(file);

	pthread_mutex_lock(&lock);
	while (f->slow && !go)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	mmu_notifier_unregister(&f->notifier);
	mm_put_segments(f->segs, f->n);
	munmap(f->page, 4096);
	close(f->memfd);
	mmdrop(f->mm);
	host_free(f);
	pthread_mutex_lock(&lock);
	nr_made--;
	pthread_mutex_unlock(&lock);
	note('r');
}

static long dev_sleep(struct dev_file *f)
{
	struct task *t = current_task();
	uint32_t key = task_prepare_sleep(t);

	pthread_mutex_lock(&lock);
	f->sleeper = t;
	pthread_mutex_unlock(&lock);
	atomic_fetch_add(&f->page->asleep, 1);
	syscall(SYS_futex, &f->page->asleep, FUTEX_WAKE, 100, NULL, NULL, 0);
	return task_sleep(t, key, TASK_FOREVER);
}

static long dev_wake(struct dev_file *f)
{
	pthread_mutex_lock(&lock);
	task_wake(f->sleeper);
	pthread_mutex_unlock(&lock);
	return 0;
}

static long dev_copy(uint64_t arg)
{
	struct dev_copy c;
	uint8_t *bytes;
	long ret = 0;

	if (copy_from_user(&c, arg, sizeof(c)))
		return -EFAULT;
	bytes = malloc(c.len);
	if (!bytes)
		return -ENOMEM;
	if (copy_from_user(bytes, c.from, c.len) || copy_to_user(c.to, bytes, c.len))
		ret = -EFAULT;
	free(bytes);
	return ret;
}

static long dev_inc(uint64_t arg)
{
	int value;

	if (copy_from_user(&value, arg, sizeof(value)))
		return -EFAULT;
	value++;
	return copy_to_user(arg, &value, sizeof(value));
}

static long dev_get(uint64_t arg)
{
	int value = 4711;

	return copy_to_user(arg, &value, sizeof(value));
}

static long dev_tail(uint64_t arg)
{
	int value = 4711;

	return copy_to_user(arg + offsetof(struct dev_make, fd), &value, sizeof(value));
}

static long dev_share(struct dev_file *f, uint64_t arg)
{
	struct dev_range r;
	int err;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	mm_put_segments(f->segs, f->n);
	f->segs = NULL;
	f->n = 0;
	err = mm_share_range(f->mm, r.uva, r.len, &f->segs, &f->n);
	if (err)
		return err;
	r.segments = (uint32_t)f->n;
	return copy_to_user(arg, &r, sizeof(r));
}

static long dev_peek(struct dev_file *f, uint64_t arg)
{
	struct dev_range r;
	size_t i = 0;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	while (i < f->n && r.uva >= f->segs[i].len)
		r.uva -= f->segs[i++].len;
	if (i == f->n)
		return -ENXIO;
	memcpy(&r.value, backing_ordinary(f->segs[i].b) + f->segs[i].backing_offset + r.uva,
	       sizeof(r.value));
	return copy_to_user(arg, &r, sizeof(r));
}

static long dev_made_ioctl(struct file *file, unsigned int cmd, uint64_t arg)
{
	struct dev_file *f = file_private(file);

	if (task_mm(current_task()) != f->mm)
		return -EIO;
	switch (cmd) {
	case DEV_SLEEP:
	case KVM_RUN:
		return dev_sleep(f);
	case KVM_SET_SIGNAL_MASK:
		return 0;
	case DEV_WAKE:
		return dev_wake(f);
	case DEV_SHARE:
		return dev_share(f, arg);
	case DEV_PEEK:
		return dev_peek(f, arg);
	case DEV_SLOW:
		f->slow = true;
		return 0;
	default:
		return -ENOTTY;
	}
}

static int dev_mmap(struct file *file, uint64_t pgoff, size_t len, int *memfd, off_t *offset)
{
	struct dev_file *f = file_private(file);

	if (pgoff || len > 4096)
		return -EINVAL;
	*memfd = f->memfd;
	*offset = 0;
	return 0;
}

static const struct file_operations made_fops = {
	.ioctl = dev_made_ioctl,
	.mmap = dev_mmap,
	.release = dev_release,
};

static struct file *make_file(void)
{
	struct dev_file *f = host_zalloc(sizeof(*f));
	struct file *file = file_create("made", &made_fops, f);

	if (!file) {
		host_free(f);
		return NULL;
	}
	f->memfd = memfd_create("dev-page", MFD_CLOEXEC);
	if (ftruncate(f->memfd, 4096))
		abort();
	f->page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f->memfd, 0);
	f->mm = task_mm(current_task());
	mmgrab(f->mm);
	f->notifier.release = mm_gone;
	if (mmu_notifier_register(&f->notifier, f->mm))
		abort();
	pthread_mutex_lock(&lock);
	nr_made++;
	pthread_mutex_unlock(&lock);
	return file;
}

static long dev_make(unsigned int cmd, uint64_t arg)
{
	struct file *file = make_file();

	if (!file)
		return -errno;
	if (cmd == DEV_MAKE_AT)
		return task_return_file_at(file, arg + offsetof(struct dev_make, fd));
	return task_return_file(file);
}

static long dev_released(uint64_t n)
{
	pthread_mutex_lock(&lock);
	while (nr_released < n)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	return 0;
}

static long dev_count(void)
{
	long n;

	pthread_mutex_lock(&lock);
	n = (long)nr_released;
	pthread_mutex_unlock(&lock);
	return n;
}

static long dev_sched(uint64_t arg)
{
	struct dev_sched s = {
		.policy = sched_getscheduler(0),
		.nice = getpriority(PRIO_PROCESS, 0),
	};
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		return -errno;
	s.cpus = (uint32_t)CPU_COUNT(&cpus);
	while (!CPU_ISSET(s.cpu, &cpus))
		s.cpu++;
	return copy_to_user(arg, &s, sizeof(s));
}

static long dev_ioctl(struct file *file, unsigned int cmd, uint64_t arg)
{
	switch (cmd) {
	case DEV_MAKE:
	case DEV_MAKE_AT:
		return dev_make(cmd, arg);
	case DEV_INC:
		return dev_inc(arg);
	case DEV_GET:
		return dev_get(arg);
	case DEV_TAIL:
		return dev_tail(arg);
	case DEV_COPY:
		return dev_copy(arg);
	case DEV_RELEASED:
		return dev_released(arg);
	case DEV_KICKED:
		return signal_pending(current_task());
	case DEV_COUNT:
		return dev_count();
	case DEV_FOLLOW:
		task_follow_client();
		return dev_sched(arg);
	case DEV_SCHED:
		return dev_sched(arg);
	default:
		return -EINVAL;
	}
}

static const struct file_operations dev_fops = {.ioctl = dev_ioctl};

static struct file *dev_open(void *context)
{
	return file_create("kvm", &dev_fops, NULL);
}

static bool idle(void *context)
{
	bool yes;

	pthread_mutex_lock(&lock);
	yes = !nr_made;
	pthread_mutex_unlock(&lock);
	return yes;
}

static int answer_events(void *context, const char *args, FILE *out)
{
	pthread_mutex_lock(&lock);
	fputs(events, out);
	pthread_mutex_unlock(&lock);
	return 0;
}

static int answer_go(void *context, const char *args, FILE *out)
{
	pthread_mutex_lock(&lock);
	go = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	return 0;
}

static int answer_status(void *context, const char *args, FILE *out)
{
	struct host_stats stats;

	host_get_stats(&stats);
	fprintf(out, "{\"processes\":%lu,\"tasks\":%lu,\"files\":%lu}", stats.processes,
		stats.tasks, stats.files);
	return 0;
}

static int answer_echo(void *context, const char *args, FILE *out)
{
	for (int i = 0; i < 20000; i++)
		fputs(args, out);
	return -EXFULL;
}

static const struct host_verb verbs[] = {
	{.name = "events", .answer = answer_events},
	{.name = "go", .answer = answer_go},
	{.name = "status", .answer = answer_status},
	{.name = "echo", .answer = answer_echo},
	{0},
};

int main(int argc, char **argv)
{
	struct mm_limits limits = {.files = 16, .tasks = 16, .backings = 16};
	struct host_server_params p = {
		.private_fd = -1,
		.storage = storage_create(),
		.open = dev_open,
		.idle = idle,
		.verbs = verbs,
		.debuggable = true,
	};
	struct storage_stats stats;

	if (argc == 4 && strcmp(argv[2], "--listen") == 0)
		p.listen_path = argv[3];
	else if (argc == 4 && strcmp(argv[2], "--private-fd") == 0)
		p.private_fd = (int)strtol(argv[3], NULL, 10);
	else
		return 2;
	if (p.listen_path)
		p.limits = &limits;
	if (host_serve(&p)) {
		storage_destroy(p.storage);
		return 1;
	}
	storage_get_stats(p.storage, &stats);
	storage_destroy(p.storage);
	return stats.backings || host_alloc_live() ? 3 : 0;
}
