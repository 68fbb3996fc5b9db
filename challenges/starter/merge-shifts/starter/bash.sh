# $1 is the name of an array of arrays; ${shifts[i]} names the array of shift i.
merge_shifts() {
    local -n shifts=$1
    local name
    for name in "${shifts[@]}"; do
        local -n shift_i=$name
        if ((shift_i[1] <= shift_i[0])); then
            echo "bad shift" >&2
            return 1
        fi
        unset -n shift_i
    done
    result=("${shifts[@]}")
}
