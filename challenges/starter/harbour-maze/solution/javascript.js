function fewestMoves(chart) {
  const [height, width] = [chart.length, chart[0].length];
  const moves = Array.from({ length: height }, () => new Array(width).fill(-1)); // -1: not seen yet
  const startY = chart.findIndex((row) => row.includes("S"));
  const queue = [[startY, chart[startY].indexOf("S")]];
  moves[queue[0][0]][queue[0][1]] = 0;

  // An index walks through the queue: shift() would move all the others each time.
  for (let head = 0; head < queue.length; head++) {
    const [y, x] = queue[head];
    if (chart[y][x] === "H") return moves[y][x];
    for (const [v, u] of [[y - 1, x], [y + 1, x], [y, x - 1], [y, x + 1]]) {
      if (v < 0 || v >= height || u < 0 || u >= width) continue;
      if (chart[v][u] === "#" || moves[v][u] >= 0) continue;
      moves[v][u] = moves[y][x] + 1;
      queue.push([v, u]);
    }
  }
  return null;
}
