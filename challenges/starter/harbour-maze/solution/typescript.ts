type Cell = { y: number; x: number; moves: number };

function fewestMoves(chart: string[]): number | null {
  const seen = chart.map((row) => new Array<boolean>(row.length).fill(false));
  const startY = chart.findIndex((row) => row.includes("S"));
  const queue: Cell[] = [];
  const visit = (y: number, x: number, moves: number): void => {
    const sign = chart[y]?.[x]; // undefined outside of the chart
    if (sign === undefined || sign === "#" || seen[y][x]) return;
    seen[y][x] = true;
    queue.push({ y, x, moves });
  };

  visit(startY, chart[startY].indexOf("S"), 0);
  for (let head = 0; head < queue.length; head++) {
    const { y, x, moves } = queue[head];
    if (chart[y][x] === "H") return moves;
    visit(y - 1, x, moves + 1);
    visit(y + 1, x, moves + 1);
    visit(y, x - 1, moves + 1);
    visit(y, x + 1, moves + 1);
  }
  return null;
}
