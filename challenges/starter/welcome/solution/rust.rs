fn seats_left(seats: i32, taken: i32) -> i32 {
    seats - taken
}
