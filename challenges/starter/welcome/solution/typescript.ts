function seatsLeft(seats: number, taken: number): number {
  return seats - taken;
}
