from collections import deque

MODULUS = 1_000_003


def peak_total(seed, step, count, width):
    total = 0
    hopes = deque()  # (position, level), levels falling: the front is the peak
    level = seed
    for i in range(count):
        while hopes and hopes[-1][1] <= level:
            hopes.pop()
        hopes.append((i, level))
        if hopes[0][0] <= i - width:
            hopes.popleft()
        if i >= width - 1:
            total += hopes[0][1]
        level = (level + step) % MODULUS
    return total
