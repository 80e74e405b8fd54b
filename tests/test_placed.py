"""What a run is made of: schedules by hand, models as the settings say, and what each of them is trained on."""

import dataclasses
import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from test_runs import TINY
from torch import nn
from torch.nn.functional import cross_entropy, pad

from olc_lib import data, losses, objective, paper, provenance, reading, systems, transfer
from olc_lib.latent import VOICE
from olc_lib.networks import OrthogonalVAE
from olc_lib.systems import placed
from olc_lib.systems.placed import MODELS, SETTINGS, Training

few = settings(derandomize=True, max_examples=25, deadline=None, database=None)


@pytest.fixture(scope="module")
def given_data():
    """A dozen clips and images: their number does not matter here."""
    voices, images = placed.corpora(TINY, "train")
    few_images = dataclasses.replace(images, pixels=images.pixels[:40], digit=images.digit[:40])
    return data.select(voices, torch.arange(0, 420, 10)), few_images


def tiny(part=None, seed=0, **how):
    one = {part: dataclasses.replace(getattr(TINY, part), **({"steps": 1, "batch_size": 4} | how))} if part else {}
    return dataclasses.replace(TINY, seed=seed, **one)


# --- schedules -------------------------------------------------------------------------------------------


def test_schedule_by_hand():
    # 0.2 of 505 steps are 101: the 9,999 gaps of Table 4 become 100.
    got = placed.schedule("voice", Training(505, injected=0.2))
    expected = {"reconstruction": 1, "sparsity": 1 + 5999 / 99.99, "interpolation": 1 + 6499 / 99.99}
    assert {name: start for name, (start, _) in got.items()} == pytest.approx(
        expected | dict.fromkeys(("speaker", "digit"), 1 + 6799 / 99.99)
    )
    assert got["digit"][1] == pytest.approx(1 + 7299 / 99.99) and got["reconstruction"][1] == 1
    assert placed.schedule("raw", Training(505, injected=0.2)) == got
    assert placed.schedule("image", Training(paper.IMAGE_ITERATIONS)) == paper.IMAGE_INJECTION
    assert placed.schedule("voice", Training(paper.VOICE_ITERATIONS)) == paper.VOICE_INJECTION


def test_no_part_of_the_steps_switches_everything_on_at_once():
    for part in ("image", "voice", "raw"):
        assert set(placed.schedule(part, Training(500, injected=0.0)).values()) == {(1, 1)}


@few
@given(st.sampled_from(["image", "voice", "raw"]), st.integers(1, 20_000), st.floats(0, 1), st.booleans())
def test_schedules_lie_within_the_injected_share_and_start_alike_with_and_without_ramps(part, steps, injected, ramp):
    how = Training(steps, injected=injected, ramp=ramp)
    got, plain = placed.schedule(part, how), placed.schedule(part, dataclasses.replace(how, ramp=True))
    last = max(1, injected * steps)
    for name, (start, stop) in got.items():
        assert 1 <= start <= stop <= last + 1e-9
        assert start == plain[name][0] and stop == (plain[name][1] if ramp else start)
        # Off before its start; on, and fully on without a ramp, once that is reached.
        assert objective.injection(start - 1e-6, start, stop) == 0 and objective.injection(stop, start, stop) == 1
    importance = paper.IMAGE_IMPORTANCE if part == "image" else paper.VOICE_IMPORTANCE
    assert got.keys() == importance.keys()


# --- models ----------------------------------------------------------------------------------------------


def test_models_of_a_run():
    models = placed.build(SETTINGS["slim"])
    assert set(models) == {*MODELS, "speech"} and models["speech"] is models["voice"].decoder
    assert set(placed.build(TINY)) == set(MODELS)
    raw, classifier = models["raw"], models["voice_classifier"]
    assert raw.shape == (1, data.SAMPLES) and raw.space is VOICE and raw.decoder.output == "bipolar"
    channels = [module.out_channels for module in raw.encoder if isinstance(module, nn.Conv1d)]
    assert channels == [max(round(layer.channels / 16), min(layer.channels, 64)) for layer in paper.VOICE_LAYERS]
    with torch.no_grad():
        assert classifier.eval()(torch.zeros(2, 1, 32, 32)).shape == (2, VOICE.dim)
    assert models["image"].decoder.output == models["voice"].decoder.output == "sigmoid"


