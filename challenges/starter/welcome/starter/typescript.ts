// A coach has this many seats, and so many of them are taken. How many are left?
function seatsLeft(seats: number, taken: number): number {
  return seats + taken;
}
