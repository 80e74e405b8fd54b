"""Named runs: made, interrupted, resumed, stored and read; the shipped ones hold what they promise."""

import dataclasses
import json
import shutil

import pytest
import torch

from olc_lib import data, metrics, runs
from olc_lib.latent import IMAGE, VOICE
from olc_lib.reading import evaluate
from olc_lib.systems import placed
from olc_lib.systems.placed import MODELS, SETTINGS, Training

TINY = dataclasses.replace(
    SETTINGS["embedded"],
    width=0.01,
    image_classifier=Training(3),
    voice_classifier=Training(3),
    image=Training(12, 16),
    voice=Training(12, 16),
    raw=Training(2, 4, ramp=False, loss={"unrelated": "rms"}),
    bridge=Training(2, 16),
)


@pytest.fixture
def place(monkeypatch, tmp_path):
    monkeypatch.setenv("OLC_RUNS", str(tmp_path))
    return tmp_path


def same(a, b):
    return all(torch.equal(p, q) for p, q in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def test_a_run_survives_interruption_and_equals_an_uninterrupted_one(place, monkeypatch):
    whole = runs.train("whole", "cpu", settings=TINY)
    plain, calls = placed.fit_model, []

    def interrupted(part, *rest, **options):
        calls.append(part)
        if part == "voice" and calls.count("voice") == 1:
            raise KeyboardInterrupt
        return plain(part, *rest, **options)

    monkeypatch.setattr(runs, "fit_model", interrupted)
    with pytest.raises(KeyboardInterrupt):
        runs.train("broken", "cpu", settings=TINY)
    assert not (place / "broken").exists()  # nothing half-made under the run's name
    mended = runs.train("broken", "cpu", settings=TINY)
    assert calls == ["image_classifier", "voice_classifier", "image", "voice", "voice", "raw", "bridge"]
    assert all(same(getattr(whole, part), getattr(mended, part)) for part in MODELS)
    assert whole.results["metrics"] == mended.results["metrics"]
    assert sorted(path.name for path in place.iterdir()) == ["broken", "whole"]


@pytest.mark.parametrize(
    "change, again",
    [
        ({"seed": 1}, list(MODELS)),  # all depend on it
        ({"voice": Training(13, 16)}, ["voice", "raw", "bridge"]),  # what is done and does not depend on it is kept
        ({"image": Training(12, 16, loss={"norm": "sum"})}, ["image", "voice", "raw", "bridge"]),
    ],
)
def test_an_interrupted_run_keeps_just_the_parts_that_new_settings_leave_alone(place, monkeypatch, change, again):
    plain, calls = placed.fit_model, []

    def stop(part, *rest, **options):
        if part == "voice":
            raise KeyboardInterrupt
        return plain(part, *rest, **options)

    monkeypatch.setattr(runs, "fit_model", stop)
    with pytest.raises(KeyboardInterrupt):
        runs.train("x", "cpu", settings=TINY)
    monkeypatch.setattr(runs, "fit_model", lambda part, *a, **o: (calls.append(part), plain(part, *a, **o))[1])
    runs.train("x", "cpu", settings=dataclasses.replace(TINY, **change))
    assert calls == again


def test_a_run_is_read_back_as_it_was_made(place, capsys):
    made = runs.train("x", "cpu", settings=TINY)
    read = runs.load("x")
    assert read.settings == TINY == made.settings
    assert read.results["provenance"].keys() >= {"device", "torch", "seed", "cost", "date", "olc_lib"}
    assert len(read.history["image"]["total"]) == 12 and read.history["image"]["digit"].isnan().any()
    assert len(read.history["voice_classifier"]["total"]) == 3 and not read.history["raw"]["digit"].isnan().all()
    assert not any(getattr(read, part).training for part in MODELS)
    assert "run 'x': embedded voices, embedded images, width 0.01" in capsys.readouterr().out


def test_a_run_of_older_code_is_shown_as_such(place, monkeypatch):
    run = runs.train("x", "cpu", settings=TINY)
    assert "older code" not in runs.describe("x", run.results)
    monkeypatch.setattr(runs, "__version__", "9.9")
    assert "(older code; this is 9.9)" in runs.describe("x", run.results)


def test_what_a_run_took_is_told(place):
    """Minutes and memory of every model; a run of the time before memory was recorded says nothing of it."""
    run = runs.train("x", "cpu", settings=TINY)
    cost = run.results["provenance"]["cost"]
    assert all(part["minutes"] >= 0 and part["peak_mib"] > 50 for part in cost.values())  # torch alone takes more
    largest = max(part["peak_mib"] for part in cost.values())
    assert runs.describe("x", run.results).endswith(f" minutes, at most {largest} MiB of memory")
    for part in cost.values():
        del part["peak_mib"]
    assert runs.describe("x", run.results).endswith(" minutes")


def test_a_run_is_made_or_not(place, monkeypatch):
    """Complete, of the same settings, undamaged: then nobody needs to train it again."""
    assert not runs.is_made("paper")
    monkeypatch.setitem(SETTINGS, "paper", TINY)
    run = runs.train("paper", "cpu")
    assert runs.is_made("paper")
    monkeypatch.setitem(SETTINGS, "paper", dataclasses.replace(TINY, precision="bfloat16"))
    assert runs.is_made("paper")  # made in float32, on an older card, say
    monkeypatch.setitem(SETTINGS, "paper", dataclasses.replace(TINY, mu=0.1))
    assert not runs.is_made("paper")
    monkeypatch.setitem(SETTINGS, "paper", TINY)
    whole = (run.folder / "results.json").read_text()
    (run.folder / "results.json").write_text(whole[:100])
    assert not runs.is_made("paper")
    (run.folder / "results.json").write_text(whole)
    (run.folder / "raw.safetensors").unlink()
    assert not runs.is_made("paper")


def test_a_run_without_its_weights_still_has_results(place):
    """As the paper's run is shipped: its weights are too large."""
    run = runs.train("x", "cpu", settings=TINY)
    for part in MODELS:
        (run.folder / f"{part}.safetensors").unlink()
    assert runs.read_results("x") == run.results
    with pytest.raises(FileNotFoundError, match="came without its weights: `python -m olc_lib train x` makes them"):
        runs.load("x")


def test_missing_runs_and_names_are_named(place):
    with pytest.raises(FileNotFoundError, match="no run 'nobody' in .*python -m olc_lib train nobody"):
        runs.load("nobody")
    with pytest.raises(FileNotFoundError, match="no run 'nobody'"):
        runs.read_results("nobody")
    with pytest.raises(ValueError, match="no settings for a run 'nobody'"):
        runs.train("nobody")


def test_evaluation_measures_what_it_says(place):
    """Each figure again, from the loaded models, by other means."""
    run = runs.train("x", "cpu", settings=TINY)
    voices = data.voices("embedded", "test")
    with torch.no_grad():
        code = run.voice.encode(run.spectrogram(voices.waves, voices.lengths))
    right = (code[:, 6:].argmax(1) == voices.digit).sum().item()
    assert run.results["metrics"]["voice_digit"] == pytest.approx(100 * right / len(voices.digit), abs=1e-3)
    assert run.arrays["image_digit"].shape == (10, 10) and run.arrays["voice_speaker"].shape == (6, 6)
    with torch.no_grad():
        logits = run.voice_classifier(run.spectrogram(voices.waves, voices.lengths))
        wave = torch.nn.functional.pad(voices.waves[5, : voices.lengths[5]], ((8192 - voices.lengths[5]) // 2, 0))
        raw = run.raw.encode(torch.nn.functional.pad(wave, (0, 8192 - len(wave)))[None, None])
        codes = run.raw.encode(data.centre(voices.waves, voices.lengths))
    right = (logits[:, :6].argmax(1) == voices.speaker).double().mean().item()
    assert run.results["metrics"]["voice_classifier_speaker"] == pytest.approx(100 * right, abs=1e-3)
    assert (raw - codes[5]).abs().max() < 1e-5
    right = (codes[:, 6:].argmax(1) == voices.digit).double().mean().item()
    assert run.results["metrics"]["raw_digit"] == pytest.approx(100 * right, abs=1e-3)
    assert run.arrays["raw_digit"].shape == (10, 10) and run.arrays["raw_speaker"].shape == (6, 6)


@pytest.mark.parametrize("name", ["embedded", "slim"])
def test_a_shipped_run_is_what_these_settings_make(name, monkeypatch):
    monkeypatch.delenv("OLC_RUNS", raising=False)
    run = runs.load(name, quiet=True)
    assert run.settings == SETTINGS[name]
    with torch.no_grad():
        drawn = run.image.decode(torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)]))
    assert (drawn - run.arrays["handcrafted"]).abs().max() < 1e-3
    measured, _ = (
        evaluate({p: getattr(run, p) for p in MODELS}, run.settings, "test") if name == "embedded" else ({}, 0)
    )
    for key, value in measured.items():
        # One clip or image on the edge may fall the other way on another processor.
        items = 60 if key.startswith("text_to_voice") else measured["voices"]
        slack = 100 / items + 0.01 if abs(value) > 1 else 0.01
        assert value == pytest.approx(run.results["metrics"][key], abs=slack), key


