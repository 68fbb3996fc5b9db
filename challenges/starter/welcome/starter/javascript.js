// Of all the seats, some are taken.
// How many are left?
function seatsLeft(seats, taken) {
  return seats + taken;
}
