import heapq


def cheapest_trip(towns, roads, coupons):
    exits = [[] for _ in range(towns)]
    for road in roads:
        exits[road.a].append((road.b, road.toll))
        exits[road.b].append((road.a, road.toll))

    # Dijkstra; a place is a town together with the coupons used so far.
    done = set()
    heap = [(0, 0, 0)]  # paid, coupons used, town
    while heap:
        paid, used, town = heapq.heappop(heap)
        if town == towns - 1:
            return paid
        if (used, town) in done:
            continue
        done.add((used, town))
        for there, toll in exits[town]:
            if (used, there) not in done:
                heapq.heappush(heap, (paid + toll, used, there))
            if used < coupons and (used + 1, there) not in done:
                heapq.heappush(heap, (paid, used + 1, there))
    return None