def test_settings_reach_every_vae():
    for chosen, normed in ((TINY, True), (dataclasses.replace(TINY, inner_norm=False, m=30.0), False)):
        for name, model in placed.build(chosen).items():
            if isinstance(model, OrthogonalVAE):
                norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]
                assert bool(norms) == normed, name
                x = torch.rand(2, *model.shape, generator=torch.Generator().manual_seed(0))
                largest = x.flatten(1).sort(descending=True).values
                count = round(largest.shape[1] * chosen.m / 100)
                expected = x / largest[:, :count].mean(1).view(-1, *[1] * len(model.shape))
                torch.testing.assert_close(model.normalize(x), expected)


def test_weights_come_from_the_seed_alone():
    torch.manual_seed(5)
    state = torch.get_rng_state()
    first = placed.build(TINY)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(6)
    again, other = placed.build(TINY), placed.build(tiny(seed=1))
    for part in MODELS:
        weights = [list(models[part].parameters()) for models in (first, again, other)]
        assert all(torch.equal(a, b) for a, b in zip(weights[0], weights[1], strict=True))
        assert any(not torch.equal(a, b) for a, b in zip(weights[0], weights[2], strict=True))


# --- training --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", MODELS)
def test_what_each_model_is_trained_on(part, given_data, monkeypatch):
    """Every signal again by other means, and the training as its part says."""
    called = {}

    def stop(module, loss, tensors, steps, **options):
        called.update(options, module=module, tensors=tensors, steps=steps)
        return {}

    monkeypatch.setattr(systems, "fit", stop)
    settings = tiny(part, seed=4, steps=7, batch_size=5, lr=0.5, weight_decay=0.25)
    models, (voices, images) = placed.build(settings), given_data
    placed.fit_model(part, models, settings, given_data)
    assert called["module"] is models[part]
    wanted = {"steps": 7, "batch_size": 5, "lr": 0.5, "weight_decay": 0.25, "seed": 4, "label": part, "device": "cpu"}
    assert {name: called[name] for name in wanted} == wanted
    tensors = called["tensors"]
    if part in ("image_classifier", "image"):
        assert torch.equal(tensors["signal"], images.pixels) and torch.equal(tensors["digit"], images.digit)
        assert set(tensors) == {"signal", "digit"}
        return
    assert torch.equal(tensors["digit"], voices.digit.repeat(8 if part == "bridge" else 1))
    if part == "bridge":
        assert tensors["code"].shape == (8 * len(voices), 16)
        assert set(tensors) == {"code", "digit"}
        return
    assert torch.equal(tensors["speaker"], voices.speaker)
    for row, length in enumerate(voices.lengths.tolist()):
        if part == "raw":
            before = (data.SAMPLES - length) // 2
            word = pad(voices.waves[row, :length], (before, data.SAMPLES - length - before))
            assert torch.equal(tensors["signal"][row, 0], word)
        else:
            sheet = settings.spectrogram.fine_spectrogram(
                voices.waves[row : row + 1, :length], voices.lengths[row : row + 1]
            )
            torch.testing.assert_close(tensors["signal"][row], sheet[0])


