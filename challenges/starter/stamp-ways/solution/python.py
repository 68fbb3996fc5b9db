def stamp_ways(postage, stamps):
    ways = [1] + [0] * postage  # nothing to pay: one way
    for value in set(stamps):  # one kind after the other: mixtures, not orders
        for amount in range(value, postage + 1):
            ways[amount] += ways[amount - value]
    return ways[postage]
