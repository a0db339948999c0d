/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inside of the socket transport.
 *
 * Threads: the one in host_serve() accepts connections. Each VMM process has an event thread (its
 * sockets' events; never blocks on the VMM), a reaper (end of its address space, release of its
 * files; may take long), watchers of its threads' stop words, and one thread for each of its tasks.
 *
 * Locks, outermost first: server.lock > process.lock > channel.lock > task.lock.
 * server.objects_lock is innermost.
 */
#ifndef HOST_SERVER_STATE_H
#define HOST_SERVER_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/un.h>

#include "client/protocol.h"
#include "host/file.h"
#include "host/mm_state.h"
#include "host/server.h"
#include "host/task_state.h"

struct process;
struct watcher;

#define OBJECT_BUCKETS 1024

/** MAX_CONNECTIONS - that one process may have: each costs threads and descriptors */
#define MAX_CONNECTIONS 64

/**
 * struct source - a descriptor that the event thread waits for
 * @ready: called in the event thread with EPOLL* bits
 */
struct source {
	int fd;
	struct process *p;
	void (*ready)(struct source *source, uint32_t events);
};

/** enum wait_for - what a query waits for */
enum wait_for {
	WAIT_NOTHING,
	WAIT_IDLE,
	WAIT_MM,
	WAIT_VERB, /* until the verb is ready */
};

/**
 * struct control - a control connection
 * @greeted: PROTVIRT_HELLO has come
 * @waiting: the answer to its query is due when this is so
 * @question: WAIT_VERB: what was asked
 */
struct control {
	struct source source;
	LIST_ENTRY(control) link;
	bool greeted;
	enum wait_for waiting;
	char *question;
};

/**
 * struct object - a file's socket
 * @source: our end
 * @cookie: of the other end, which the descriptors stand for
 * @bucket: in server.objects
 * @link: in process.objects
 * @reap: in process.reap
 * @closers: who wants to know of its release; server.objects_lock
 */
struct object {
	struct source source;
	uint64_t cookie;
	struct file *file;
	LIST_ENTRY(object) bucket;
	LIST_ENTRY(object) link;
	STAILQ_ENTRY(object) reap;
	LIST_HEAD(, closer) closers;
};

/**
 * struct closer - a task that closes a descriptor, on its stack
 * @o: the object, NULL: released. server.objects_lock protects it and what follows
 * @retired: its last descriptor is gone
 * @killed: wait no longer
 */
struct closer {
	LIST_ENTRY(closer) link;
	struct server *s;
	struct object *o;
	bool retired;
	bool killed;
};

/**
 * struct channel - a thread of a VMM
 * @source: our end; the event thread looks for its hang-up only
 * @number: the VMM's name for it
 * @thread: runs the requests
 * @lock: protects what follows up to @killed
 * @t: NULL before and after the life of the task
 * @running: number of the request that runs, or 0
 * @kick_seq: the newest request that shall return early
 * @word: stop word, in @page
 * @page: shared with the VMM
 * @page_fd: its memfd until the VMM has been greeted, then -1
 * @died: the VMM's thread ended without saying so
 * @killed: channel_kill() was here, the stop word says nothing more
 * @done: the thread is at its end
 * @watcher: who watches @word, or NULL; process.lock
 * @seq: number of the request
 * @known: cookies of objects whose descriptors came with ioctls, each at its place; 0: none
 * @in: payload received
 * @arg: argument structure of the ioctl
 */
struct channel {
	struct source source;
	LIST_ENTRY(channel) link;
	uint64_t number;
	pthread_t thread;
	pthread_mutex_t lock;
	struct task *t;
	uint64_t running;
	uint64_t kick_seq;
	bool died;
	bool killed;
	_Atomic uint32_t *word;
	void *page;
	int page_fd;
	_Atomic bool done;
	struct watcher *watcher;
	uint64_t seq;
	uint64_t known[PROTVIRT_KNOWN];
	uint8_t in[PROTVIRT_MAX_PAYLOAD];
	uint8_t arg[1 << 14];
};

/** struct event_thread - a process's, to be joined when that is gone */
struct event_thread {
	SLIST_ENTRY(event_thread) link;
	pthread_t thread;
	struct process *p;
};

