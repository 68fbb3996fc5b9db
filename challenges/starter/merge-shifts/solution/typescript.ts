function mergeShifts(shifts: number[][]): number[][] {
  if (shifts.some(([start, end]) => end <= start)) throw new Error("bad shift");
  const lit: number[][] = [];
  for (const [start, end] of [...shifts].sort((a, b) => a[0] - b[0])) {
    const last = lit[lit.length - 1];
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else lit.push([start, end]);
  }
  return lit;
}
