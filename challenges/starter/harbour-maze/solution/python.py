from collections import deque


def fewest_moves(chart):
    start = next((y, row.index("S")) for y, row in enumerate(chart) if "S" in row)
    moves = {start: 0}  # also says where we have been
    queue = deque([start])
    while queue:
        y, x = queue.popleft()
        if chart[y][x] == "H":
            return moves[y, x]
        for cell in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            v, u = cell
            if not (0 <= v < len(chart) and 0 <= u < len(chart[0])):
                continue
            if chart[v][u] != "#" and cell not in moves:
                moves[cell] = moves[y, x] + 1
                queue.append(cell)
    return None
