def merge_shifts(shifts):
    if any(end <= start for start, end in shifts):
        raise ValueError("bad shift")
    lit = []
    for start, end in sorted(shifts):
        if lit and start <= lit[-1][1]:
            lit[-1][1] = max(lit[-1][1], end)
        else:
            lit.append([start, end])
    return lit
