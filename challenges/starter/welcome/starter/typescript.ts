// Of all the seats, some are taken.
// How many are left?
function seatsLeft(seats: number, taken: number): number {
  return seats + taken;
}
