// Of all the seats, some are taken.
// How many are left?
fn seats_left(seats: i32, taken: i32) -> i32 {
    seats + taken
}
