import re
import sys


def turn(byte, shift):
    for first in b"aA":
        if first <= byte < first + 26:
            return first + (byte - first + shift) % 26
    return byte


if len(sys.argv) != 2 or not re.fullmatch(r"[+-]?[0-9]+", sys.argv[1]):
    print("usage: wheel SHIFT", file=sys.stderr)
    sys.exit(2)

# Bytes, not text: whatever is no letter goes through untouched.
shift = int(sys.argv[1])
table = bytes(turn(byte, shift) for byte in range(256))
sys.stdout.buffer.write(sys.stdin.buffer.read().translate(table))
