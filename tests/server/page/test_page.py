"""The page, used as people use it: files in, answers drawn, and nothing asked of anybody but this server."""

import json
import re

import httpx2
import numpy as np
import pytest

PHONE = {"viewport": {"width": 360, "height": 740}, "deviceScaleFactor": 2, "hasTouch": True, "isMobile": True}
LOOKS = {
    "light": {"colorScheme": "light"},
    "dark": {"colorScheme": "dark"},
    "phone": {**PHONE, "colorScheme": "light"},
    "dark phone": {**PHONE, "colorScheme": "dark"},
}
STROKES_A_PIXEL = 8  # of width, at most, in a frame: the trace, its squares, and a mark of each class


def lines(text: str) -> list[list[str]]:
    """The cells of a CSV without its header."""
    return [line.split(",") for line in text.splitlines()[1:]]


@pytest.mark.parametrize(
    ("button", "letters", "facts"),
    [
        ("#rows-example", {"N", "S", "V", "F", "Q"}, {"Rows"}),
        (
            "#recording-example",
            {"N", "S", "V", "F"},
            {"Heart rate", "Beats", "Duration", "Readable", "atrial fibrillation or flutter"},
        ),
    ],
)
def test_an_example_is_answered_and_drawn(visit, site, button, letters, facts) -> None:
    """With its counts by class, and how long the server took; without onnxruntime-web there is no switch."""
    saw = visit("example", site, button=button)

    assert saw["error"] == ""
    assert set(saw["counts"]) == letters
    assert facts | {"Time the server took", "Model version"} == set(saw["facts"])
    assert saw["colours"] > 20
    assert not saw["hasSwitch"]


@pytest.mark.parametrize("head", [False, True])
def test_rows_of_a_file_are_answered_as_the_server_answers_them(visit, site, example, tmp_path, head) -> None:
    """With a header, by the names of the features, whatever else there is; table and JSON hold the server's own answer."""
    row = example["features"]
    path, names = tmp_path / "rows.csv", [f"F{i + 1}" for i in range(len(row))]
    body = [[*row, 7], [*(0.5 * value for value in row), 8]] if head else [row, [0.5 * value for value in row]]
    text = "\n".join(",".join(map(str, line)) for line in ([[*names, "Label"]] if head else []) + body)
    path.write_text(text)
    told = httpx2.post(f"{site}/predict", json={"features": [line[: len(row)] for line in body]}).json()

    saw = visit("choose", site, files=[path])

    assert json.loads(saw["json"]) == told
    wanted = [[str(i + 1), str(one["predicted_class"])] for i, one in enumerate(told["predictions"])]
    assert [line[:2] for line in lines(saw["csv"])] == wanted
    assert [float(line[3]) for line in lines(saw["csv"])] == [one["probability"] for one in told["predictions"]]


def test_a_signal_is_answered_once_its_unit_and_rate_are_told(visit, site, signal_csv) -> None:
    """Neither is guessed: both are asked for."""
    path = signal_csv(20)
    signal = np.loadtxt(path, np.float32)

    asked = visit("asks", site, files=[path])
    saw = visit("choose", site, files=[path], fields={"Unit of the numbers": "mV", "Sampling rate, Hz": "250"})
    told = httpx2.post(f"{site}/annotate?report=json", content=signal.tobytes(), headers=bytes_at(250)).json()

    assert asked["wanted"] == ["Unit of the numbers", "Sampling rate, Hz"]
    assert json.loads(saw["json"]) == told
    assert saw["facts"]["Beats"] == str(len(told["beats"]))
    assert saw["facts"]["Heart rate"].split()[0] == f"{told['summary']['heart_rate_bpm']:g}"
    assert [int(line[1]) for line in lines(saw["csv"])] == [beat["sample"] for beat in told["beats"]]
    assert sum(map(int, saw["counts"].values())) == len(told["beats"])
    assert saw["report"]["Heart rate"]["Mean"] == f"{told['report']['heart_rate']['mean_bpm']:g} bpm"
    assert saw["report"]["Ventricular"]["Beats"].strip() == str(told["report"]["ventricular"]["beats"])
    assert saw["report"]["Heart-rate variability"]["SDNN"] == f"{told['report']['variability']['sdnn_ms']:.4g} ms"
    assert [caption.split(",")[0].lower() for caption in saw["strips"]] == [one["kind"] for one in told["report"]["strips"]]


