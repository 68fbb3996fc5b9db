def seats_left(seats, taken):
    return seats - taken
