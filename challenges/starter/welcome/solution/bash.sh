seats_left() {
    local seats=$1 taken=$2
    result=$((seats - taken))
}
