function mergeShifts(shifts: number[][]): number[][] {
  for (const [start, end] of shifts) {
    if (end <= start) throw new Error("bad shift");
  }
  return shifts;
}