/**
 * struct process - a VMM's process: its address space, and what it has on this machine
 * @link: server.processes
 * @mm: with a reference; also with a user until @dead
 * @mm_id: who says this belongs to it
 * @peer: process that made the first connection, as we see its number; 0: another namespace
 * @epoll: the event thread's
 * @wakeup: eventfd: look at everything again
 * @events: event thread
 * @reaper: reaper thread
 * @lock: protects what follows
 * @reap_ready: something for the reaper
 * @controls, @channels, @watchers, @objects: all of them
 * @reap: objects whose last descriptor is gone
 * @nr_objects: made and not yet released
 * @nr_channels: their number
 * @greeted: it is a VMM and not a query
 * @starter: it has started this private machine
 * @traps: secure pages trap on touch
 * @dead: its address space is going: no more tasks
 * @had_death: one of its threads died
 * @reap_mm: the reaper shall drop the user of the mm
 * @mm_reaped: it has, and the address space is gone
 * @stop: the reaper shall end
 */
struct process {
	LIST_ENTRY(process) link;
	struct server *server;
	struct mm *mm;
	uint8_t mm_id[PROTVIRT_ID_SIZE];
	pid_t peer;
	int epoll;
	struct source wakeup;
	struct event_thread *events;
	pthread_t reaper;
	pthread_mutex_t lock;
	pthread_cond_t reap_ready;
	LIST_HEAD(, control) controls;
	LIST_HEAD(, channel) channels;
	LIST_HEAD(, watcher) watchers;
	LIST_HEAD(, object) objects;
	STAILQ_HEAD(, object) reap;
	uint64_t nr_objects;
	uint64_t nr_channels;
	bool greeted;
	bool starter;
	bool traps;
	bool dead;
	bool had_death;
	bool reap_mm;
	bool mm_reaped;
	bool stop;
};

/**
 * struct server - the machine process
 * @id: random number of the machine
 * @path: where it listens
 * @epoll, @signals: the accepting thread's
 * @listener: the socket, -1: none
 * @wakeup: eventfd of the accepting thread
 * @query_wakeup: eventfd: a verb that waits may be ready; the accepting thread's
 * @spare: a descriptor to give up when there are no others, so that a connection can be refused
 * @next_object: number of the next object's name
 * @lock: protects what follows
 * @changed: a process has gone
 * @processes: all of them
 * @nr_processes: with those whose thread is at its end
 * @threads: event threads that have ended
 * @live_mms: greeted processes whose address space has users
 * @holes: VMMs without traps since the start
 * @stopping: no more connections
 * @objects_lock: protects @objects and who waits for their release
 * @objects: by cookie
 * @released: a closer has something to see
 */
struct server {
	const struct host_server_params *params;
	struct mm_limits limits;
	uint8_t id[PROTVIRT_ID_SIZE];
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int epoll;
	int signals;
	int listener;
	int wakeup;
	int query_wakeup;
	int spare;
	_Atomic uint64_t next_object;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	LIST_HEAD(, process) processes;
	uint64_t nr_processes;
	SLIST_HEAD(, event_thread) threads;
	uint64_t live_mms;
	uint64_t holes;
	_Atomic bool stopping;
	pthread_mutex_t objects_lock;
	LIST_HEAD(, object) objects[OBJECT_BUCKETS];
	pthread_cond_t released;
};

/* ---- server.c ---- */

/** server_changed() - queries that wait may be answerable now, or it may be time to end */
void server_changed(struct server *s);

/** server_reached() - is it so? WAIT_IDLE: no VMM, VM, configuration or residue is left */
bool server_reached(struct server *s, enum wait_for what);

/**
 * server_take_userfaultfd() - trap host accesses of an address space
 * @fd: what the VMM passed, or WIRE_NO_FD; taken over
 *
 * Return: do secure pages trap? Says once on stderr if they do not.
 */
bool server_take_userfaultfd(struct server *s, struct mm *mm, int fd);

/* ---- process.c ---- */

/** process_create() - serve a new connection; takes over @fd, also on failure. Return: 0 or -errno
 */
int process_create(struct server *s, int fd);

/** process_poke() - let the event thread look at everything. Context: any thread */
void process_poke(struct process *p);

/** process_check_death() - find out whether it has died; before files are released. Event thread */
void process_check_death(struct process *p);

/** hung_up() - is the other end of a connection closed? */
bool hung_up(int fd);

