"""What the report says, in English or in French, and how its numbers and times are written there."""

import tomllib
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "fr")
THOUSANDS, DECIMAL = {"en": ",", "fr": "\u202f"}, {"en": ".", "fr": ","}


class Wording:
    """The words of one language: `wording("at", time="0:03")`."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._words = {key: said[LANGUAGES.index(language)] for key, said in _table().items()}

    def __call__(self, key: str, **values: str) -> str:
        """What the table says under a key, with these values in it."""
        return self._words[key].format(**values)

    def known(self, kind: str, name: str) -> str:
        """What the table calls a `rhythm` or a `class`; one that it does not know has its own name."""
        return self._words.get(f"{kind}_{name}", name)

    def all(self, beginning: str) -> list[str]:
        """What the table says under all keys that begin so, in its order."""
        return [said for key, said in self._words.items() if key.startswith(beginning)]

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with so many decimals; a dash for None."""
        if value is None:
            return self("no_value")
        marks = str.maketrans({"-": "−", ",": THOUSANDS[self.language], ".": DECIMAL[self.language]})
        return f"{value:,.{digits}f}".translate(marks)

    def unit(self, unit: str, value: float | None, digits: int = 0) -> str:
        """A number with its unit: `bpm`, `ms`, `ms2`, `hz` or `seconds` of the table."""
        return self("no_value") if value is None else self(unit, value=self.number(value, digits))

    def percent(self, share: float | None, digits: int = 1) -> str:
        """A share of 0 to 1 in percent."""
        return self.unit("percent", None if share is None else 100 * share, digits)

    def duration(self, seconds: float | None) -> str:
        """A length of time in its two largest units, or three where there are days; zeros are left out."""
        if seconds is None:
            return self("no_value")
        if seconds < 60:
            return self.unit("seconds", seconds, 0 if seconds == int(seconds) else 1)
        whole = round(seconds)
        parts = {"days": whole // 86400, "hours": whole // 3600 % 24, "minutes": whole // 60 % 60, "seconds": whole % 60}
        if whole >= 3600:
            del parts["seconds"]
        return " ".join(self.unit(unit, value) for unit, value in parts.items() if value)


@cache
def _table() -> dict[str, list[str]]:
    with Path(__file__).with_name("wording.toml").open("rb") as file:
        return tomllib.load(file)
