BASE = 911_382_323
MODULUS = (1 << 61) - 1  # a prime so large that equal hashes mean equal texts


def find_echo(codes, size):
    """The first position whose passage of this size comes again later, or None."""
    drop = pow(BASE, size, MODULUS)
    seen = {}  # hash -> first position
    best = None
    value = 0
    for end, code in enumerate(codes, 1):
        value = (value * BASE + code) % MODULUS
        if end > size:
            value = (value - codes[end - size - 1] * drop) % MODULUS
        if end >= size:
            first = seen.setdefault(value, end - size)
            if first != end - size and (best is None or first < best):
                best = first
    return best


def longest_echo(song):
    codes = song.encode()
    start, low, high = 0, 0, len(song)  # low works, high does not
    while high - low > 1:
        middle = (low + high) // 2
        found = find_echo(codes, middle)
        if found is None:
            high = middle
        else:
            start, low = found, middle
    return song[start:start + low]
