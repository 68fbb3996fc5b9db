from math import dist, inf

count = int(input())
stops = [tuple(map(float, input().split())) for _ in range(count)]
depot = (0.0, 0.0)
between = [[dist(a, b) for b in stops] for a in stops]
home = [dist(depot, stop) for stop in stops]

# best[visited][last]: the shortest way from the depot through the stops whose
# bits are set in visited, ending at last. Smaller sets are smaller numbers.
best = [[inf] * count for _ in range(1 << count)]
for stop in range(count):
    best[1 << stop][stop] = home[stop]
for visited in range(1 << count):
    left = [stop for stop in range(count) if not visited >> stop & 1]
    for last, way in enumerate(best[visited]):
        if way == inf:
            continue
        row = between[last]
        for stop in left:
            bigger = best[visited | 1 << stop]
            if way + row[stop] < bigger[stop]:
                bigger[stop] = way + row[stop]

print(f"{min((w + h for w, h in zip(best[-1], home)), default=0.0):.9f}")
