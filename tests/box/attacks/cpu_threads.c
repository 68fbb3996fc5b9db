/* Threads add up. */
#include "attack.h"
#include <pthread.h>

static void *spin(void *arg)
{
	for (;;)
		continue;
	return arg;
}

int main(void)
{
	pthread_t thread;

	for (int i = 0; i < 4; i++)
		pthread_create(&thread, NULL, spin, NULL);
	pause();
}
