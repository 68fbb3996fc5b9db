function seatsLeft(seats, taken) {
  return seats - taken;
}
