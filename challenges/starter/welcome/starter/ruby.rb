# A coach has this many seats, and so many of them are taken. How many are left?
def seats_left(seats, taken)
  seats + taken
end
