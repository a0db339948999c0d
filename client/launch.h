/* SPDX-License-Identifier: MIT */
/* Private machines. */
#ifndef CLIENT_LAUNCH_H
#define CLIENT_LAUNCH_H

/**
 * launch_machine() - start a machine for this process alone
 *
 * The program is what the environment variable PROTVIRT_PROGRAM names, else `protvirt` beside the
 * calling program, else the installed one. It runs in a session of its own, is nobody's child,
 * and inherits no descriptor but its end of the socket and stderr.
 *
 * Return: our end of its control socket, or -1 and errno: ENOENT, EMFILE, EAGAIN.
 */
int launch_machine(void);

#endif
