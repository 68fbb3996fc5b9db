calculate() {
    local text=$1
    # So far it understands nothing but a single number.
    if [[ ! $text =~ ^[0-9]+$ ]]; then
        echo "syntax error" >&2
        return 1
    fi
    result=$((10#$text))
}
