/* As many threads as there can be. */
#include "attack.h"
#include <pthread.h>

static void *wait_for_ever(void *arg)
{
	pause();
	return arg;
}

int main(void)
{
	pthread_attr_t small;
	pthread_t thread;
	int count = 0;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	while (count < 1000 && pthread_create(&thread, &small, wait_for_ever, NULL) == 0)
		count++;
	return count > 70;
}
