PRIME = 1_000_000_007

# One step from (a(n), a(n-1), a(n-2), b(n), b(n-1)) to the same for n + 1;
# a counts the pavings that do not end with a slab of 3 feet, b those that do.
STEP = [
    [1, 1, 0, 1, 1],  # a(n+1) = a(n) + b(n) + a(n-1) + b(n-1)
    [1, 0, 0, 0, 0],
    [0, 1, 0, 0, 0],
    [0, 0, 1, 0, 0],  # b(n+1) = a(n-2)
    [0, 0, 0, 1, 0],
]


def times(left, right):
    columns = list(zip(*right))
    return [[sum(x * y for x, y in zip(row, column)) % PRIME for column in columns] for row in left]


def count_pavings(length):
    state = [[1], [0], [0], [0], [0]]  # the empty path: one way
    power = STEP                       # STEP to the power 1, 2, 4, 8, ...
    while length > 0:
        if length % 2 == 1:
            state = times(power, state)
        power = times(power, power)
        length //= 2
    return (state[0][0] + state[3][0]) % PRIME
