# Of all the seats, some are taken.
# How many are left?
def seats_left(seats, taken)
  seats + taken
end
