function beadStrings(beads) {
  if (beads === "") return [""];
  // new Set: each letter is tried once at this place, however many beads have it
  return [...new Set(beads)].flatMap((letter) =>
    beadStrings(beads.replace(letter, "")).map((rest) => letter + rest)
  );
}
