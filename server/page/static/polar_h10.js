// The ECG of a Polar H10 over Web Bluetooth, by Polar’s Measurement Data Specification.
import {int24} from "./samples.js";

export const RATE_HZ = 130;
const [SERVICE, CONTROL, DATA] = [0, 1, 2].map(i => `fb005c8${i}-02e7-f387-1cad-8acd2d8df0c8`);
const START = Uint8Array.of(2, 0, 0, 1, RATE_HZ, 0, 1, 1, 14, 0); // the ECG, in 14 bits
const HEAD_BYTES = 10;
const MOST_LOST = 10 * RATE_HZ; // samples

// Reads frames: mV, after NaN for what was lost; nothing of other measurements.
export function frameReader() {
	let last = Infinity; // ns
	return view => {
		const count = Math.floor((view.byteLength - HEAD_BYTES) / 3);
		if (count < 1 || view.getUint8(0) || view.getUint8(9)) return [];
		const end = Number(view.getBigUint64(1, true));
		const lost = Math.max(0, Math.min(MOST_LOST, Math.round(((end - last) * RATE_HZ) / 1e9) - count));
		last = end;
		const samples = new DataView(view.buffer, view.byteOffset + HEAD_BYTES);
		return Array.from({length: lost + count}, (_, i) => i < lost ? NaN : int24(samples, i - lost) / 1000);
	};
}

// A source, as `played` gives one.
export async function strap(hear, end) {
	const device = await navigator.bluetooth.requestDevice({filters: [{namePrefix: "Polar H10"}], optionalServices: [SERVICE]});
	device.ongattserverdisconnected = end;
	const service = await (await device.gatt.connect()).getPrimaryService(SERVICE);
	const [control, data] = [await service.getCharacteristic(CONTROL), await service.getCharacteristic(DATA)];
	const read = frameReader();
	data.oncharacteristicvaluechanged = ({target}) => hear(read(target.value));
	for (const one of [control, data]) await one.startNotifications();
	const replied = new Promise(resolve => { control.oncharacteristicvaluechanged = resolve; });
	await control.writeValueWithResponse(START);
	const status = (await replied).target.value.getUint8(3);
	if (status) throw new Error(`Polar H10: status ${status}`);
	return () => device.gatt.disconnect();
}
