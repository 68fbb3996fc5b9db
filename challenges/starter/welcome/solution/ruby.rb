def seats_left(seats, taken)
  seats - taken
end
