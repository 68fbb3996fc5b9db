tidy_title() {
    local title=$1
    while [[ $title == *"  "* ]]; do
        title=${title//"  "/ } # pairs become single spaces until none is left
    done
    title=${title# }
    result=${title% }
}