@pytest.mark.parametrize("part", ["image", "voice", "raw"])
def test_options_of_a_part_reach_the_loss(part, given_data):
    """The form of the terms changes the first step; a name that the loss does not know is an error."""

    def first_step(**how):
        settings = tiny(part, **how)  # one step: every term is there
        history = placed.fit_model(part, placed.build(settings), settings, given_data)
        return {name: values.item() for name, values in history.items()}

    plain, square = first_step(loss={}), first_step(loss={"disentanglement": losses.disentanglement_rms})
    assert square["digit"] < plain["digit"] and square["reconstruction"] == plain["reconstruction"]
    assert {name for name in plain if name.endswith("/B")}  # balanced, as printed
    flat = first_step(loss={"balanced": False})
    assert {flat[name] for name in flat if name.endswith("/B")} == {1.0}
    with pytest.raises(TypeError, match="nonsense"):
        first_step(loss={"nonsense": 1})


@pytest.mark.parametrize("ramp", [True, False])
def test_ramps(ramp, given_data):
    settings = tiny("image", steps=60, batch_size=4, ramp=ramp, injected=1.0)
    history = placed.fit_model("image", placed.build(settings), settings, given_data)
    multiplier = history["digit/M"].nan_to_num(0)
    between = ((multiplier > 0) & (multiplier < 1)).sum().item()
    assert between == (4 if ramp else 0)  # Table 8: 480 to 530 of 800; steps 37 to 40 of 60
    assert not history["digit"][:35].isfinite().any() and history["digit"][40:].isfinite().all()


def test_voice_classifier_loss_is_the_cross_entropy_of_both_labels(given_data):
    voices, spectrogram = given_data[0], TINY.spectrogram
    classifier = placed.build(TINY)["voice_classifier"].eval()
    sheet = spectrogram.fine_spectrogram(voices.waves, voices.lengths)
    batch = {"signal": sheet, "speaker": voices.speaker, "digit": voices.digit}
    value, record = reading.voice_classifier_loss(classifier, spectrogram)(batch, 0, torch.Generator().manual_seed(3))
    logits = classifier(spectrogram.augment(sheet, torch.Generator().manual_seed(3)))
    expected = cross_entropy(logits[:, :6], voices.speaker) + cross_entropy(logits[:, 6:], voices.digit)
    assert value.item() == pytest.approx(expected.item(), rel=1e-5) and value.requires_grad
    assert record["total"].item() == value.item() and not record["total"].requires_grad


def test_a_voice_classifier_learns(given_data):
    settings = tiny("voice_classifier", steps=40, batch_size=16, lr=5e-3)
    history = placed.fit_model("voice_classifier", placed.build(settings), settings, given_data)["total"]
    assert history[-10:].mean() < 0.8 * history[:10].mean()


def test_bridge_codes_are_those_of_words_heard_in_different_ways(given_data):
    voices, voice = given_data[0], placed.build(TINY)["voice"].train()
    change = TINY.spectrogram.augment
    fine = TINY.spectrogram.fine_spectrogram(voices.waves, voices.lengths)
    made = transfer.bridge_codes(voice, fine, change, voices.digit, seed=5, copies=3)
    count = len(voices)
    assert made["code"].shape == (3 * count, 16) and not made["code"].requires_grad and not voice.training
    assert torch.equal(made["digit"], voices.digit.repeat(3))
    torch.testing.assert_close(made["code"][:, 6:].norm(dim=1), torch.ones(3 * count))
    first, second, _ = made["code"].split(count)
    assert (first - second).abs().amax(1).min() > 1e-6
    with torch.no_grad():
        expected = voice.encode(change(fine, torch.Generator().manual_seed(5)))
    torch.testing.assert_close(first, expected)
    again = transfer.bridge_codes(voice, fine, change, voices.digit, seed=5, copies=3)
    other = transfer.bridge_codes(voice, fine, change, voices.digit, seed=6, copies=3)
    assert torch.equal(again["code"], made["code"]) and not torch.equal(other["code"], made["code"])


# --- as one of the systems ----------------------------------------------------------------------------------