/** process_free() - free the structure. Context: the last reference on its mm is gone */
void process_free(struct process *p);

/** source_add() - have it watched for @events. Return: 0 or -ENOMEM */
int source_add(struct source *source, uint32_t events);

/** source_remove() - not watched any more, closed. Context: the event thread */
void source_remove(struct source *source);

/* ---- reaper.c ---- */

void *reaper_main(void *process);

/* ---- control.c ---- */

/**
 * control_add() - a control connection
 * @fd: taken over, also on failure
 * @greeted: who it is is known
 *
 * Return: 0 or -ENOMEM.
 */
int control_add(struct process *p, int fd, bool greeted);

/** control_drop() - close it. Context: the event thread, process.lock held */
void control_drop(struct control *c);

/** control_answer_waiting() - answer the queries that are due. Context: the event thread */
void control_answer_waiting(struct process *p);

/* ---- query.c ---- */

/**
 * query_run() - answer a question
 * @question: verb, and its arguments after a space
 *
 * Return: what to wait for before the answer; WAIT_NOTHING: it has been sent.
 */
enum wait_for query_run(struct server *s, int fd, const char *question);

/** query_ready() - is what a query waits for reached? If so it has been answered */
bool query_ready(struct server *s, int fd, enum wait_for what, const char *question);

/* ---- object.c ---- */

/**
 * object_create() - give a file a descriptor
 * @file: the reference is taken over, also on failure
 *
 * Return: the descriptor for the VMM, to be closed after it has been sent; -EMFILE, -ENOMEM.
 */
int object_create(struct process *p, struct file *file);

/** object_find_locked() - the object that a received descriptor stands for, or NULL.
 * Context: server.objects_lock held */
struct object *object_find_locked(struct server *s, int fd);

/**
 * object_find() - the file that a received descriptor stands for, with a reference, or NULL
 * @cookie: of the object; only set if there is one
 */
struct file *object_find(struct server *s, int fd, uint64_t *cookie);

/** object_find_known() - the same for an object that was found by its descriptor before */
struct file *object_find_known(struct server *s, uint64_t cookie);

/**
 * closer_begin() - a task is about to give up a descriptor
 * @fd: the descriptor, received from the VMM
 *
 * Return: 0; -EBADF: no object of this machine, and no closer_end() then.
 */
int closer_begin(struct closer *c, struct server *s, int fd);

/**
 * closer_end() - it has been given up: wait for the object's release if it was the last one
 *
 * Context: a task, whose death ends the wait; no locks held.
 */
void closer_end(struct closer *c, struct task *t);

/** object_released() - the file has been put: tell the closers, and free it. Any thread */
void object_released(struct server *s, struct object *o);

/** objects_drop() - the machine ends: close them all. Context: the event thread */
void objects_drop(struct process *p);

/* ---- channel.c ---- */

/** channel_create() - a new thread of the VMM; takes over @fd. Context: the event thread */
void channel_create(struct process *p, int fd, uint64_t number);

/** channel_kick() - request @seq shall return */
void channel_kick(struct channel *ch, uint64_t seq);

/** channel_kill() - the fatal signal: its ioctl ends, then its thread. Any thread */
void channel_kill(struct channel *ch);

/** channel_lives() - the VMM's thread has neither died nor closed it, as far as is known */
bool channel_lives(struct channel *ch);

/** channel_died() - the VMM's thread ended without unlocking its stop word */
bool channel_died(struct channel *ch);

/** channel_join() - free a channel that is done. Context: the event thread */
void channel_join(struct channel *ch);

/* ---- call.c ---- */

/** call_main() - the thread of a channel */
void *call_main(void *channel);

/* ---- ask.c ---- */

/** ask_close() - let the VMM close the descriptor of PROTVIRT_CLOSE. Context: the channel's thread
 */
void ask_close(struct channel *ch);

/** ask_ops - address spaces reached over sockets; a task's transport is its channel */
extern const struct mm_ops ask_ops;

/* ---- watcher.c ---- */

/** watcher_add() - watch the channel's stop word. Failure means: its hang-up has to do */
void watcher_add(struct channel *ch);
void watcher_remove(struct channel *ch);

/** watchers_stop() - end the threads; nothing is watched any more. Context: the event thread */
void watchers_stop(struct process *p);

#endif
