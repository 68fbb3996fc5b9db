longest_rain() {
    local -n rain=$1
    local longest=0 running=0 mm
    for mm in "${rain[@]}"; do
        if ((mm > 0)); then ((running += 1)); else running=0; fi
        if ((running > longest)); then longest=$running; fi
    done
    result=$longest
}
