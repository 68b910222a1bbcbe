// Cyclic redundancy checks of a Uint8Array.
export const crcCcitt = bytes => crc(bytes, 0xffff, 8, sum => (sum << 1) ^ (sum & 0x8000 && 0x11021));
export const crc32 = bytes => ~crc(bytes, -1, 0, sum => (sum >>> 1) ^ (sum & 1 && 0xedb88320)) >>> 0;

function crc(bytes, sum, shift, step) {
	for (const byte of bytes) {
		sum ^= byte << shift;
		for (let bit = 0; bit < 8; bit++) sum = step(sum);
	}
	return sum;
}
