// Lowest and highest of a stretch; of a long one, of its blocks.
const BLOCK = 64; // samples

export class MinMaxBlocks {
	constructor(values) {
		const blocks = Array.from({length: Math.ceil(values.length / BLOCK)}, (_, i) => extremes(values, values, i * BLOCK, (i + 1) * BLOCK));
		Object.assign(this, {values, low: blocks.map(([low]) => low), high: blocks.map(([, high]) => high)});
	}

	between(from, to) {
		if (to - from >= 2 * BLOCK) return extremes(this.low, this.high, from / BLOCK, to / BLOCK);
		return extremes(this.values, this.values, from, to);
	}
}

// [lowest, highest]; lowest > highest if nothing is there.
function extremes(low, high, from, to) {
	let [lowest, highest] = [Infinity, -Infinity];
	const last = Math.min(low.length, Math.ceil(to));
	for (let i = Math.max(0, Math.floor(from)); i < last; i++) {
		if (low[i] < lowest) lowest = low[i];
		if (high[i] > highest) highest = high[i];
	}
	return [lowest, highest];
}
