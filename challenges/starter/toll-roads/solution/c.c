#include "kodelab.h"

#include <stdlib.h>

/* A trip that reaches a town after using some coupons. */
struct trip {
	int64_t paid;
	int used, town;
};

/* A binary heap from 1: the cheapest trip is heap[1]. */
static struct trip *heap;
static size_t heap_size, heap_max;

static void heap_push(struct trip trip)
{
	size_t at = ++heap_size;

	if (heap_size >= heap_max) {
		heap_max = 2 * heap_size + 64;
		heap = realloc(heap, heap_max * sizeof(*heap));
	}
	for (; at > 1 && heap[at / 2].paid > trip.paid; at /= 2)
		heap[at] = heap[at / 2];
	heap[at] = trip;
}

static struct trip heap_pop(void)
{
	struct trip cheapest = heap[1], last = heap[heap_size--];
	size_t at = 1, child;

	while ((child = 2 * at) <= heap_size) {
		if (child < heap_size && heap[child + 1].paid < heap[child].paid)
			child++;
		if (heap[child].paid >= last.paid)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = last;
	return cheapest;
}

/* Goes on from a trip along a road: for the toll, and with a coupon if one is left. */
static void travel(struct trip trip, int there, int toll, int coupons)
{
	heap_push((struct trip){ trip.paid + toll, trip.used, there });
	if (trip.used < coupons)
		heap_push((struct trip){ trip.paid, trip.used + 1, there });
}

int64_t *cheapest_trip(int towns, struct road_array roads, int coupons)
{
	static struct trip trip;
	/* Each road stands in two lists: number 2r in that of its a, 2r + 1 in that of its b. */
	int *first = malloc((size_t)towns * sizeof(*first));
	int *next = malloc((2 * roads.len + 1) * sizeof(*next));
	bool *done = calloc((size_t)(towns * (coupons + 1)), sizeof(*done));

	for (int town = 0; town < towns; town++)
		first[town] = -1;
	for (int i = 0; i < 2 * (int)roads.len; i++) {
		int town = i % 2 ? roads.data[i / 2].b : roads.data[i / 2].a;

		next[i] = first[town];
		first[town] = i;
	}

	/* Dijkstra; a place is a town together with the coupons used so far. */
	heap_push((struct trip){ 0, 0, 0 });
	while (heap_size > 0) {
		bool *seen;

		trip = heap_pop();
		seen = &done[trip.used * towns + trip.town];
		if (trip.town == towns - 1)
			return &trip.paid;
		if (*seen)
			continue;
		*seen = true;
		for (int i = first[trip.town]; i >= 0; i = next[i]) {
			struct road road = roads.data[i / 2];

			travel(trip, i % 2 ? road.a : road.b, road.toll, coupons);
		}
	}
	return NULL;
}
