// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/file_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

static int read_all(int fd, uint8_t *bytes, size_t len)
{
	while (len) {
		ssize_t n = read(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -EIO; /* it became shorter meanwhile */
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static int read_fd(int fd, const char *path, struct file_data *out, struct image_error *err)
{
	struct stat st;
	int rc;

	if (fstat(fd, &st))
		return image_fail(err, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return image_fail(err, -EINVAL, "%s: not a regular file", path);
	if ((size_t)st.st_size > FILE_IO_MAX)
		return image_fail(err, -EFBIG, "%s: larger than %lu MiB", path, FILE_IO_MAX >> 20);
	out->len = (size_t)st.st_size;
	out->bytes = malloc(out->len ? out->len : 1);
	if (!out->bytes)
		return image_fail(err, -ENOMEM, "%s: no memory for %zu bytes", path, out->len);
	rc = read_all(fd, out->bytes, out->len);
	if (rc) {
		file_free(out);
		return image_fail(err, rc, "%s: %s", path, strerror(-rc));
	}
	return 0;
}

int file_read(const char *path, struct file_data *out, struct image_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	*out = (struct file_data){0};
	if (fd < 0)
		return image_fail(err, -errno, "%s: %s", path, strerror(errno));
	rc = read_fd(fd, path, out, err);
	close(fd);
	return rc;
}

int file_read_exact(const char *path, void *out, size_t len, struct image_error *err)
{
	struct file_data f;
	int rc = file_read(path, &f, err);

	if (rc)
		return rc;
	if (f.len == len)
		memcpy(out, f.bytes, len);
	else
		rc = image_fail(err, -EINVAL, "%s: %zu bytes, exactly %zu needed", path, f.len,
				len);
	file_free(&f);
	return rc;
}

void file_free(struct file_data *f)
{
	if (f->bytes)
		OPENSSL_cleanse(f->bytes, f->len);
	free(f->bytes);
	*f = (struct file_data){0};
}

static int write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

/* link() and not rename(): only the former refuses a name that came into being meanwhile. */
static int publish(const char *temporary, const char *path, bool overwrite)
{
	if (overwrite)
		return rename(temporary, path) ? -errno : 0;
	if (link(temporary, path))
		return -errno;
	unlink(temporary);
	return 0;
}

static int write_temporary(int fd, const char *temporary, const char *path, const void *bytes,
			   size_t len, mode_t mode, bool overwrite)
{
	int rc = write_all(fd, bytes, len);

	if (!rc && (fchmod(fd, mode) || fsync(fd)))
		rc = -errno;
	if (close(fd) && !rc)
		rc = -errno;
	if (!rc)
		rc = publish(temporary, path, overwrite);
	if (rc)
		unlink(temporary);
	return rc;
}

int file_write(const char *path, const void *bytes, size_t len, mode_t mode, bool overwrite,
	       struct image_error *err)
{
	char *temporary = NULL;
	int fd, rc;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return image_fail(err, -ENOMEM, "%s: out of memory", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	rc = fd < 0 ? -errno : write_temporary(fd, temporary, path, bytes, len, mode, overwrite);
	free(temporary);
	if (rc == -EEXIST)
		return image_fail(err, rc, "%s: exists already", path);
	return rc ? image_fail(err, rc, "%s: %s", path, strerror(-rc)) : 0;
}
