// How numbers are stored in files of signals. Each function reads the number at the place `i` of a DataView.
export const int8 = (view, i) => view.getInt8(i);
export const uint8 = (view, i) => view.getUint8(i);
export const int16 = (view, i) => view.getInt16(2 * i, true);
export const uint16 = (view, i) => view.getUint16(2 * i, true);
export const int24 = (view, i) => view.getUint16(3 * i, true) | (view.getInt8(3 * i + 2) << 16);

// Of each WFDB format bytes a sample, bits a sample, and how it is read. https://wfdb.io/spec/signal.html
export const WFDB_FORMATS = {
  8: [1, 8, int8], // the difference to the sample before
  16: [2, 16, int16],
  24: [3, 24, int24],
  32: [4, 32, (view, i) => view.getInt32(4 * i, true)],
  61: [2, 16, (view, i) => view.getInt16(2 * i)],
  80: [1, 8, (view, i) => uint8(view, i) - 128],
  160: [2, 16, (view, i) => uint16(view, i) - 32768],
  212: [1.5, 12, twoInThreeBytes],
  310: [4 / 3, 10, threeInTwoWords((low, high) => [low >> 1, high >> 1, (low >> 11) | ((high >> 11) << 5)])],
  311: [4 / 3, 10, threeInTwoWords((low, high) => [low, (low >> 10) | (high << 6), high >> 4])],
};

// The middle byte holds the high bits of both.
function twoInThreeBytes(view, i) {
  const two = view.getUint16(Math.floor(1.5 * i), true);
  return ((i % 2 ? (two >> 8) | ((two & 0xf0) << 4) : two) << 20) >> 20;
}

function threeInTwoWords(parted) {
  return (view, i) => {
    const [word, last] = [2 * Math.floor(i / 3), (view.byteLength >> 1) - 1];
    return (parted(uint16(view, word), uint16(view, Math.min(word + 1, last)))[i % 3] << 22) >> 22;
  };
}

// Whole numbers; NaN for the lowest of the format, which says that nothing was recorded.
// signal  {format, perFrame, first, frame, skew, initial}: its samples a frame, the place of their first among `frame` samples
export function wfdbSamples(view, { format, perFrame, first, frame, skew, initial }, mostFrames) {
  const [bytes, bits, sample] = WFDB_FORMATS[format];
  const samples = Math.floor((bits === 10 ? view.byteLength & ~1 : view.byteLength) / bytes + 1e-9);
  const frames = Math.max(0, Math.min(mostFrames, Math.floor(samples / frame) - skew));
  let sum = initial;
  return Float64Array.from({ length: frames * perFrame }, (_, i) => {
    const value = sample(view, (Math.floor(i / perFrame) + skew) * frame + first + (i % perFrame));
    if (format === "8") return (sum += value);
    return value === -(2 ** (bits - 1)) ? NaN : value;
  });
}
