const LID_OF = { "(": ")", "[": "]", "{": "}" };

function firstSpoiled(recipe) {
  const open = []; // positions of the boxes that are still open
  for (let at = 0; at < recipe.length; at++) {
    const sign = recipe[at];
    if ("([{".includes(sign)) {
      open.push(at);
    } else if (")]}".includes(sign)) {
      if (open.length === 0 || LID_OF[recipe[open.pop()]] !== sign) return at;
    }
  }
  return open.length > 0 ? open[0] : null;
}
