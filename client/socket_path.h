/* SPDX-License-Identifier: MIT */
/* Where machines listen. */
#ifndef CLIENT_SOCKET_PATH_H
#define CLIENT_SOCKET_PATH_H

#include <stddef.h>

/**
 * socket_path_dir() - the user's directory for sockets of private machines
 *
 * $XDG_RUNTIME_DIR/protvirt, else /tmp/protvirt-UID. Made if it is not there; must be a directory
 * of this user alone.
 *
 * Return: 0; -EACCES: it belongs to or can be written by somebody else; another -errno.
 */
int socket_path_dir(char *dir, size_t room);

/**
 * socket_path_connect() - connect to a machine
 * Return: a socket (close-on-exec), or -1 and errno.
 */
int socket_path_connect(const char *path);

#endif
