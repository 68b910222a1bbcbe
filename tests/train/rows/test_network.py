"""The network and how it learns. TensorFlow is imported by the tests: every process collects them, and one runs them."""

import numpy as np
import pytest

from train.tensorflow_setup import make_deterministic


@pytest.fixture(scope="module", autouse=True)
def keras():
    """Keras, where TensorFlow is installed."""
    return pytest.importorskip("keras", reason="TensorFlow is not installed here")


@pytest.fixture
def learn():
    """Train a network of two classes on rows for three epochs."""
    from train.rows import fit, network

    def from_rows(rows: tuple[np.ndarray, np.ndarray], seed: int):
        make_deterministic(seed)
        built = network.build(rows[0], 2)
        fit.fit(built, rows, rows, classes=2, epochs=3, seed=seed)
        return built

    return from_rows


@pytest.fixture
def rows() -> tuple[np.ndarray, np.ndarray]:
    """Two hundred rows of 30 features, of two classes that differ in their first feature."""
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 2
    features = rng.normal(5, 2, (200, 30)).astype(np.float32)
    features[:, 0] += 6 * labels
    return features, labels


@pytest.mark.parametrize(("classes", "units", "activation"), [(2, 1, "sigmoid"), (5, 5, "softmax")])
def test_the_network_is_the_one_promised(keras, rows, classes, units, activation) -> None:
    """N features, Dense 128 ReLU, Dense 64 ReLU, then one sigmoid or a softmax."""
    from train.rows import network

    dense = [layer for layer in network.build(rows[0], classes).layers if isinstance(layer, keras.layers.Dense)]

    assert [(layer.units, layer.activation.__name__) for layer in dense] == [(128, "relu"), (64, "relu"), (units, activation)]


def test_scaling_comes_from_the_rows_given_and_survives_a_feature_that_never_varies(rows) -> None:
    """A constant column is centred, not divided by nothing."""
    from train.rows import network

    features = rows[0].copy()
    features[:, 3] = 7.0

    scaled = network.build(features, 2).get_layer("scaling")(features + np.float32(1) * (np.arange(30) == 3)).numpy()

    assert np.abs(scaled[:, [0, 1, 2]].mean(axis=0)).max() < 1e-4
    assert np.abs(scaled[:, [0, 1, 2]].std(axis=0) - 1).max() < 1e-4
    assert scaled[:, 3] == pytest.approx(1.0)


def test_same_seed_same_weights(learn, rows, capsys) -> None:
    """To the bit; another seed gives others. Off a terminal there is one line an epoch."""
    first, again, other = (learn(rows, seed).get_weights() for seed in (1, 1, 2))

    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert not all((a == b).all() for a, b in zip(first, other, strict=True))
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["1/3", "2/3", "3/3"] * 3


def test_calibration_changes_how_sure_the_answers_are_and_no_answer(learn, rows) -> None:
    """An overconfident network gets a temperature above 1, folded into its last layer."""
    from train.rows import network
    from train.rows.calibration import calibrate

    features, labels = rows
    built = learn(rows, 0)
    answer = built.get_layer("answer")
    answer.set_weights([weights * 10 for weights in answer.get_weights()])
    before = network.probabilities(built, features)

    temperature = calibrate(built, features, labels)

    after = network.probabilities(built, features)
    odds = np.log(before[:, 1] / before[:, 0]) / temperature
    assert temperature > 1.1
    assert (after.argmax(axis=1) == before.argmax(axis=1)).all()
    assert after[:, 1] == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-4)


def test_only_signals_are_shifted(rows) -> None:
    """Columns whose neighbours have nothing to do with each other keep their places."""
    from train.rows import fit
    from train.rows.data.augmented_batches import is_waveform

    smooth = np.cumsum(rows[0] - 5, axis=1)

    assert is_waveform(smooth)
    assert not is_waveform(rows[0])
    assert fit.recipe(smooth, 1)["shift_samples"] == 1
    assert fit.recipe(rows[0], 1)["shift_samples"] == 0


def test_small_data_gets_more_epochs() -> None:
    """As many as it takes for 1,500 updates, and never fewer than 40."""
    from train.rows import fit

    assert fit.default_epochs(450) == 100
    assert fit.default_epochs(3600) == 40


@pytest.mark.parametrize(("size", "count"), [(32, 2), (32, 3), (20, 2), (11, 2), (1, 2), (2, 5)])
def test_every_row_of_a_batch_is_in_a_share_and_all_shares_are_equal(size, count) -> None:
    """One row once, but where the shares would be unequal: there some of the first rows are in two."""
    from train.distributed import shard

    batch = np.arange(size)

    shares = [shard(index, count)(batch, batch * 10) for index in range(count)]

    taken = np.concatenate([rows for rows, _ in shares])
    assert {len(rows) for rows, _ in shares} == {-(-size // count)}
    assert sorted(set(taken.tolist())) == batch.tolist()
    assert len(taken) - size < count
    assert all((wanted == rows * 10).numpy().all() for rows, wanted in shares)
