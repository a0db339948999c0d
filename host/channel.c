// SPDX-License-Identifier: GPL-2.0-or-later
/* Channels: the machine's end of a VMM thread. */
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/wire.h"
#include "host/alloc.h"
#include "host/server_state.h"

/* ---- death ---- */

/* The VMM's thread died, or it was us who wrote the word. Context: ch->lock held */
static void note_death_locked(struct channel *ch)
{
	if (!ch->killed && (atomic_load(ch->word) & TASK_DEAD))
		ch->died = true;
}

bool channel_died(struct channel *ch)
{
	bool died;

	pthread_mutex_lock(&ch->lock);
	note_death_locked(ch);
	died = ch->died;
	pthread_mutex_unlock(&ch->lock);
	return died;
}

bool channel_lives(struct channel *ch)
{
	bool lives;

	pthread_mutex_lock(&ch->lock);
	note_death_locked(ch);
	lives = !ch->died && !ch->killed;
	pthread_mutex_unlock(&ch->lock);
	return lives && !atomic_load(&ch->done);
}

/*
 * From now on the word is ours alone, and says dead: the VMM could take back what we write to a
 * page that it shares, and does when its thread gives up the channel. Walks keep looking at the
 * same address; to them the exchange of the page is one atomic store, which is why the page is
 * written first and moved there then. Without memory for it the word is only written, see task_kill().
 */
static void take_word_away(struct channel *ch)
{
	uint8_t *page = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			     -1, 0);

	if (page == MAP_FAILED)
		return;
	atomic_store((_Atomic uint32_t *)(page + PROTVIRT_STOP_LOCK), TASK_DEAD);
	if (mremap(page, PAGE_SIZE, PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, ch->page) ==
	    MAP_FAILED)
		munmap(page, PAGE_SIZE);
}

/* Its thread may wait for the VMM in a send or receive: those end as well. */
void channel_kill(struct channel *ch)
{
	pthread_mutex_lock(&ch->lock);
	note_death_locked(ch);
	if (!ch->killed)
		take_word_away(ch);
	ch->killed = true;
	if (ch->t)
		task_kill(ch->t);
	shutdown(ch->source.fd, SHUT_RDWR);
	pthread_mutex_unlock(&ch->lock);
}

/* Only the hang-up is waited for here; the channel's thread reads. */
static void channel_ready(struct source *source, uint32_t events)
{
	struct channel *ch = (struct channel *)source;

	channel_kill(ch);
	epoll_ctl(source->p->epoll, EPOLL_CTL_DEL, source->fd, NULL);
}

void channel_kick(struct channel *ch, uint64_t seq)
{
	pthread_mutex_lock(&ch->lock);
	if (seq > ch->kick_seq)
		ch->kick_seq = seq;
	if (ch->t && ch->running == seq)
		task_kick(ch->t);
	pthread_mutex_unlock(&ch->lock);
}

/* ---- life ---- */

static bool is_our_kind(int fd)
{
	int type = 0, domain = 0;
	socklen_t len = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
	       type == SOCK_SEQPACKET && domain == AF_UNIX;
}

/* Sealed, so that the VMM cannot take it away under us. */
static int make_page(struct channel *ch)
{
	int fd = memfd_create("protvirt-stop", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	ch->page_fd = fd;
	if (fd < 0)
		return -EMFILE;
	if (ftruncate(fd, PAGE_SIZE) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		return -ENOMEM;
	ch->page = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ch->page == MAP_FAILED) {
		ch->page = NULL;
		return -ENOMEM;
	}
	ch->word = (_Atomic uint32_t *)((uint8_t *)ch->page + PROTVIRT_STOP_LOCK);
	return 0;
}

static void channel_free(struct channel *ch)
{
	if (ch->page)
		munmap(ch->page, PAGE_SIZE);
	if (ch->page_fd >= 0)
		close(ch->page_fd);
	close(ch->source.fd);
	pthread_mutex_destroy(&ch->lock);
	host_free(ch);
}

static void refuse(int fd, int err)
{
	struct protvirt_message m = {.type = PROTVIRT_GREETING, .result = err};

	wire_send(fd, &m, NULL, WIRE_NO_FD, MSG_DONTWAIT);
}

static int start(struct process *p, struct channel *ch)
{
	int err = make_page(ch);

	if (err)
		return err;
	ch->t = task_create(p->mm, ch->word);
	if (!ch->t)
		return -ENOMEM;
	ch->t->transport = ch;
	pthread_mutex_lock(&p->lock);
	err = pthread_create(&ch->thread, NULL, call_main, ch) ? -ENOMEM : 0;
	if (!err) {
		LIST_INSERT_HEAD(&p->channels, ch, link);
		p->nr_channels++;
		source_add(&ch->source, EPOLLRDHUP); /* fails: its own thread sees the end */
	}
	pthread_mutex_unlock(&p->lock);
	if (err)
		task_destroy(ch->t);
	return err;
}

void channel_create(struct process *p, int fd, uint64_t number)
{
	const struct mm_limits *limits = &p->server->limits;
	bool full = limits->tasks && p->nr_channels >= limits->tasks;
	struct channel *ch = full || !is_our_kind(fd) ? NULL : host_zalloc(sizeof(*ch));
	int err;

	if (!ch) {
		refuse(fd, full ? -EMFILE : -ENOMEM);
		close(fd);
		return;
	}
	ch->source = (struct source){.fd = fd, .p = p, .ready = channel_ready};
	ch->number = number;
	ch->page_fd = -1;
	pthread_mutex_init(&ch->lock, NULL);
	err = start(p, ch);
	if (!err)
		return;
	refuse(fd, err);
	channel_free(ch);
}

void channel_join(struct channel *ch)
{
	pthread_join(ch->thread, NULL);
	epoll_ctl(ch->source.p->epoll, EPOLL_CTL_DEL, ch->source.fd, NULL);
	channel_free(ch);
}
