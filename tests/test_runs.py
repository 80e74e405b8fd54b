"""Named runs: made, interrupted, resumed, stored and read; the shipped ones hold what they promise."""

import dataclasses
import json
import shutil

import joblib
import pytest
import torch

from olc_lib import data, losses, metrics, runs, stored, systems
from olc_lib.__main__ import main
from olc_lib.latent import IMAGE, VOICE
from olc_lib.ledger import slim_again
from olc_lib.systems import placed
from olc_lib.systems.placed import MODELS, SETTINGS, Training

TINY = dataclasses.replace(
    SETTINGS["embedded"],
    width=0.01,
    image_classifier=Training(3),
    voice_classifier=Training(3),
    image=Training(12, 16),
    voice=Training(12, 16),
    raw=Training(2, 4, ramp=False, loss={"disentanglement": losses.disentanglement_rms}),
    bridge=Training(2, 16),
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a tiny run, trained once for all tests of this file."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLC_RUNS", str(folder))
        runs.train("whole", device="cpu", settings=TINY)
    return folder / "placed" / "whole"


@pytest.fixture
def place(monkeypatch, tmp_path):
    """Where runs of the system ``placed`` go."""
    monkeypatch.setenv("OLC_RUNS", str(tmp_path))
    return tmp_path / "placed"


@pytest.fixture
def whole(place, trained):
    """The tiny run, in a copy that may be damaged."""
    shutil.copytree(trained, place / "whole")
    return runs.load("whole", quiet=True)


