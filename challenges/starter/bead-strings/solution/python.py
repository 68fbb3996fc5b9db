def bead_strings(beads):
    if not beads:
        return [""]
    # set(): each letter is tried once at this place, however many beads have it
    return [
        letter + rest
        for letter in sorted(set(beads))
        for rest in bead_strings(beads.replace(letter, "", 1))
    ]
