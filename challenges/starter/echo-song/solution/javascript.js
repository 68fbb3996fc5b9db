// A suffix automaton: its states stand for all passages of the song, grouped by
// the places where they end. It grows by one character at a time, in linear time.
function longestEcho(song) {
  const size = 2 * song.length + 1;
  const next = [new Map()]; // next[state]: character -> state
  const link = new Int32Array(size).fill(-1); // the state of the longest shorter ending
  const length = new Int32Array(size); // the longest passage of the state
  const end = new Int32Array(size); // where it ends for the first time
  const times = new Int32Array(size); // how often it appears
  let states = 1;
  let last = 0;

  for (let at = 0; at < song.length; at++) {
    const c = song[at];
    const cur = states++;
    next.push(new Map());
    length[cur] = length[last] + 1;
    end[cur] = at + 1;
    times[cur] = 1;
    let p = last;
    for (; p >= 0 && !next[p].has(c); p = link[p]) next[p].set(c, cur);
    link[cur] = 0;
    if (p >= 0) {
      const q = next[p].get(c);
      link[cur] = q;
      if (length[q] !== length[p] + 1) {
        const clone = states++;
        next.push(new Map(next[q]));
        length[clone] = length[p] + 1;
        end[clone] = end[q];
        link[clone] = link[q];
        link[q] = link[cur] = clone;
        for (; p >= 0 && next[p].get(c) === q; p = link[p]) next[p].set(c, clone);
      }
    }
    last = cur;
  }

  // Long passages first: each hands its appearances on to its shorter endings.
  const order = Array.from({ length: states }, (_, i) => i).sort((a, b) => length[b] - length[a]);
  for (const state of order) if (link[state] >= 0) times[link[state]] += times[state];

  let best = 0; // the empty passage
  for (const state of order) {
    if (times[state] < 2 || length[state] < length[best]) continue;
    if (length[state] > length[best] || end[state] < end[best]) best = state;
  }
  return song.slice(end[best] - length[best], end[best]);
}
