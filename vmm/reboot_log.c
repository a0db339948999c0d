// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/reboot_log.h"

#include <errno.h>
#include <stdlib.h>

#include "vmm/json.h"

int reboot_log_open(struct reboot_log *log, const char *path)
{
	*log = (struct reboot_log){0};
	if (path) {
		log->out = fopen(path, "ae");
		if (!log->out)
			return -errno;
	}
	pthread_mutex_init(&log->lock, NULL);
	pthread_cond_init(&log->changed, NULL);
	return 0;
}

static bool background_pending(const struct reboot_log *log)
{
	for (const struct reboot_record *r = log->open; r; r = r->next)
		if (!r->background_done)
			return true;
	return false;
}

int reboot_log_close(struct reboot_log *log)
{
	struct reboot_record *record;
	int rc;

	pthread_mutex_lock(&log->lock);
	while (log->out && background_pending(log))
		pthread_cond_wait(&log->changed, &log->lock);
	pthread_mutex_unlock(&log->lock);
	if (!log->out)
		return 0; /* a PERFORM may still run, and will tell its record */
	while ((record = log->open)) {
		log->open = record->next;
		free(record);
	}
	rc = fclose(log->out) || log->failed ? -EIO : 0;
	log->out = NULL;
	return rc;
}

void reboot_log_machine(struct reboot_log *log, const char *model, uint64_t page_ns)
{
	snprintf(log->model, sizeof(log->model), "%s", model);
	log->page_ns = page_ns;
}

struct reboot_record *reboot_log_add(struct reboot_log *log, const struct reboot_record *record)
{
	struct reboot_record *r = malloc(sizeof(*r));

	if (!r)
		return NULL;
	pthread_mutex_lock(&log->lock);
	*r = *record;
	r->next = log->open;
	log->open = r;
	pthread_mutex_unlock(&log->lock);
	return r;
}

static uint64_t us_between(uint64_t from, uint64_t to)
{
	return to > from ? (to - from) / 1000 : 0;
}

static void put_times(struct json *j, const struct reboot_record *r)
{
	json_number(j, "teardown_us", us_between(r->exit_ns, r->torn_ns));
	json_number(j, "load_us", us_between(r->torn_ns, r->asked_ns));
	json_number(j, "enable_us", us_between(r->asked_ns, r->start.enabled));
	json_number(j, "unpack_us", us_between(r->start.enabled, r->start.unpacked));
	json_number(j, "verify_us", us_between(r->start.unpacked, r->start.verified));
	json_number(j, "start_us", us_between(r->start.verified, r->entry_ns));
	json_number(j, "downtime_us", us_between(r->exit_ns, r->entry_ns));
	json_number(j, "background_us", r->background_ns / 1000);
}

static void write_record(struct reboot_log *log, const struct reboot_record *r)
{
	struct json j;

	json_begin(&j, log->out);
	json_string(&j, "event", "reboot");
	json_bool(&j, "simulated", true);
	json_string(&j, "teardown", r->async ? "async" : "sync");
	json_string(&j, "model", log->model);
	json_bool(&j, "modelled", log->page_ns != 0);
	json_number(&j, "page_uvc_ns", log->page_ns);
	json_number(&j, "reboot", r->number);
	json_number(&j, "memory_bytes", r->memory_bytes);
	json_number(&j, "secure_bytes", r->secure_bytes);
	put_times(&j, r);
	json_number(&j, "destroyed_bytes", r->async ? r->pending_bytes : r->secure_bytes);
	if (*r->fallback)
		json_string(&j, "fallback", r->fallback);
	if (json_finish(&j))
		log->failed = true;
}

/* Context: log->lock held. */
static void complete(struct reboot_log *log, struct reboot_record *record)
{
	struct reboot_record **at = &log->open;

	if (!record->background_done || !record->next_runs)
		return;
	if (log->out)
		write_record(log, record);
	while (*at != record)
		at = &(*at)->next;
	*at = record->next;
	free(record);
}

void reboot_log_background_done(struct reboot_log *log, struct reboot_record *record,
				uint64_t duration_ns)
{
	pthread_mutex_lock(&log->lock);
	record->background_ns = duration_ns;
	record->background_done = true;
	complete(log, record);
	pthread_cond_broadcast(&log->changed);
	pthread_mutex_unlock(&log->lock);
}

void reboot_log_next_runs(struct reboot_log *log, struct reboot_record *record)
{
	pthread_mutex_lock(&log->lock);
	record->next_runs = true;
	complete(log, record);
	pthread_mutex_unlock(&log->lock);
}
