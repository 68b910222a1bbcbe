// OpenSignals text of PLUX’s biosignalsplux and BITalino: a header in JSON, then a line of numbers a sample.
import {check, note, refuse} from "./language.js";
import {emptySignal} from "./samples.js";

const END = /^# EndOfHeader[ \t]*$/m;
const SENSORS = {bitalino: [3.3, 1100], biosignalsplux: [3, 1000]}; // V and gain, by the data sheets of the ECG sensors
const BITALINO_PERIOD = 16; // of its running number

export async function read({text}) {
	const end = END.exec(text);
	const [, header] = text.slice(0, end.index).split(/\r?\n/);
	const notes = [];
	let before = 0;
	const leads = Object.values(JSON.parse(header.replace(/^[# ]+/, ""))).flatMap(device => {
		before += device.column.length;
		return sensorsOf(device, before - device.column.length);
	});
	const lines = () => text.slice(end.index + end[0].length).split(/\r?\n/).filter(line => line);
	return {notes, leads: leads.map(lead => ({...lead, read: () => samples(lead, lines(), notes)}))};
}

// The last of the columns of a device, which begin at `first` in the file.
function sensorsOf({column, sensor, resolution, label = column.slice(-sensor.length), device, "sampling rate": rate}, first) {
	check(rate > 0);
	const sequence = column.includes("nSeq") ? first + column.indexOf("nSeq") : -1;
	return sensor.map((kind, i) => {
		const isEcg = /^ecg/i.test(kind);
		const unitText = isEcg || /^(raw|custom)$/i.test(kind) ? "mV" : "steps";
		const [place, bits] = [first + column.length - sensor.length + i, resolution.slice(-sensor.length)[i]];
		return {name: isEcg ? "ECG" : label[i], unitText, rate, place, bits, sequence, device};
	});
}

// In mV, NaN where samples were lost between device and computer.
function samples(lead, lines, notes) {
	const column = place => lines.map(line => {
		const cell = line.split("\t")[place]?.trim();
		check(!cell || !Number.isNaN(+cell));
		return cell ? +cell : NaN;
	});
	const values = millivolts(lead, column(lead.place), notes);
	return lead.sequence < 0 ? values : placed(values, column(lead.sequence));
}

// A file with fractions was converted when it was exported.
function millivolts({bits, device}, values, notes) {
	if (values.some(value => value % 1 > 0)) {
		notes.push(note("converted"));
		return values;
	}
	const kind = Object.keys(SENSORS).find(name => device.toLowerCase().startsWith(name));
	const [volts, gain] = SENSORS[kind] ?? refuse("format", {known: "biosignalsplux, BITalino", format: device});
	notes.push(note("dataSheet", {volts, gain}));
	return values.map(value => (value / 2 ** bits - 0.5) * volts / gain * 1000);
}

function placed(values, numbers) {
	const isShort = numbers.every(number => number < BITALINO_PERIOD);
	const step = difference => isShort ? (difference + BITALINO_PERIOD - 1) % BITALINO_PERIOD + 1 : difference;
	const steps = numbers.slice(1).map((number, i) => step(number - numbers[i]));
	check(steps.every(step => step >= 1));
	const whole = emptySignal(steps.reduce((sum, step) => sum + step, 1));
	let place = 0;
	values.forEach((value, i) => { whole[place] = value; place += steps[i]; });
	return whole;
}
