def bead_strings(beads)
  return [""] if beads.empty?

  # uniq: each letter is tried once at this place, however many beads have it
  beads.chars.uniq.flat_map do |letter|
    bead_strings(beads.sub(letter, "")).map { |rest| letter + rest }
  end
end