def test_a_file_that_says_all_is_not_asked_about(visit, site, recording, tmp_path) -> None:
    """A column of seconds tells the rate, a name like MLII_uV the unit."""
    signal, rate = recording(12)
    path = tmp_path / "told.csv"
    np.savetxt(
        path, np.column_stack([np.arange(len(signal)) / rate, 1000 * signal]), "%.4f", ",", header="time_s,MLII_uV", comments=""
    )

    saw = visit("choose", site, files=[path])

    assert saw["error"] == ""
    assert int(saw["facts"]["Beats"]) > 8
    assert saw["facts"]["Duration"] == "0:12"


@pytest.mark.parametrize("fmt", ["16", "24", "32", "61", "80", "212"])
def test_a_wfdb_record_is_read_with_its_gain_and_baseline(visit, site, wfdb_record, fmt) -> None:
    """The lead is chosen, and the answer is the one for the signal as wfdb reads it."""
    files, signal = wfdb_record(fmt)

    saw = visit("choose", site, files=files, fields={"Lead": "MLII"})
    told = httpx2.post(f"{site}/annotate", content=signal.tobytes(), headers=bytes_at(250)).json()

    assert json.loads(saw["json"])["summary"] == told["summary"]
    assert [beat["sample"] for beat in json.loads(saw["json"])["beats"]] == [beat["sample"] for beat in told["beats"]]


def test_files_can_be_dropped(visit, site, example, tmp_path) -> None:
    """Anywhere on the page."""
    path = tmp_path / "dropped.csv"
    path.write_text(",".join(map(str, example["features"])) + "\n")

    saw = visit("drop", site, files=[path])

    assert (saw["name"], saw["facts"]["Rows"]) == ("dropped", "1")


def test_an_error_is_told_as_the_server_tells_it(drive, site, tmp_path) -> None:
    """Its own sentence; the browser itself notes the status, and nothing else is complained of."""
    path = tmp_path / "short.csv"
    path.write_text(",".join(["1"] * 30) + "\n")
    told = httpx2.post(f"{site}/predict", content=path.read_text(), headers={"Content-Type": "text/csv"}).json()

    saw = drive("choose", site, files=[path])

    assert saw["error"] == told["error"]
    assert [fault for fault in saw["faults"] if "422" not in fault] == []


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("words.csv", "name\nJane\n", "Expected lines of numbers: there are none."),
        ("r.hea", "r 1 360 10\nr.dat 8.5 200 11 0 0 0 0 I\n", "Expected WFDB 8/16/24/32/61/80/160/212/310/311, this is 8.5."),
        ("r.hea", "r/2 1 360 10\na 10\nb 10\n", "Expected the file a.hea beside it: the header and its signal files together."),
        ("r.hea", "r\n", "This WFDB file is damaged or cut off."),
        ("r.edf", "0       ", "This EDF file is damaged or cut off."),
        ("r.dcm", "\0" * 128 + "DICM", "Expected DICOM little endian, this is ."),
    ],
)
def test_a_file_that_cannot_be_read_gets_one_sentence(visit, site, tmp_path, name, text, sentence) -> None:
    """Before anything is sent."""
    path = tmp_path / name
    path.write_text(text)

    saw = visit("choose", site, files=[path])

    assert saw["error"] == sentence


def test_a_reader_that_does_not_come_is_no_fault_of_the_file(drive, site, tmp_path) -> None:
    """Each is loaded when a file of its kind comes: it is said that the server does not answer."""
    path = tmp_path / "r.edf"
    path.write_text("0       ")

    saw = drive("choose", site, files=[path], lost="**/edf_reader.js")

    assert saw["error"] == "This server did not answer."


def test_a_recording_over_the_limit_is_refused_before_it_is_read(visit, site, tmp_path) -> None:
    """By what its header says: how much is taken, and how much it is."""
    files = [tmp_path / "r.hea", tmp_path / "b.hea"]
    files[0].write_text("r/2 1 250 70000010\n~ 70000000\nb 10\n")
    files[1].write_text("b 1 250 10\nb.dat 16 200 16 0 0 0 0 II\n")

    saw = visit("choose", site, files=files)

    assert saw["error"] == "Expected at most 67,108,864 samples, found 70,000,010."


