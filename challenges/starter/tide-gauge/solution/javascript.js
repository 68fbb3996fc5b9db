const MODULUS = 1000003;

function peakTotal(seed, step, count, width) {
  // Positions and levels that still have a chance, levels falling: the front is
  // the peak. `front` walks through the arrays instead of shifting them.
  const places = [];
  const levels = [];
  let front = 0;
  let total = 0; // stays below 2^53
  let level = seed;
  for (let i = 0; i < count; i++) {
    while (levels.length > front && levels[levels.length - 1] <= level) {
      places.pop();
      levels.pop();
    }
    places.push(i);
    levels.push(level);
    if (places[front] <= i - width) front++;
    if (i >= width - 1) total += levels[front];
    level = (level + step) % MODULUS;
  }
  return BigInt(total);
}
