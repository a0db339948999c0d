// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What does an ioctl cost? The round trip of the cheapest one beside a bare round trip of messages
 * as large, over the same kind of socket between two processes on the same CPUs.
 */
#include <err.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/guest.h"
#include "bench/place.h"
#include "bench/report.h"
#include "client/protocol.h"
#include "client/wire.h"

#define ROUNDS 9U

/** struct peer - a process that sends back what it gets */
struct peer {
	pid_t pid;
	int fd;
};

/* A descriptor that comes along is looked at and closed, as a machine does. */
static void echo(int fd)
{
	struct protvirt_message m;
	uint64_t cookie;
	socklen_t len;
	int passed;

	while (!wire_recv(fd, &m, NULL, 0, &passed, 0)) {
		if (passed >= 0) {
			len = sizeof(cookie);
			getsockopt(passed, SOL_SOCKET, SO_COOKIE, &cookie, &len);
			close(passed);
		}
		if (wire_send(fd, &m, NULL, WIRE_NO_FD, 0))
			break;
	}
}

static void peer_start(struct peer *p)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		err(1, "socketpair");
	p->pid = fork();
	if (p->pid < 0)
		err(1, "fork");
	if (!p->pid) {
		close(pair[0]);
		echo(pair[1]);
		_exit(0);
	}
	close(pair[1]);
	p->fd = pair[0];
}

static void peer_stop(struct peer *p)
{
	close(p->fd);
	waitpid(p->pid, NULL, 0);
}

static double round_trip(const struct peer *p, int pass)
{
	static struct samples s;
	int passed;

	s.n = 0;
	for (unsigned int i = 0; i < EMPTY_CALLS; i++) {
		struct protvirt_message m = {.seq = i};
		uint64_t start = now_ns();

		if (wire_send(p->fd, &m, NULL, pass, 0) ||
		    wire_recv(p->fd, &m, NULL, 0, &passed, 0))
			errx(1, "round trip");
		samples_add(&s, seconds_since(start));
	}
	return samples_median(&s);
}

static unsigned int machine_cpu;

static void measure(const char *model)
{
	static struct samples call, bare, passing;
	const char *place = machine_cpu ? "other CPU" : "same CPU";
	struct life l;
	struct peer p;

	peer_start(&p);
	place_thread(0, 0);
	guest_create(&l, 16 * MIB);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		report_progress("%s, %u of %u", place, i + 1, ROUNDS);
		samples_add(&call, 1e6 * guest_empty_ioctl(&l, EMPTY_CALLS));
		samples_add(&bare, 1e6 * round_trip(&p, WIRE_NO_FD));
		samples_add(&passing, 1e6 * round_trip(&p, l.vm));
	}
	life_close(&l);
	peer_stop(&p);
	report_row(&(struct result){
		.model = model,
		.what = "KVM_CHECK_EXTENSION",
		.figure = &call,
		.unit = "us",
		.limit = &bare,
		.limit_name = "a seqpacket round trip",
		.aim = AIM_AT_MOST,
		.target = 1.3,
		.place = place,
	});
	report_row(&(struct result){
		.model = "",
		.what = "a round trip with a descriptor",
		.figure = &passing,
		.unit = "us",
		.limit = &bare,
		.limit_name = "a seqpacket round trip",
		.place = place,
	});
}

int main(int argc, char **argv)
{
	report_open("ioctl", "what does an ioctl cost?", argc, argv);
	for (; machine_cpu < 2 && machine_cpu < place_count(); machine_cpu++) {
		place_thread(0, machine_cpu);
		bench_on_machine("z17", measure);
	}
	bench_machines_done();
	return report_close();
}
