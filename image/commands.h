/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of the image tools, as the protvirt binary offers them. */
#ifndef IMAGE_COMMANDS_H
#define IMAGE_COMMANDS_H

/**
 * cmd_image() - protvirt image create|info: make and check Secure Execution images
 * @argv: argv[0] is the command's name, argv[1] the verb
 *
 * Return: the exit status: 0 done or valid, 1 failed or not valid (a line on standard error says
 * why), 2 wrong use.
 */
int cmd_image(int argc, char **argv);

/**
 * cmd_host_key() - protvirt host-key create: make a machine's key pair and its document
 * @argv: argv[0] is the command's name, argv[1] the verb
 *
 * Return: the exit status, as above.
 */
int cmd_host_key(int argc, char **argv);

#endif