def test_shipped_speakers_and_digits_are_semi_orthogonal():
    run = runs.load("slim", quiet=True)
    for name in ("image_digit", "voice_digit", "voice_speaker", "raw_digit", "raw_speaker"):
        table = run.arrays[name]
        assert torch.equal(table.argmax(1), torch.arange(len(table))), name
        assert name.startswith("raw") or metrics.mean_abs_cosine(table) < 0.1  # waveforms are read less clearly


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that is as good as trained."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLC_RUNS", str(folder))
        runs.train("whole", "cpu", settings=TINY)
    return folder / "whole"


@pytest.mark.parametrize(
    "file", ["image.safetensors", "voice_classifier.safetensors", "history.safetensors", "results.json"]
)
@pytest.mark.parametrize("how", ["cut", "gone", "empty"])
def test_a_damaged_run_does_not_load(place, whole, file, how):
    shutil.copytree(whole, place / "whole")
    runs.load("whole", quiet=True)
    file = place / "whole" / file
    if how == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[: 100 if how == "cut" else 0])
    nothing = file.name == "results.json" and how == "gone"  # without it there is no run at all
    with pytest.raises(FileNotFoundError if nothing else ValueError, match="no run" if nothing else "is damaged"):
        runs.load("whole")


def test_a_run_made_before_there_was_a_listener_is_no_run_of_this_version(place, whole):
    shutil.copytree(whole, place / "whole")
    results = json.loads((place / "whole" / "results.json").read_text())
    del results["settings"]["voice_classifier"]
    (place / "whole" / "results.json").write_text(json.dumps(results))
    with pytest.raises(ValueError, match="of another version .*make it again"):
        runs.load("whole")


def test_voice_space_fits_both_corpora():
    assert len(data.voices("embedded", "test").speakers) == VOICE.sizes["speaker"]