@pytest.mark.parametrize("look", ["light", "phone"])
def test_an_error_is_seen_although_an_answer_is_shown(visit, site, tmp_path, look) -> None:
    """It is scrolled to and focused, and screen readers are told of it."""
    path = tmp_path / "ecg.xml"
    path.write_text("<gpx><name>Jane Doe</name></gpx>")

    saw = visit("errorAfterAnswer", site, files=[path], look=LOOKS[look])

    assert saw["error"].startswith("This is an XML file; read are WFDB")
    assert "Doe" not in saw["error"]
    assert (saw["role"], saw["isFocused"]) == ("alert", True)
    assert 0 <= saw["top"] < saw["bottom"] <= saw["height"]
    assert saw["violations"] == []


@pytest.mark.parametrize(
    ("place", "separator", "note"), [("last", ",", "Columns left out: {n}."), ("first", "  ", "Columns left out: 1.")]
)
def test_rows_with_their_label_are_answered_without_it(visit, site, example, tmp_path, place, separator, note) -> None:
    """The README's `ecg.csv`, the label last, and UCR's text, the label first: the page says what it left out."""
    row = example["features"]
    rows = [[1, *row] if place == "first" else [*row, 1], [2, *row] if place == "first" else [*row, 2]]
    path = tmp_path / "ecg.csv"
    path.write_text("".join(separator.join(f"{value:.7e}" for value in line) + "\n" for line in rows))
    told = httpx2.post(f"{site}/predict", json={"features": [float(f"{value:.7e}") for value in row]}).json()

    saw = visit("choose", site, files=[path])

    assert json.loads(saw["json"])["predictions"][1]["predicted_class"] == told["predicted_class"]
    assert saw["facts"]["Rows"] == "2"
    assert saw["notes"] == [note.format(n=len(row) + 1)]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("label", [0, 1])
def test_a_line_that_only_numbers_the_columns_is_no_row(visit, site, example, tmp_path, first, label) -> None:
    """It is never answered, be it alone or before rows, with a label or without."""
    path = tmp_path / "rows.csv"
    path.write_text(",".join(str(first + i) for i in range(len(example["features"]) + label)) + "\n")

    saw = visit("choose", site, files=[path])

    assert saw["error"] == "The first line only numbers the columns: delete it."


def test_of_several_records_one_is_chosen(visit, site, wfdb_record, tmp_path) -> None:
    """Each lead says of which record it is, and so does the answer."""
    files, _ = wfdb_record("16")
    other = tmp_path / "other.hea"
    other.write_text(files[0].read_text().replace("r 2", "other 2", 1))

    saw = visit("choose", site, files=[*files, other], fields={"Lead": "other, V1"})

    assert saw["name"] == "other, V1"


def test_warnings_of_the_server_are_shown(visit, site, recording, tmp_path) -> None:
    """In its own words, which are English."""
    signal, rate = recording(12)
    path = tmp_path / "r.csv"
    np.savetxt(path, signal, "%.4f", header="II_mV", comments="")

    saw = visit("warned", site, files=[path], rate=str(rate), warning="no beat was found in 12 s")

    assert saw["notes"] == ["no beat was found in 12 s"]
    assert saw["lang"] == "en"
    assert saw["violations"] == []


def test_the_file_dialog_offers_every_file(visit, site) -> None:
    """A recording may have any ending, or none."""
    assert visit("dialog", site)["accept"] == ""


def test_a_beat_is_told_by_keyboard_and_by_pointer(visit, site) -> None:
    """Class in words and probability, in a note beside it and for who hears the page."""
    saw = visit("beat", site)

    assert re.fullmatch(r"Beat 2 of \d+, at 0:01\.\d\d: N, normal, or conducted like a normal beat: \d+\.\d%", saw["said"])
    assert re.fullmatch(r"N, normal, or conducted like a normal beat: \d+\.\d%", saw["tip"])


def test_two_fingers_zoom_and_all_of_the_signal_is_seen_below(visit, site) -> None:
    """Twice as far apart, twice as fast a paper, no beat is chosen; the overview reaches from the first sample to the last."""
    saw = visit("pinch", site)

    assert (saw["before"], saw["after"], saw["said"]) == (25, 50, "")
    assert saw["inked"] > 0.99


def test_the_table_turns_over_to_all_beats(visit, site, signal_csv) -> None:
    """A page of lines at a time, forwards to the last one and back."""
    saw = visit("turned", site, files=[signal_csv(120)], rate="250")

    count = saw["ends"][1]
    assert 100 < count < 200
    assert (saw["shown"], saw["ends"][0], saw["first"]) == (f"101–{count} / {count}", 101, "1")
    assert saw["buttons"] == [True, False]


