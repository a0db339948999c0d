/* SPDX-License-Identifier: MIT */
/* Private machines. */
#ifndef CLIENT_LAUNCH_H
#define CLIENT_LAUNCH_H

/**
 * launch_machine() - start a machine for this process alone
 *
 * The program is what the environment variable PROTVIRT_PROGRAM names, else `protvirt` beside the
 * calling program, else the installed one. It runs in a session of its own, is not our child once
 * it serves, and inherits no descriptor but its end of the socket and stderr.
 *
 * Return: our end of its control socket, or -1 and errno: ENOENT (no such program), EMFILE, EAGAIN,
 * EIO (it ended, and said on stderr why).
 */
int launch_machine(void);

#endif
