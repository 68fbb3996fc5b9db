/* The student's ssh keys: whether there is an agent, and whether a key has a passphrase, which nobody could be asked for here. */

#include "core/portfolio/git/git_int.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/file.h>

#define KEY_MAX ((size_t)64 << 10)

/* The form of OpenSSH: base64 of a magic word with its NUL, then the cipher's name behind its length. */
static bool openssh_locked(const char *text)
{
	static const char magic[] = "openssh-key-v1\0\0\0\0\4none";
	char *base64 = kl_calloc(1, strlen(text) + 1), *bytes = NULL;
	size_t used = 0, len = 0;
	bool locked = false;

	for (; *text && *text != '-'; text++)
		if (!strchr(" \t\r\n", *text))
			base64[used++] = *text;
	if (kl_base64_decode(&bytes, &len, base64)) {
		locked = len >= sizeof(magic) && memcmp(bytes, magic, sizeof(magic) - 1) != 0;
		kl_wipe(bytes, len);
	}
	kl_wipe(base64, used);
	free(bytes);
	free(base64);
	return locked;
}

bool key_locked(const char *path)
{
	static const char openssh[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
	struct kl_buf text;
	const char *begin;
	bool locked = false;

	kl_buf_init(&text, KEY_MAX);
	if (kl_file_read(&text, path, NULL) == KL_OK) {
		begin = strstr(text.data, openssh);
		locked = begin ? openssh_locked(begin + strlen(openssh))
			       : strstr(text.data, "ENCRYPTED") !=
					 NULL; /* PKCS #8 and the older "Proc-Type: 4,ENCRYPTED" */
	}
	kl_wipe(text.data, text.len);
	kl_buf_release(&text);
	return locked;
}

bool key_agent(void)
{
	const char *path = getenv("SSH_AUTH_SOCK");
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	bool there;
	int fd;

	if (!path || !*path || strlen(path) >= sizeof(name.sun_path))
		return false;
	memcpy(name.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	there = fd >= 0 && connect(fd, (const struct sockaddr *)&name, sizeof(name)) == 0;
	if (fd >= 0)
		close(fd);
	return there;
}
