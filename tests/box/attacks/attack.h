/* For the hostile programs: each tries something and ends with 0 when it was held back, with 1 when it got through. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

/* Says which attempt got through. */
static int escaped;

__attribute__((unused)) static void denied(const char *what, long result)
{
	if (result < 0)
		return;
	printf("escaped: %s gave %ld\n", what, result);
	escaped = 1;
}

__attribute__((unused)) static void burn_ms(long ms)
{
	struct timespec now;

	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	while (now.tv_sec * 1000 + now.tv_nsec / 1000000 < ms);
}
