def longest_rain(rain):
    longest = running = 0
    for mm in rain:
        running = running + 1 if mm > 0 else 0
        longest = max(longest, running)
    return longest
