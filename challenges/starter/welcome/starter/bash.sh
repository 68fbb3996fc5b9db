# A coach has this many seats, and so many of them are taken. How many are left?
seats_left() {
    # The answer goes into the variable result.
    local seats=$1 taken=$2
    result=$((seats + taken))
}
