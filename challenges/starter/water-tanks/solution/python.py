import sys


class Fenwick:
    """Sums from the start, and changes at one place, in about log2(n) steps."""

    def __init__(self, size):
        self.tree = [0] * (size + 1)

    def add(self, i, value):
        tree = self.tree
        while i < len(tree):
            tree[i] += value
            i += i & -i

    def first(self, i):
        tree, total = self.tree, 0
        while i > 0:
            total += tree[i]
            i -= i & -i
        return total


def main():
    lines = sys.stdin.read().split("\n")
    tanks, commands = map(int, lines[0].split())
    # The first i tanks hold  i * factor.first(i) - constant.first(i)  litres.
    factor, constant = Fenwick(tanks + 1), Fenwick(tanks + 1)
    for line in lines[1:commands + 1]:
        what, *numbers = line.split()
        left, right, *litres = map(int, numbers)
        if what == "add":
            for at, value in ((left, litres[0]), (right + 1, -litres[0])):
                factor.add(at, value)
                constant.add(at, value * (at - 1))
        else:
            upto = [i * factor.first(i) - constant.first(i) for i in (left - 1, right)]
            print(upto[1] - upto[0])


main()
