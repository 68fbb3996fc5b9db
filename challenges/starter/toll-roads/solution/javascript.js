// A binary heap of [paid, place] in an array: the children of i are 2i + 1 and 2i + 2.
class Heap {
  items = [];

  push(item) {
    let at = this.items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.items[parent][0] <= item[0]) break;
      this.items[at] = this.items[parent];
      at = parent;
    }
    this.items[at] = item;
  }

  pop() {
    const smallest = this.items[0];
    const item = this.items.pop();
    const size = this.items.length;
    if (size === 0) return smallest;
    let at = 0;
    for (let child; (child = 2 * at + 1) < size; at = child) {
      if (child + 1 < size && this.items[child + 1][0] < this.items[child][0]) child++;
      if (this.items[child][0] >= item[0]) break;
      this.items[at] = this.items[child];
    }
    this.items[at] = item;
    return smallest;
  }
}

function cheapestTrip(towns, roads, coupons) {
  const exits = Array.from({ length: towns }, () => []);
  for (const { a, b, toll } of roads) {
    exits[a].push([b, toll]);
    exits[b].push([a, toll]);
  }

  // Dijkstra; a place is a town together with the coupons used so far.
  const place = (town, used) => used * towns + town;
  const done = new Uint8Array(towns * (coupons + 1));
  const heap = new Heap();
  heap.push([0, place(0, 0)]);
  while (heap.items.length > 0) {
    const [paid, here] = heap.pop();
    const town = here % towns;
    const used = (here - town) / towns;
    if (town === towns - 1) return BigInt(paid);
    if (done[here]) continue;
    done[here] = 1;
    for (const [there, toll] of exits[town]) {
      heap.push([paid + toll, place(there, used)]);
      if (used < coupons) heap.push([paid, place(there, used + 1)]);
    }
  }
  return null;
}