RHYTHMS = ["N", "AF", "O", "VF"]
# What a model of schema 2 tells beside the beats, and how the page says it.
MORE = {
    "rhythm": [
        {"start_s": 0, "end_s": 20, "rhythm": "N", "probability": 0.97},
        {"start_s": 20, "end_s": 45, "rhythm": "AF", "probability": 0.875},
        {"start_s": 50, "end_s": 60, "rhythm": "N", "probability": 0.9},
    ],
    "unreadable": [{"start_s": 45, "end_s": 50}],
    "summary": {"readable_s": 55, "af_s": 25, "heart_rate_bpm": None},
}
WORDS = {
    "en": ("sinus or other regular rhythm", "atrial fibrillation or flutter", "unreadable"),
    "fr": ("rythme sinusal ou régulier", "fibrillation ou flutter auriculaire", "illisible"),
}


@pytest.mark.parametrize("language", WORDS)
def test_rhythms_and_what_is_unreadable_are_drawn_listed_and_told(visit, site, language) -> None:
    """Bands and shades with words, a table whose buttons go there and say where, and how long each lasts."""
    regular, fibrillation, unreadable = WORDS[language]

    saw = visit("stretches", site, language=language, more=MORE, rhythms=RHYTHMS)

    times = ["0:00 – 0:20", "0:20 – 0:45", "0:45 – 0:50", "0:50 – 1:00"]
    words = [regular, fibrillation, unreadable, regular]
    assert [tuple(line[:2]) for line in saw["table"]] == list(zip(times, words, strict=True))
    assert [line[2].rstrip("%\u202f\xa0").replace(",", ".") for line in saw["table"]] == ["97.0", "87.5", "", "90.0"]
    assert (saw["said"], saw["focused"], saw["start"]) == (f"0:20 – 0:45, {fibrillation}", "trace", 20)
    assert saw["shaded"] == [45, 46, 47, 48, 49]
    assert {regular, fibrillation, unreadable} <= set(saw["written"])
    assert saw["facts"][{"en": "Readable", "fr": "Lisible"}[language]] == "0:55"
    assert saw["facts"][fibrillation] == "0:25"
    assert "Heart rate" not in saw["facts"]
    assert saw["violations"] == []


def test_a_model_of_schema_1_tells_nothing_of_rhythm(visit, serve, here, beats_of_schema) -> None:
    """No band, no shade, no table, no times: the page is as it was."""
    with serve(ECG_BEATS=str(beats_of_schema[1])) as (_, address):
        saw = visit("stretches", address, language="en", more={}, rhythms=None)

    assert (saw["isShown"], saw["table"], saw["shaded"]) == (False, [], [])
    assert set(saw["facts"]) == {"Heart rate", "Beats", "Duration", "Time the server took", "Model version"}
    assert all(len(text) == 1 for text in saw["written"])


def test_half_an_hour_is_drawn_with_few_strokes_a_frame(visit, site, signal_csv) -> None:
    """Scrolled, dragged and zoomed: once a frame, and no more strokes than the paper is wide, however long the signal is.

    It is sent in two bytes a sample: in steps of less than 1 µV, each number rounded to the nearest.
    """
    saw = visit("halfHour", site, files=[signal_csv(1800)], rate="250")

    print("{perSecond:.1f} frames a second, drawing {median:.1f} ms (median), {p95:.1f} ms (p95)".format(**saw))
    assert 0 < saw["drawn"] <= saw["frames"] + 2
    assert saw["strokes"] <= STROKES_A_PIXEL * saw["width"]
    assert (saw["sent"]["format"], saw["sent"]["bytes"]) == ("int16", 2 * 1800 * 250)
    assert saw["sent"]["gain"] > 1000
    assert saw["sent"]["off"] < 0.51


def test_what_is_drawn_of_a_stretch_is_its_lowest_and_its_highest(visit, site) -> None:
    """However far the paper is zoomed out; no further beside it than half as far as it is long."""
    assert visit("extremes", site)["wrong"] == []


