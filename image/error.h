/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why an image operation failed, in one line for whoever called the command. */
#ifndef IMAGE_ERROR_H
#define IMAGE_ERROR_H

/** struct image_error - the line, without newline; names the file, field or value that is wrong */
struct image_error {
	char text[400];
};

/** image_fail() - set the line. Return: @rc, so that callers can return it at once */
__attribute__((format(printf, 3, 4))) int image_fail(struct image_error *err, int rc,
						     const char *format, ...);

#endif
