def merge_shifts(shifts: list[list[int]]) -> list[list[int]]:
    for start, end in shifts:
        if end <= start:
            raise ValueError("bad shift")
    return shifts
