/* sd_notify(3) by hand: one datagram, and the library is not needed. */

#include "core/server/notify.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <kodelab/clock.h>

static void send_to(const char *path, const char *text)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int fd;

	if (len >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, len);
	if (path[0] == '@') /* a name that is no file */
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)!sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&address,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

void notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	char text[128];

	if (!path || (path[0] != '/' && path[0] != '@'))
		return;
	/* Type=notify-reload wants to know when. */
	snprintf(text, sizeof(text), "%s\nMONOTONIC_USEC=%lld", state, (long long)kl_clock_mono_us());
	send_to(path, text);
}
