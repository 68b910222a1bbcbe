// The lowest and highest value of any stretch of a signal, in a time that hardly grows with the stretch.
const SMALLEST = 16;
const STEP = 4;

export class Extremes {
  // values  Float32Array; NaN where there is nothing
  constructor(values) {
    this.levels = [{ size: 1, low: values, high: values }];
    for (let size = SMALLEST; size < values.length; size *= STEP) this.levels.push(coarser(this.levels.at(-1), size));
  }

  // [low, high] from the sample `from` up to, not including, `to`; low > high if there is nothing.
  between(from, to) {
    const { size, low, high } = this.levels.findLast((level) => level.size === 1 || 2 * level.size <= to - from);
    let [lowest, highest] = [Infinity, -Infinity];
    const last = Math.min(low.length, Math.ceil(to / size));
    for (let i = Math.max(0, Math.floor(from / size)); i < last; i++) {
      if (low[i] < lowest) lowest = low[i];
      if (high[i] > highest) highest = high[i];
    }
    return [lowest, highest];
  }
}

function coarser(finer, size) {
  const length = Math.ceil((finer.low.length * finer.size) / size);
  const [low, high] = [new Float32Array(length).fill(Infinity), new Float32Array(length).fill(-Infinity)];
  for (let i = 0; i < finer.low.length; i++) {
    const block = Math.floor((i * finer.size) / size);
    if (finer.low[i] < low[block]) low[block] = finer.low[i];
    if (finer.high[i] > high[block]) high[block] = finer.high[i];
  }
  return { size, low, high };
}