def test_what_is_printed_is_the_report(visit, site) -> None:
    """Numbers and strips, 25 mm a second; nothing to click, and no table of beats."""
    saw = visit("printed", site)

    assert saw["shown"] == ["facts", "article", "canvas"]
    assert saw["wide"] == pytest.approx(250, abs=0.5)
    assert saw["colours"] > 20
    assert all(caption.endswith("25 mm/s, 10 mm/mV") for caption in saw["strips"])
    assert {"Heart rate", "Supraventricular", "Ventricular", "Pauses ≥ 2 s", "Heart-rate variability"} <= set(saw["report"])


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("look", LOOKS)
def test_everybody_can_use_it(visit, site, look, language) -> None:
    """No fault of WCAG 2.2 AA that axe-core finds, before and after an answer; nothing wider than the screen."""
    saw = visit("accessible", site, look=LOOKS[look], language=language)

    assert saw["violations"] == []
    assert saw["wide"] == 0
    assert saw["said"].startswith({"en": "Beat 1 of", "fr": "Battement 1 sur"}[language])


@pytest.mark.parametrize(
    ("locale", "title"), [("de-DE", "Look at an ECG"), ("fr-CA", "Voir un ECG"), ("en-US", "Look at an ECG")]
)
def test_it_speaks_the_language_of_the_browser(visit, site, locale, title) -> None:
    """English where it does not know that one; another can be chosen."""
    saw = visit("languages", site, look={"locale": locale})

    assert saw["first"].startswith(title)
    assert (saw["lang"], saw["then"]) == ("fr", "Voir un ECG comme le modèle")
    assert saw["address"].endswith("#fr")


@pytest.mark.parametrize("look", LOOKS)
def test_everybody_can_read_the_docs(visit, site, look) -> None:
    """With scripts or without: there are none."""
    saw = visit("docs", f"{site}/docs", look=LOOKS[look])

    assert saw["violations"] == []
    assert saw["wide"] == 0


def test_what_answers_is_told_from_what_the_file_says(visit, site) -> None:
    """Name, version, data, numbers, classes in words and intended use, of both models."""
    cards = visit("about", site)["cards"]

    for name, card in zip(("ecg", "beats"), cards, strict=True):
        told = httpx2.get(f"{site}/v2/models/{name}").json()["ecg"]
        for text in (told["version"], told["trained_on"]["name"], told["intended_use"], f"{told['metrics']['accuracy']:.4g}"):
            assert text in card
        assert "Not a medical device" in card
        assert "premature from above the ventricles" in card


def test_with_a_key_it_asks_as_its_owner(drive, serve, here, command, tmp_path) -> None:
    """The page comes without one; the models are told and the example answered once the key is given."""
    key = command("server.api_keys", tmp_path / "keys", "clinic").stdout.strip()
    with serve(ECG_API_KEYS_FILE=str(tmp_path / "keys")) as (_, address):
        saw = drive("example", address, button="#recording-example", key=key)
        nobody = drive("about", address)

    assert saw["error"] == ""
    assert "Beats" in saw["facts"]
    assert [fault for fault in saw["faults"] if "401" not in fault] == []
    assert all("expected Authorization: Bearer and a key of this server" in card for card in nobody["cards"])


@pytest.mark.parametrize("button", ["#rows-example", "#recording-example"])
def test_in_this_browser_the_same_file_gives_the_same_answer(visit, serve, ort, button) -> None:
    """Where onnxruntime-web is beside the server."""
    with serve(ECG_ORT_WEB_DIR=str(ort)) as (_, address):
        saw = visit("example", address, button=button, local=True)

    assert saw["hasSwitch"]
    assert "Time this browser took" in saw["facts"]
    assert re.match(r"Both answers: (\d+) of \1 with the same class", saw["agreement"])


def test_a_signal_with_gaps_is_said_not_to_be_compared(visit, serve, ort, signal_csv) -> None:
    """The server answers around the gaps; the browser, which would not, leaves it alone and the page says so."""
    lines = signal_csv(12).read_text().splitlines()
    lines[1000:1500] = ["nan"] * 500
    path = signal_csv(1)
    path.write_text("\n".join(lines))
    with serve(ECG_ORT_WEB_DIR=str(ort)) as (_, address):
        fields = {"Unit of the numbers": "mV", "Sampling rate, Hz": "250"}
        saw = visit("choose", address, files=[path], fields=fields, local=True)

    assert saw["notes"][:2] == ["2 s without signal.", "Not compared in this browser: the signal has gaps or is long."]
    assert saw["agreement"] == ""


def bytes_at(rate: float) -> dict[str, str]:
    """Header fields of a recording as bytes."""
    return {"Content-Type": "application/octet-stream", "Sampling-Rate": str(rate)}
