from math import dist

count = int(input())
stops = [tuple(map(float, input().split())) for _ in range(count)]
depot = (0.0, 0.0)

# This is the round in the order of the input. Which order is the shortest?
places = [depot, *stops, depot]
print(f"{sum(dist(a, b) for a, b in zip(places, places[1:])):.9f}")
