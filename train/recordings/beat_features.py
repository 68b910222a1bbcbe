"""What is known of each beat beside its form: its rhythm, and how it differs from the beats around it.

Two things are usual around a beat: the mean of regular beats, and the mean of beats that come late. Where most beats come
from the atria's own pace they are what is regular, and only those after a pause show what the sinus node's look like.
"""

from keras import KerasTensor, ops

BEFORE, AFTER = 45, 75  # of a beat's window, in samples: 360 ms before the R peak, 600 ms after
QRS = slice(BEFORE - 8, BEFORE + 10)
P_WAVE = slice(BEFORE - 32, BEFORE - 8)
NEAR, FAR = 10, 20  # beats to each side that say what is usual
EPSILON = 1e-6


def mean(x: KerasTensor, reach: int, weight: KerasTensor | None = None) -> KerasTensor:
    """The weighted mean over `reach` steps to each side of (batch, steps, channels); beyond the ends there is nothing."""
    weight = ops.ones_like(x[..., :1]) if weight is None else weight
    return _summed(x * weight, reach) / (_summed(weight, reach) + EPSILON)


def _summed(x: KerasTensor, reach: int) -> KerasTensor:
    """The sum as the difference of two sums from the beginning on, in float64, so that reaching far costs nothing."""
    total = ops.cumsum(ops.pad(ops.cast(x, "float64"), ((0, 0), (reach + 1, reach), (0, 0))), axis=1)
    return ops.cast(total[:, 2 * reach + 1 :] - total[:, : -2 * reach - 1], "float32")


def rhythm_of(seconds: KerasTensor, present: KerasTensor) -> tuple[KerasTensor, KerasTensor, KerasTensor]:
    """Numbers of each beat's rhythm (batch, beats, 16), how regular it is and how late, each (batch, beats, 1).

    They are logarithms of RR intervals against what is usual around: de Chazal, O'Dwyer and Reilly, IEEE Trans. Biomed.
    Eng. 51 (2004), 1196-1206. What is usual is a mean in which intervals count the less the further they are from it, the
    mean of all, and one in which long ones count most.
    """
    both = present[:, 1:] * present[:, :-1]
    interval = both * ops.log(ops.clip(seconds[:, 1:] - seconds[:, :-1], 0.2, 3.0))
    none = ops.zeros_like(seconds[:, :1])
    before, has_before = ops.concatenate([none, interval], 1), ops.concatenate([none, both], 1)
    after, has_after = ops.concatenate([interval, none], 1), ops.concatenate([both, none], 1)
    usual = mean(before, NEAR, has_before)
    for width in (0.3, 0.15, 0.1):
        usual = mean(before, NEAR, has_before / (1 + ops.square((before - usual) / width)))
    lately = mean(before, FAR, has_before)
    average, longest = (_power_mean(before, has_before, power) for power in (1, 6))
    early, late = (before - usual) * has_before, (after - usual) * has_after
    irregular = mean(ops.abs(early), NEAR, has_before)
    rhythm = [early, late, early - late, irregular, mean(irregular, FAR, present), _shifted(early, 1), _shifted(late, -1)]
    for other in (lately, average, longest):
        rhythm += [(before - other) * has_before, (after - other) * has_after]
    spread = mean(ops.square(ops.exp(before) - ops.exp(average)), FAR, has_before)
    rhythm += [before, average * present, ops.sqrt(spread + EPSILON) * present]
    lateness = has_before * ops.sigmoid((before - average - 0.03) / 0.03)
    return ops.concatenate(rhythm, -1), present * (_bell(early) * _bell(late) + 0.01), present * (lateness + 0.001)


def _power_mean(logarithm: KerasTensor, weight: KerasTensor, power: int) -> KerasTensor:
    """The logarithm of the generalised mean of what is given by its logarithm, over FAR beats to each side."""
    return ops.log(mean(ops.exp(power * logarithm), FAR, weight) + 1e-4) / power


def _shifted(x: KerasTensor, by: int) -> KerasTensor:
    """One beat later or earlier."""
    none = ops.zeros_like(x[:, :1])
    return ops.concatenate([none, x[:, :-1]] if by > 0 else [x[:, 1:], none], 1)


def _bell(x: KerasTensor) -> KerasTensor:
    return 1 / (1 + ops.square(x / 0.1))


def shape_of(
    window: KerasTensor, regular: KerasTensor, late: KerasTensor, present: KerasTensor
) -> tuple[KerasTensor, KerasTensor]:
    """How each beat differs from the usual beat around it, which is the mean of regular beats that look like their mean.

    returns  size and likeness of all, QRS complex and P wave, how large and alike P waves are around, which they are not
             where the atria fibrillate, and likeness to the late beats, (batch, beats, 11); the beat and its difference
             from the usual and from the late ones in units of the usual one, (batch, beats, window, 3)
    """
    beat = _without_mean(window)
    usual = mean(beat, 15, regular)
    usual = mean(beat, 15, regular * _resemblance(beat, usual))
    sinus = mean(beat, FAR, late * _resemblance(beat, usual))
    size, usual_size = _size(beat) + 0.02, _size(usual) + 0.02
    numbers = [ops.clip(ops.log(size / usual_size), -2, 2)]
    numbers += [_likeness(beat, usual, part) for part in (slice(None), QRS, P_WAVE)]
    numbers += [mean(numbers[-1], FAR, regular), mean(ops.square(ops.relu(numbers[-1])), FAR, present)]
    numbers += [ops.log((_size(_without_mean(usual[..., P_WAVE])) + 0.01) / usual_size)]
    numbers += [_likeness(beat, sinus, part) for part in (slice(None), QRS, P_WAVE)] + [_likeness(usual, sinus, P_WAVE)]
    pictures = ops.stack([one / usual_size for one in (beat, beat - usual, beat - sinus)], -1)
    return ops.concatenate(numbers, -1), ops.clip(pictures / 2, -6, 6)


def _resemblance(beat: KerasTensor, usual: KerasTensor) -> KerasTensor:
    """How much a beat counts in a mean of beats that look like the usual one."""
    return ops.square(ops.relu(_likeness(beat, usual, QRS))) + 0.01


def _size(x: KerasTensor) -> KerasTensor:
    return ops.sqrt(ops.mean(ops.square(x), -1, keepdims=True))


def _without_mean(x: KerasTensor) -> KerasTensor:
    return x - ops.mean(x, -1, keepdims=True)


def _likeness(x: KerasTensor, y: KerasTensor, part: slice) -> KerasTensor:
    """The correlation of two beats over a part of the window, (batch, beats, 1)."""
    x, y = (_without_mean(v[..., part]) for v in (x, y))
    power = ops.sum(x * x, -1, keepdims=True) * ops.sum(y * y, -1, keepdims=True)
    return ops.sum(x * y, -1, keepdims=True) / ops.sqrt(power + 1e-4)
