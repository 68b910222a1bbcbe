"""Which signal of a file is the lead that somebody asks for."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from predict.recordings.signal import BadRecording, Channel, is_unknown, is_voltage

_BEFORE = re.compile(r"^((lead|ecg|ekg)[ _-]+)+(?=\S)")
_MATCHES: tuple[Callable[[str], str], ...] = (str, str.casefold, lambda name: _BEFORE.sub("", name.casefold()))


def display_names(channels: Sequence[Channel]) -> list[str]:
    """What each is called: its name, without `Lead` before it; its number, from 1 on, where it has none."""
    return [channel.name.strip().removeprefix("Lead ").strip() or str(i + 1) for i, channel in enumerate(channels)]


def possible_leads(channels: Sequence[Channel]) -> list[int]:
    """Those that may be an ECG: in a unit of voltage, or in none that is known."""
    return [i for i, channel in enumerate(channels) if is_voltage(channel.unit) or is_unknown(channel.unit)]


def choose_lead(path: Path, channels: Sequence[Channel], wanted: str | None) -> int:
    """Index of the lead wanted, or of the only one; raises BadRecording where it is not clear.

    A name is matched as it stands, else in any case, else without `Lead` or `ECG` before it, else it is a number from 1 on.
    """
    names, possible = display_names(channels), possible_leads(channels)
    if not possible:
        raise BadRecording(f"{path}: expected a lead in V, mV, µV or nV, found {_units(channels)}")
    if wanted is None:
        return _only_lead(path, channels, possible)
    found = _match(names, wanted)
    if not found:
        raise BadRecording(f"{path}: expected --lead NAME, one of {_listed(names, possible)}; there is no {wanted}")
    if len(found) > 1:
        numbers = " and ".join(str(i + 1) for i in found)
        times = "twice" if len(found) == 2 else f"{len(found)} times"
        raise BadRecording(f"{path}: expected --lead NUMBER: {names[found[0]]} stands {times}, {numbers}")
    if found[0] not in possible:
        raise BadRecording(f"{path}: the lead {names[found[0]]} has the unit {channels[found[0]].unit}, which is none of voltage")
    return found[0]


def _only_lead(path: Path, channels: Sequence[Channel], possible: list[int]) -> int:
    """The only lead, or the only one that is in a unit of voltage."""
    voltages = [i for i in possible if is_voltage(channels[i].unit)]
    for candidates in (possible, voltages):
        if len(candidates) == 1:
            return candidates[0]
    raise BadRecording(f"{path}: expected --lead NAME, one of {_listed(display_names(channels), possible)}")


def _match(names: list[str], wanted: str) -> list[int]:
    for form in _MATCHES:
        found = [i for i, name in enumerate(names) if form(name) == form(wanted.strip())]
        if found:
            return found
    return [int(wanted) - 1] if wanted.isdecimal() and 1 <= int(wanted) <= len(names) else []


def _listed(names: list[str], possible: list[int]) -> str:
    twice = {name for name in names if names.count(name) > 1}
    return ", ".join(f"{names[i]} (number {i + 1})" if names[i] in twice else names[i] for i in possible)


def _units(channels: Sequence[Channel]) -> str:
    units = dict.fromkeys(channel.unit.strip() for channel in channels)
    return f"none: the units are {', '.join(units)}" if units else "no signal"
