/* Packets with descriptors, and the sealed files that travel as descriptors. */

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kodelab/alloc.h>

#include "core/sandbox/sandbox_int.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* --- packets ---------------------------------------------------------------------------------------------------- */

bool kl_wire_send(int control, const void *packet, size_t len, const int *fds, size_t fd_count)
{
	union {
		char bytes[CMSG_SPACE(WIRE_FD_MAX * sizeof(int))];
		struct cmsghdr align;
	} extra = { .bytes = { 0 } };
	struct iovec part = { .iov_len = len };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	struct cmsghdr *head;
	ssize_t put;

	memcpy(&part.iov_base, &packet, sizeof(packet)); /* sendmsg does not write through it */
	while (fd_count && fds[fd_count - 1] < 0)
		fd_count--;
	if (fd_count) {
		message.msg_control = extra.bytes;
		message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		head = &extra.align;
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
		memcpy(CMSG_DATA(head), fds, fd_count * sizeof(int));
	}
	do
		put = sendmsg(control, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (put < 0 && errno == EINTR);
	return put == (ssize_t)len;
}

ssize_t kl_wire_receive(int control, void *packet, size_t size, int *fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} extra;
	struct iovec part = { packet, size };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = extra.bytes, .msg_controllen = sizeof(extra.bytes)
	};
	struct cmsghdr *head;
	ssize_t got;

	*fd = -1;
	do
		got = recvmsg(control, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN ? -1 : 0;
	head = CMSG_FIRSTHDR(&message);
	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(head), sizeof(int));
	return got;
}

/* --- sealed files ----------------------------------------------------------------------------------------------- */

static bool put(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t written = write(fd, at, len);

		if (written < 0)
			return false;
		at += written;
		len -= (size_t)written;
	}
	return true;
}

/* Closes fd and returns -1 when something is wrong. */
static int seal(int fd, bool complete)
{
	if (complete && fcntl(fd, F_ADD_SEALS, SEALS) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static uint32_t count_strings(const char *const *strings)
{
	uint32_t count = 0;

	while (strings && strings[count])
		count++;
	return count;
}

static bool put_strings(int fd, const char *const *strings)
{
	for (; strings && *strings; strings++) {
		uint32_t len = (uint32_t)strlen(*strings);

		if (!put(fd, &len, sizeof(len)) || !put(fd, *strings, len))
			return false;
	}
	return true;
}

static bool put_file(int fd, const struct kl_file *file)
{
	struct wire_file head = { .mode = 0644, .name_len = (uint32_t)strlen(file->name), .len = file->len };

	return put(fd, &head, sizeof(head)) && put(fd, file->name, head.name_len) && put(fd, file->text, file->len);
}

int kl_bundle_make(const struct kl_box_run *run)
{
	struct wire_bundle head = { .argc = count_strings(run->argv),
				    .envc = count_strings(run->env),
				    .file_count = (uint32_t)run->file_count };
	int fd = memfd_create("kodelab-run", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	bool done = fd >= 0 && put(fd, &head, sizeof(head)) && put_strings(fd, run->argv) && put_strings(fd, run->env);

	for (size_t i = 0; done && i < run->file_count; i++)
		done = put_file(fd, &run->files[i]);
	return seal(fd, done);
}

int kl_bundle_input(const void *bytes, size_t len)
{
	int fd = memfd_create("input", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char path[40];
	int reader;

	fd = seal(fd, fd >= 0 && put(fd, bytes, len));
	if (fd < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reader = open(path, O_RDONLY | O_CLOEXEC);
	if (reader < 0) { /* no /proc: the seals still hold */
		lseek(fd, 0, SEEK_SET);
		return fd;
	}
	close(fd);
	return reader;
}
