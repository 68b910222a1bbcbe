// The lowest and highest value of any stretch of a signal; of a long one, of the blocks in it.
const BLOCK = 64; // samples

export class MinMaxBlocks {
  // values  Float32Array; NaN where there is nothing
  constructor(values) {
    const length = Math.ceil(values.length / BLOCK);
    const [low, high] = [Infinity, -Infinity].map((none) => new Float32Array(length).fill(none));
    values.forEach((value, i) => {
      const block = Math.floor(i / BLOCK);
      if (value < low[block]) low[block] = value;
      if (value > high[block]) high[block] = value;
    });
    Object.assign(this, { values, low, high });
  }

  // [low, high] from the sample `from` up to, not including, `to`; low > high if there is nothing.
  between(from, to) {
    const [size, low, high] = to - from >= 2 * BLOCK ? [BLOCK, this.low, this.high] : [1, this.values, this.values];
    let [lowest, highest] = [Infinity, -Infinity];
    const last = Math.min(low.length, Math.ceil(to / size));
    for (let i = Math.max(0, Math.floor(from / size)); i < last; i++) {
      if (low[i] < lowest) lowest = low[i];
      if (high[i] > highest) highest = high[i];
    }
    return [lowest, highest];
  }
}
