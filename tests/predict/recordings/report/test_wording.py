"""The table of what the report says: in both languages, with the same values put in."""

import ast
import string
import tomllib
from pathlib import Path

import pytest

from predict.recordings.report import wording
from predict.recordings.report.wording import LANGUAGES, Wording

TABLE = tomllib.loads(Path(wording.__file__).with_name("wording.toml").read_text())


@pytest.mark.parametrize("key", TABLE)
def test_a_text_is_there_in_both_languages_with_the_same_values(key) -> None:
    """What stands in braces in one stands so in the other."""
    said = TABLE[key]
    fields = [sorted(field for _, field, *_ in string.Formatter().parse(text) if field) for text in said]

    assert len(said) == len(LANGUAGES)
    assert all(said)
    assert fields[0] == fields[1]


def test_where_the_model_fails_is_told_as_its_own_report_tells_it(root) -> None:
    """The English limits are those of the model card, in their order."""
    source = ast.parse((root / "train/recordings/model_card.py").read_text())
    [limits] = [
        ast.literal_eval(node.value)
        for node in source.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "LIMITS"
    ]

    assert Wording("en").all("limits_") == list(limits)


@pytest.mark.parametrize(
    ("seconds", "english", "french"),
    [
        (None, "–", "–"),
        (0, "0 s", "0 s"),
        (9.6, "9.6 s", "9,6 s"),
        (60, "1 min", "1 min"),
        (1799.7, "30 min", "30 min"),
        (3725, "1 h 2 min", "1 h 2 min"),
        (93600, "1 d 2 h", "1 j 2 h"),
    ],
)
def test_lengths_of_time(seconds, english, french) -> None:
    """In their two largest units, without zeros."""
    assert [Wording(language).duration(seconds) for language in LANGUAGES] == [english, french]


@pytest.mark.parametrize(
    ("value", "digits", "english", "french"), [(None, 0, "–", "–"), (-1234.56, 1, "−1,234.6", "−1\u202f234,6"), (5, 0, "5", "5")]
)
def test_numbers(value, digits, english, french) -> None:
    """With a minus that is one, and the marks of the language."""
    assert [Wording(language).number(value, digits) for language in LANGUAGES] == [english, french]
