/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs of `protvirt image`; argv[0] is the verb. Return: the exit status. */
#ifndef IMAGE_CMD_IMAGE_H
#define IMAGE_CMD_IMAGE_H

int image_create_verb(int argc, char **argv);
int image_info_verb(int argc, char **argv);

#endif
