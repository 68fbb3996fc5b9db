function longestRain(rain: number[]): number {
  let longest = 0;
  let running = 0;
  for (const mm of rain) {
    running = mm > 0 ? running + 1 : 0;
    longest = Math.max(longest, running);
  }
  return longest;
}
