/**
 * @param {number[][]} shifts
 * @returns {number[][]}
 */
function mergeShifts(shifts) {
  for (const [start, end] of shifts) {
    if (end <= start) throw new Error("bad shift");
  }
  return shifts;
}