def same(a, b):
    return all(torch.equal(p, q) for p, q in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def interrupt(monkeypatch, model, really=True):
    """The training of this model fails, that of the others happens or is left out; names of those that were begun."""
    plain, begun = systems.fit_stage, []

    def fit_stage(stage, *rest, **options):
        begun.append(stage.model)
        if stage.model == model:
            raise KeyboardInterrupt
        return plain(stage, *rest, **options) if really else {"total": torch.zeros(stage.training.steps)}

    monkeypatch.setattr(systems, "fit_stage", fit_stage)
    return begun


def test_a_run_survives_interruption_and_equals_an_uninterrupted_one(place, whole, monkeypatch):
    with monkeypatch.context() as patch:
        first = interrupt(patch, "voice")
        with pytest.raises(KeyboardInterrupt):
            runs.train("broken", device="cpu", settings=TINY)
    assert not (place / "broken").exists()  # nothing half-made under the run's name
    then = interrupt(monkeypatch, None)
    mended = runs.train("broken", device="cpu", settings=TINY)
    assert (first, then) == (["image_classifier", "voice_classifier", "image", "voice"], ["voice", "raw", "bridge"])
    assert all(same(getattr(whole, model), getattr(mended, model)) for model in MODELS)
    assert whole.results["metrics"] == mended.results["metrics"]
    assert sorted(path.name for path in place.iterdir()) == ["broken", "whole"]
    assert names(place / "broken") == names(place / "whole")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def all_but_the_bridge(tmp_path_factory):
    """What a run leaves that is interrupted in its last model."""
    folder = tmp_path_factory.mktemp("half")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLC_RUNS", str(folder))
        interrupt(patch, "bridge", really=False)
        with pytest.raises(KeyboardInterrupt):
            runs.train("x", device="cpu", settings=TINY)
    return folder / "placed" / "x.part"


@pytest.mark.parametrize(
    "change, again",
    [
        ({}, ["bridge"]),
        ({"seed": 1}, list(MODELS)),  # all depend on it
        ({"mu": 0.01}, list(MODELS)),  # what is no training of one model may concern them all
        ({"voice": Training(13, 16)}, ["voice", "bridge"]),  # what does not depend on it is kept
        ({"raw": Training(3, 4)}, ["raw", "bridge"]),
        ({"image": Training(12, 16, loss={"norm": "sum"})}, ["image", "bridge"]),
        ({"bridge": Training(3, 16)}, ["bridge"]),
    ],
)
def test_an_interrupted_run_keeps_just_the_models_that_new_settings_leave_alone(
    place, monkeypatch, all_but_the_bridge, change, again
):
    shutil.copytree(all_but_the_bridge, place / "x.part")
    monkeypatch.setattr(placed, "measure", lambda *given: ({}, {}))
    begun = interrupt(monkeypatch, None, really=False)
    run = runs.train("x", device="cpu", settings=dataclasses.replace(TINY, **change))
    assert begun == again and names(place) == ["x"]
    assert run.settings == dataclasses.replace(TINY, **change)
    assert not [name for name in names(place / "x") if not name.endswith((".safetensors", "run.json"))]


def test_a_model_alone_and_what_it_needs(place, whole, monkeypatch):
    """``--only``: the run is not stored before all its models are there; then it is the same run."""
    begun = interrupt(monkeypatch, None)
    part = runs.train("x", device="cpu", settings=TINY, only=["bridge"])
    assert begun == ["image", "voice", "bridge"] == list(part.models) and names(place) == ["whole", "x.part"]
    assert same(part.bridge, whole.bridge) and not part.image.training
    rest = runs.train("x", device="cpu", settings=TINY)
    assert begun[3:] == ["image_classifier", "voice_classifier", "raw"]
    assert rest.results["metrics"] == whole.results["metrics"]
    with pytest.raises(ValueError, match="no model 'ear' in this run, expected one of .*'raw'"):
        runs.train("x", device="cpu", settings=TINY, only=["ear"])


def test_models_trained_side_by_side_are_the_same(place, whole):
    """In processes of their own: what one draws does not reach the other."""
    run = runs.train("x", device="cpu", settings=TINY, only=["voice_classifier", "raw"], jobs=2)
    assert list(run.models) == ["voice_classifier", "raw"]
    assert all(same(model, whole.models[name]) for name, model in run.models.items())


def test_a_model_waits_for_those_that_it_needs(place, monkeypatch):
    """The five that need no other together, the bridge after them."""
    rounds = []

    class Parallel:
        def __init__(self, jobs, **options):
            self.jobs = jobs

        def __call__(self, tasks):
            tasks = list(tasks)
            rounds.append((self.jobs, [model for _, (_, model, *_), _ in tasks]))
            for function, given, options in tasks:
                function(*given, **options)

    def write(system, model, settings, device, work, progress):
        for name in (f"{model}.safetensors", f"{model}.history", f"{model}.json"):
            (work / name).touch()

    monkeypatch.setattr(joblib, "Parallel", Parallel)
    monkeypatch.setattr(runs, "train_model", write)
    monkeypatch.setattr(runs, "_take", lambda *given: rounds.append(given[1]))
    runs.train("x", device="cpu", settings=TINY, only=list(MODELS), jobs=3)
    assert rounds[0] == (3, list(MODELS[:5])) and sorted(rounds[1:6]) == sorted(MODELS[:5])
    assert rounds[6:] == ["bridge"]


def test_the_command_trains(place, monkeypatch, capsys):
    given = []
    monkeypatch.setattr(runs, "train", lambda *names, **options: given.append((names, options)) or Some)

    class Some:
        results = {"metrics": {"digit": 97.25}}

    assert main(["train", "slim"]) == 0
    assert main(["train", "slim", "--system", "classified", "--only", "pair", "--jobs", "2", "--device", "cuda"]) == 0
    assert given == [
        (("slim", "placed", None), {"only": None, "jobs": 1}),
        (("slim", "classified", "cuda"), {"only": ["pair"], "jobs": 2}),
    ]
    assert capsys.readouterr().out.split() == ["digit", "97.25"] * 2


def test_a_run_is_read_back_as_it_was_made(whole, capsys):
    read = runs.load("whole")
    assert read.settings == TINY
    made = read.results["provenance"]
    assert made.keys() >= {"device", "machine", "processor", "torch", "threads", "code", "cost", "date", "olc_lib"}
    assert len(read.history["image"]["total"]) == 12 and read.history["image"]["digit"].isnan().any()
    assert len(read.history["voice_classifier"]["total"]) == 3 and not read.history["raw"]["digit"].isnan().all()
    assert not any(getattr(read, model).training for model in MODELS)
    assert read.spectrogram is read.settings.spectrogram
    assert "run 'whole': embedded voices, embedded images, width 0.01" in capsys.readouterr().out
    with pytest.raises(AttributeError, match="run has no model 'ear', expected one of .*'bridge'"):
        getattr(read, "ear")  # noqa: B009


def test_one_model_is_read_alone(whole):
    """Also where the files of the others are not."""
    for name in MODELS:
        if name != "image":
            (whole.folder / f"{name}.safetensors").unlink()
    alone = runs.load("whole", only=["image"], quiet=True)
    assert list(alone.models) == ["image"] and same(alone.image, whole.image) and not hasattr(alone, "voice")


def test_a_run_of_earlier_code_is_shown_as_such_until_somebody_vouches_for_it(whole, monkeypatch):
    assert runs.is_current("whole") and "earlier code" not in runs.describe("whole", whole.results)
    monkeypatch.setattr(stored, "code", lambda system, settings=(): "today")
    assert not runs.is_current("whole") and "by earlier code than this" in runs.describe("whole", whole.results)
    assert main(["vouch", "placed/whole", "--why", "a name was changed"]) == 0
    assert runs.is_current("whole")
    [vouched] = runs.read_results("whole")["provenance"]["vouched"]
    assert (vouched["was"], vouched["why"]) == (whole.results["provenance"]["code"], "a name was changed")
    assert runs.read_results("whole")["metrics"] == whole.results["metrics"]


def test_what_a_run_took_is_told(whole):
    """Minutes and memory of every model."""
    cost = whole.results["provenance"]["cost"]
    assert cost.keys() == set(MODELS)
    assert all(model["minutes"] >= 0 and model["peak_mib"] > 50 for model in cost.values())  # torch alone takes more
    for model in cost.values():
        model["minutes"] = 1.5
    assert runs.describe("whole", whole.results).endswith(", 9.0 minutes")


def test_a_run_is_made_or_not(place, whole, monkeypatch):
    """Complete, of the same settings, undamaged: then nobody needs to train it again."""
    assert not runs.is_made("wide")
    shutil.copytree(whole.folder, place / "wide")
    assert not runs.is_made("wide")  # of other settings than those that the system has for it
    monkeypatch.setitem(SETTINGS, "wide", TINY)
    assert runs.is_made("wide")
    monkeypatch.setitem(SETTINGS, "wide", dataclasses.replace(TINY, precision="bfloat16"))
    assert runs.is_made("wide")  # made in float32, on an older card, say
    monkeypatch.setitem(SETTINGS, "wide", dataclasses.replace(TINY, mu=0.1))
    assert not runs.is_made("wide")
    monkeypatch.setitem(SETTINGS, "wide", TINY)
    file = place / "wide" / "run.json"
    text = file.read_text()
    for broken in (text[:100], "[]", "{}", '{"settings": 3}', ""):
        file.write_text(broken)
        assert not runs.is_made("wide")
    file.write_text(text)
    assert runs.is_made("wide")
    (place / "wide" / "raw.safetensors").unlink()
    assert not runs.is_made("wide")


def test_all_runs_are_listed(place, whole, monkeypatch):
    shutil.copytree(whole.folder, place.parent / "classified" / "other")
    (place / "half.part").mkdir()
    assert set(runs.made()) >= {("placed", "whole"), ("classified", "other"), ("placed", "slim")}
    assert not [name for _, name in runs.made() if name.startswith("half")]


def test_a_run_without_its_weights_still_has_results(whole):
    """As the run at full width is shipped: its weights are too large."""
    for model in MODELS:
        (whole.folder / f"{model}.safetensors").unlink()
    assert runs.read_results("whole") == whole.results
    with pytest.raises(FileNotFoundError, match="without its weights: `python -m olc_lib train whole` makes them"):
        runs.load("whole")


def test_missing_runs_systems_and_names_are_named(place, capsys):
    for read in (runs.load, runs.read_results):
        with pytest.raises(FileNotFoundError, match="no run 'nobody' in .*python -m olc_lib train nobody`"):
            read("nobody")
        with pytest.raises(FileNotFoundError, match="python -m olc_lib train nobody --system classified`"):
            read("nobody", "classified")
    with pytest.raises(ValueError, match="no settings for a run 'nobody', expected one of .*'slim'"):
        runs.train("nobody")
    with pytest.raises(ValueError, match="no system 'nothing', expected one of .*'placed'"):
        runs.train("embedded", "nothing")
    assert main(["train", "embedded", "--system", "nothing"]) == 2
    assert capsys.readouterr().err.count("\n") == 1 and not place.exists()


def test_evaluation_measures_what_it_says(whole):
    """Each figure again, from the loaded models, by other means."""
    run = whole
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
def test_a_shipped_run_is_of_these_settings(name):
    run = runs.load(name, quiet=True)
    assert run.settings == SETTINGS[name]
    with torch.no_grad():
        drawn = run.image.decode(torch.stack([IMAGE.handcrafted(digit=d) for d in range(10)]))
    assert (drawn - run.arrays["handcrafted"]).abs().max() < 1e-3


@pytest.mark.parametrize("name", ["embedded", pytest.param("slim", marks=pytest.mark.slow)])
def test_a_shipped_run_measured_again(name):
    """The run ``slim`` needs FSDD and MNIST."""
    run = runs.load(name, quiet=True)
    measured, _ = placed.measure(run.models, run.settings, "test")
    assert measured.keys() == run.results["metrics"].keys()
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


@pytest.mark.parametrize(
    "file", ["image.safetensors", "voice_classifier.safetensors", "history.safetensors", "run.json"]
)
@pytest.mark.parametrize("how", ["cut", "gone", "empty"])
def test_a_damaged_run_does_not_load(whole, file, how):
    file = whole.folder / file
    if how == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[: 100 if how == "cut" else 0])
    nothing = file.name == "run.json" and how == "gone"  # without it there is no run at all
    with pytest.raises(FileNotFoundError if nothing else ValueError, match="no run" if nothing else "is damaged"):
        runs.load("whole")


