"""Features that the beat classifier computes of each beat: RR intervals, and differences from the beats around it.

Each beat is compared with two means of its neighbours: of those with a regular RR interval, and of those that come late.
Where ectopic atrial beats outnumber sinus beats they are the regular ones, and only beats after a pause show the sinus beat.
"""

from keras import KerasTensor, ops

BEFORE, AFTER = 36, 60  # of a beat's window, in samples: 360 ms before the R peak, 600 ms after
QRS = slice(BEFORE - 6, BEFORE + 8)
P_WAVE = slice(BEFORE - 26, BEFORE - 6)
NEAR, FAR = 10, 20  # beats to each side that say what is usual
EPSILON = 1e-6


def moving_mean(x: KerasTensor, reach: int, weight: KerasTensor | None = None) -> KerasTensor:
    """The weighted mean over `reach` steps to each side of (batch, steps, channels); what lies beyond the ends has no weight."""
    weight = ops.ones_like(x[..., :1]) if weight is None else weight
    return _moving_sum(x * weight, reach) / (_moving_sum(weight, reach) + EPSILON)


def _moving_sum(x: KerasTensor, reach: int) -> KerasTensor:
    """By the difference of two cumulative sums, in float64, so that the cost does not depend on `reach`."""
    total = ops.cumsum(ops.pad(ops.cast(x, "float64"), ((0, 0), (reach + 1, reach), (0, 0))), axis=1)
    return ops.cast(total[:, 2 * reach + 1 :] - total[:, : -2 * reach - 1], "float32")


def rhythm_features(seconds: KerasTensor, present: KerasTensor) -> tuple[KerasTensor, KerasTensor, KerasTensor, KerasTensor]:
    """Of each beat: rhythm features (batch, beats, 13), heart rate (batch, beats, 3), how regular, how late (batch, beats, 1).

    They are logarithms of RR intervals relative to local averages, after de Chazal, O'Dwyer and Reilly, IEEE Trans. Biomed.
    Eng. 51 (2004), 1196-1206: a robust (reweighted) mean, the mean, and a power mean in which long intervals count most.
    Nothing of the rate is among them: a regular heart may beat as fast as it likes.
    """
    both = present[:, 1:] * present[:, :-1]
    interval = both * ops.log(ops.clip(seconds[:, 1:] - seconds[:, :-1], 0.2, 3.0))
    none = ops.zeros_like(seconds[:, :1])
    before, has_before = ops.concatenate([none, interval], 1), ops.concatenate([none, both], 1)
    after, has_after = ops.concatenate([interval, none], 1), ops.concatenate([both, none], 1)
    usual = moving_mean(before, NEAR, has_before)
    for width in (0.3, 0.15, 0.1):
        usual = moving_mean(before, NEAR, has_before / (1 + ops.square((before - usual) / width)))
    lately = moving_mean(before, FAR, has_before)
    average, longest = (_power_mean(before, has_before, power) for power in (1, 6))
    early, late = (before - usual) * has_before, (after - usual) * has_after
    irregular = moving_mean(ops.abs(early), NEAR, has_before)
    rhythm = [early, late, early - late, irregular, moving_mean(irregular, FAR, present), _shifted(early, 1), _shifted(late, -1)]
    for other in (lately, average, longest):
        rhythm += [(before - other) * has_before, (after - other) * has_after]
    spread = moving_mean(ops.square(ops.exp(before) - ops.exp(average)), FAR, has_before)
    rate = [before, average * present, ops.sqrt(spread + EPSILON) * present]
    lateness = has_before * ops.sigmoid((before - average - 0.03) / 0.03)
    regular = present * (_bell(early) * _bell(late) + 0.01)
    return ops.concatenate(rhythm, -1), ops.concatenate(rate, -1), regular, present * (lateness + 0.001)


def _power_mean(logarithm: KerasTensor, weight: KerasTensor, power: int) -> KerasTensor:
    """The logarithm of the generalised mean of what is given by its logarithm, over FAR beats to each side."""
    return ops.log(ops.maximum(moving_mean(ops.exp(power * logarithm), FAR, weight), 1e-4**power)) / power


def _shifted(x: KerasTensor, by: int) -> KerasTensor:
    """Moved by one beat, later or earlier, with a zero at the end."""
    none = ops.zeros_like(x[:, :1])
    return ops.concatenate([none, x[:, :-1]] if by > 0 else [x[:, 1:], none], 1)


def _bell(x: KerasTensor) -> KerasTensor:
    return 1 / (1 + ops.square(x / 0.1))


def shape_features(
    window: KerasTensor, regular: KerasTensor, late: KerasTensor, present: KerasTensor
) -> tuple[KerasTensor, KerasTensor]:
    """How each beat differs from the average beat around it: the mean of regular beats, weighted by correlation with it.

    returns  features (batch, beats, 11): relative size; correlation with the average of the whole window, the QRS complex and
             the P wave; how large and alike the P waves around it are (they are not in atrial fibrillation); correlation with
             the late beats. And the beat, its difference from the average and from the late beats, all relative to the size of
             the average, (batch, beats, window, 3)
    """
    beat = _without_mean(window)
    usual = moving_mean(beat, 15, regular)
    usual = moving_mean(beat, 15, regular * _correlation_weight(beat, usual))
    sinus = moving_mean(beat, FAR, late * _correlation_weight(beat, usual))
    size, usual_size = _size(beat) + 0.02, _size(usual) + 0.02
    numbers = [ops.clip(ops.log(size / usual_size), -2, 2)]
    numbers += [_correlation(beat, usual, part) for part in (slice(None), QRS, P_WAVE)]
    numbers += [moving_mean(numbers[-1], FAR, regular), moving_mean(ops.square(ops.relu(numbers[-1])), FAR, present)]
    numbers += [ops.log((_size(_without_mean(usual[..., P_WAVE])) + 0.01) / usual_size)]
    numbers += [_correlation(beat, sinus, part) for part in (slice(None), QRS, P_WAVE)] + [_correlation(usual, sinus, P_WAVE)]
    channels = ops.stack([one / usual_size for one in (beat, beat - usual, beat - sinus)], -1)
    return ops.concatenate(numbers, -1), ops.clip(channels / 2, -6, 6)


def _correlation_weight(beat: KerasTensor, usual: KerasTensor) -> KerasTensor:
    """The weight of a beat in the mean of beats like `usual`: the square of the correlation of the QRS complexes."""
    return ops.square(ops.relu(_correlation(beat, usual, QRS))) + 0.01


def _size(x: KerasTensor) -> KerasTensor:
    """Root mean square over the window."""
    return ops.sqrt(ops.mean(ops.square(x), -1, keepdims=True))


def _without_mean(x: KerasTensor) -> KerasTensor:
    return x - ops.mean(x, -1, keepdims=True)


def _correlation(x: KerasTensor, y: KerasTensor, part: slice) -> KerasTensor:
    """Pearson correlation of two beats over a part of the window, (batch, beats, 1)."""
    x, y = (_without_mean(v[..., part]) for v in (x, y))
    power = ops.sum(x * x, -1, keepdims=True) * ops.sum(y * y, -1, keepdims=True)
    return ops.sum(x * y, -1, keepdims=True) / ops.sqrt(power + 1e-4)