def test_stages_are_the_models_and_two_need_others():
    stages = placed.stages(SETTINGS["slim"])
    assert [stage.model for stage in stages] == [*MODELS, "speech"]
    needs = {stage.model: stage.needs for stage in stages if stage.needs}
    assert needs == {"bridge": ("image", "voice"), "speech": ("voice",)}
    assert [stage.model for stage in placed.stages(SETTINGS["embedded"])] == list(MODELS)
    assert all(stage.training is getattr(SETTINGS["slim"], stage.model) for stage in stages)


def test_speech_changes_the_decoder_alone_and_asks_it_for_unchanged_pictures(given_data, monkeypatch):
    """The target is the clip's own picture, whatever was heard; the encoder, its statistics included, stays."""
    settings = dataclasses.replace(TINY, speech=Training(4, 8, 1e-2))
    models = placed.build(settings)
    models["voice"].rule = lambda x: (x, None)
    before = {name: value.clone() for name, value in models["voice"].state_dict().items()}
    asked = []
    monkeypatch.setattr(
        losses, "reconstruction", lambda wanted, made, norm="mean": asked.append(wanted) or made.mean((1, 2, 3))
    )
    history = placed.fit_model("speech", models, settings, given_data)
    after = models["voice"].state_dict()
    moved = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert moved == {"decoder"} and history["total"].shape == (4,)
    fine = settings.spectrogram.fine_spectrogram(given_data[0].waves, given_data[0].lengths)
    clean = {picture.numpy().tobytes() for picture in placed.unchanged(fine)}
    assert len(asked) == 4 and all(picture.numpy().tobytes() in clean for batch in asked for picture in batch)


@pytest.mark.parametrize("told", [0.0, 0.5, 1.0])
def test_speech_reads_so_many_blocks_from_the_label(given_data, monkeypatch, told):
    """A block by hand is a one in the label's place; all others are the encoder's."""
    settings = dataclasses.replace(TINY, mu=0.0, sigma_min=0.0, speech=Training(1, 40, loss={"told": told}))
    models, codes, asked = placed.build(settings), [], []
    models["voice"].rule = lambda x: (x, None)
    monkeypatch.setattr(losses, "reconstruction", lambda wanted, made: asked.extend(wanted) or made.mean((1, 2, 3)))
    models["voice"].decoder.register_forward_pre_hook(lambda _, given: codes.append(given[0].clone()))
    placed.fit_model("speech", models, settings, given_data)
    (code,) = codes
    exact = torch.cat([((block == 0) | (block == 1)).all(1) for block in VOICE.split(code).values()])
    assert exact.double().mean() == told or (told == 0.5 and 0.3 < exact.double().mean() < 0.7)
    if told == 1:
        voices = given_data[0]
        clean = placed.unchanged(settings.spectrogram.fine_spectrogram(voices.waves, voices.lengths))
        clip = torch.stack([(clean - picture).abs().flatten(1).sum(1).argmin() for picture in asked])
        assert torch.equal(VOICE.labels(code)["digit"], voices.digit[clip])
        assert torch.equal(VOICE.labels(code)["speaker"], voices.speaker[clip])


def test_a_stage_trains_as_fit_model_does(given_data, monkeypatch):
    monkeypatch.setattr(placed, "corpora", lambda settings, split: given_data)
    settings = tiny("image", steps=3)
    [stage] = [stage for stage in placed.stages(settings) if stage.model == "image"]
    first, second = placed.build(settings), placed.build(settings)
    history = systems.fit_stage(stage, first, settings)
    other = placed.fit_model("image", second, settings, given_data)
    assert torch.equal(history["total"], other["total"])
    assert all(map(torch.equal, first["image"].state_dict().values(), second["image"].state_dict().values()))


@pytest.mark.parametrize("run", list(SETTINGS))
def test_settings_are_read_back_from_json(run):
    stored = json.loads(json.dumps(provenance.plain(SETTINGS[run])))
    assert provenance.restore(placed.Settings, stored) == SETTINGS[run]
    assert stored["raw"]["loss"] == {"disentanglement": {"function": "olc_lib.losses:disentanglement_rms"}}
