#include <stdio.h>

enum { MAX_JOBS = 10001, MAX_RULES = 10001 };

/* The jobs that wait for job a form a list: first[a], next[first[a]], ... */
static int first[MAX_JOBS], next[MAX_RULES], after[MAX_RULES];
static int waits[MAX_JOBS]; /* for how many others a job waits */
static int plan[MAX_JOBS];

/* A binary heap of the free jobs, from 1; the smallest is heap[1]. */
static int heap[MAX_JOBS + 1], heap_size;

static void heap_push(int job)
{
	int at = ++heap_size;

	for (; at > 1 && heap[at / 2] > job; at /= 2)
		heap[at] = heap[at / 2];
	heap[at] = job;
}

static int heap_pop(void)
{
	int smallest = heap[1], job = heap[heap_size--];
	int at = 1, child;

	while ((child = 2 * at) <= heap_size) {
		if (child < heap_size && heap[child + 1] < heap[child])
			child++;
		if (heap[child] >= job)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = job;
	return smallest;
}

int main(void)
{
	int jobs, rules, planned = 0;

	if (scanf("%d %d", &jobs, &rules) != 2)
		return 1;
	for (int rule = 1; rule <= rules; rule++) {
		int before;

		if (scanf("%d %d", &before, &after[rule]) != 2)
			return 1;
		next[rule] = first[before];
		first[before] = rule;
		waits[after[rule]]++;
	}
	for (int job = 1; job <= jobs; job++)
		if (waits[job] == 0)
			heap_push(job);
	while (heap_size > 0) {
		int job = heap_pop();

		plan[planned++] = job;
		for (int rule = first[job]; rule; rule = next[rule])
			if (--waits[after[rule]] == 0)
				heap_push(after[rule]);
	}
	if (planned < jobs)
		printf("impossible");
	for (int i = 0; planned == jobs && i < jobs; i++)
		printf("%d ", plan[i]);
	printf("\n");
	return 0;
}
