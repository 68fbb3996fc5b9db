import sys

numbers = iter(map(int, sys.stdin.read().split()))
jobs, rules = next(numbers), next(numbers)
for _ in range(rules):
    before, after = next(numbers), next(numbers)
    # remember this rule

plan = list(range(1, jobs + 1))
print(*plan)
