# Of all the seats, some are taken.
# How many are left?
seats_left() {
    # The answer goes into the variable result.
    local seats=$1 taken=$2
    result=$((seats + taken))
}
