import sys


def main():
    lines = sys.stdin.read().split("\n")
    tanks, commands = map(int, lines[0].split())
    for line in lines[1:commands + 1]:
        what, *numbers = line.split()
        if what == "add":
            left, right, litres = map(int, numbers)
            # pour
        else:
            left, right = map(int, numbers)
            print(0)


main()
