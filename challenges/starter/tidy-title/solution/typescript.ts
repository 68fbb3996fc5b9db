function tidyTitle(title: string): string {
  return title.replace(/ +/g, " ").replace(/^ | $/g, "");
}
