function tidyTitle(title) {
  // split(" ") leaves an empty piece for every space too many
  return title.split(" ").filter((word) => word !== "").join(" ");
}
