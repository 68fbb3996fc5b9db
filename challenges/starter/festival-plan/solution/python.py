import heapq
import sys

numbers = iter(map(int, sys.stdin.read().split()))
jobs, rules = next(numbers), next(numbers)
then = [[] for _ in range(jobs + 1)]  # who waits for this job
waits = [0] * (jobs + 1)              # for how many others it waits
for _ in range(rules):
    before, after = next(numbers), next(numbers)
    then[before].append(after)
    waits[after] += 1

free = [job for job in range(1, jobs + 1) if waits[job] == 0]  # sorted: a heap
plan = []
while free:
    job = heapq.heappop(free)
    plan.append(job)
    for after in then[job]:
        waits[after] -= 1
        if waits[after] == 0:
            heapq.heappush(free, after)

print(*plan if len(plan) == jobs else ["impossible"])
