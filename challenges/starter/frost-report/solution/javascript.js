function frostAverage(readings) {
  const frosts = readings.filter((t) => t < 0);
  if (frosts.length === 0) return null;
  return frosts.reduce((sum, t) => sum + t, 0) / frosts.length;
}
