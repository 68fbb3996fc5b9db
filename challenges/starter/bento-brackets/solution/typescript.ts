const lidOf: Record<string, string> = { "(": ")", "[": "]", "{": "}" };

function firstSpoiled(recipe: string): number | null {
  const open: number[] = []; // positions of the open boxes
  for (let at = 0; at < recipe.length; at++) {
    const sign = recipe[at];
    if (sign in lidOf) {
      open.push(at);
    } else if (")]}".includes(sign)) {
      const box = open.pop();
      if (box === undefined || lidOf[recipe[box]] !== sign) return at;
    }
  }
  return open.length > 0 ? open[0] : null;
}