def test_a_run_made_before_there_was_a_voice_classifier_is_no_run_of_this_version(whole):
    del whole.results["settings"]["voice_classifier"]
    (whole.folder / "run.json").write_text(json.dumps(whole.results))
    assert not runs.is_current("whole") and "earlier code" in runs.describe("whole", whole.results)
    with pytest.raises(ValueError, match="of another version .*make it again"):
        runs.load("whole")


@pytest.mark.parametrize("text", ["[]", "3", "null", '"words"', '{"settings": 3, "metrics": {}, "provenance": {}}'])
def test_a_file_that_is_no_record_is_one_sentence(whole, text):
    (whole.folder / "run.json").write_text(text)
    with pytest.raises(ValueError, match=r"\Athe run in .* is damaged .*: make it again\Z"):
        runs.load("whole")


def test_voice_space_fits_both_corpora():
    assert len(data.voices("embedded", "test").speakers) == VOICE.sizes["speaker"]


def test_slim_again_trains_and_measures_what_the_run_does(monkeypatch, whole):
    monkeypatch.setitem(slim_again.SETTINGS, "slim", dataclasses.replace(TINY, seed=3))
    again = slim_again.again(-1)  # the run's own seed
    assert again == whole.results["metrics"]
    assert slim_again.again(0)["voice_rms"] != again["voice_rms"]
