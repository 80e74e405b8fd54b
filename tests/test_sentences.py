"""Embedded and downloaded sentences, the visitor, and what is held out of them."""

import json
import shutil

import pytest
import torch

from olc_lib import data
from olc_lib import sentences as spoken

SIZES = {"people": (240, 4, 3), "synthetic": (144, 24, 12)}


@pytest.mark.parametrize("corpus", SIZES)
def test_embedded_sentences(corpus):
    sentences = data.sentences(corpus)
    size, speakers, women = SIZES[corpus]
    assert (len(sentences), len(sentences.speakers), sentences.corpus) == (size, speakers, corpus)
    assert sentences.speaker.bincount().tolist() == [size // speakers] * speakers
    assert int(sentences.woman.sum()) == women * size // speakers
    assert list(sentences.speakers) == sorted(sentences.speakers)
    assert sentences.rate == data.RATE
    assert len(set(sentences.ids)) == size
    for row in range(size):
        wave = sentences.waves[row]
        assert wave.dtype == torch.float32 and wave.shape == (sentences.lengths[row],)
        assert 0.1 < wave.abs().max() <= 1
        assert sentences.ids[row].partition("/")[0] == sentences.speakers[sentences.speaker[row]]
    seconds = sentences.lengths / sentences.rate
    least, most = (2, 4) if corpus == "people" else (1.4, 3)
    assert least <= seconds.min() and seconds.max() <= most
    assert f"{size} sentences by {speakers} speakers" in repr(sentences)


def test_people_say_different_sentences():
    people = data.sentences("people")
    assert len({wave.numpy().tobytes() for wave in people.waves}) == 240
    languages = dict(zip(people.speaker.tolist(), people.subset, strict=True))
    assert [languages[place] for place in range(4)] == ["en", "it", "ru", "fr"]
    men = {people.speakers[speaker] for speaker in people.speaker[~people.woman].tolist()}
    assert men == {"carlo"}


def fundamental(wave, rate):
    """Median fundamental frequency of the voiced frames, in Hz, by autocorrelation."""
    frames = wave.unfold(0, rate // 20, rate // 40)
    frames = frames - frames.mean(1, keepdim=True)
    frames = frames[frames.std(1) > 0.3 * frames.std(1).max()]
    power = torch.fft.rfft(frames, 4 * frames.shape[1]).abs().square()
    alike = torch.fft.irfft(power)
    alike = alike / alike[:, :1]
    best = alike[:, rate // 400 : rate // 70].max(1)
    return float((rate / (best.indices + rate // 400))[best.values > 0.5].median())


def pitch_of(sentences, speaker):
    rows = (sentences.speaker == speaker).nonzero()[:6, 0].tolist()
    return fundamental(torch.cat([sentences.waves[row] for row in rows]), sentences.rate)


def test_the_sexes_of_synthetic_speakers_are_heard():
    sentences = data.sentences("synthetic")
    for speaker, name in enumerate(sentences.speakers):
        woman = bool(sentences.woman[sentences.speaker == speaker][0])
        pitch = pitch_of(sentences, speaker)
        assert (165 < pitch < 320) if woman else (75 < pitch < 130), (name, pitch)


def test_the_man_has_the_lowest_voice():
    # Not by much: Carlo announces in a high and lively voice.
    people = data.sentences("people")
    pitches = {name: pitch_of(people, speaker) for speaker, name in enumerate(people.speakers)}
    assert min(pitches, key=pitches.get) == "carlo" and 150 < pitches["carlo"] < 200 < pitches["allison"], pitches


def test_groups_of_synthetic_speakers_say_the_same_texts():
    sentences = data.sentences("synthetic")
    said = {}
    for row, text in enumerate(sentences.texts):
        said.setdefault(text, []).append(row)
    assert len(said) == 36 and all(text.endswith(".") for text in said)
    for rows in said.values():
        assert len(rows) == 4 and sentences.woman[rows].sum() == 2
        assert len({sentences.ids[row].partition("/")[2] for row in rows}) == 1
    sets = {frozenset(sentences.texts[row] for row in range(start, start + 6)) for start in range(0, 144, 6)}
    assert len(sets) == 6


def test_phones_lie_where_they_sound():
    sentences = data.sentences("synthetic")
    share = {}  # of the phones "s" that hiss: their neighbouring samples differ
    for shift in (-0.03, 0, 0.03):
        alike = []
        for wave, phones in zip(sentences.waves, sentences.phones, strict=True):
            for start, end in ((start, end) for symbol, start, end in phones if symbol == "s"):
                first, last = (max(0, round((time + shift) * sentences.rate)) for time in (start, end))
                piece = wave[first:last]
                alike.append(float((piece[1:] * piece[:-1]).sum() / piece.square().sum()))
        share[shift] = sum(value < 0.4 for value in alike) / len(alike)
    assert share[0] > 0.75 and max(share[-0.03], share[0.03]) < 0.6, share
    for wave, phones in zip(sentences.waves, sentences.phones, strict=True):
        times = [time for _, start, end in phones for time in (start, end)]
        assert times == sorted(times) and 0 <= times[0] and times[-1] <= len(wave) / sentences.rate + 1e-3
        assert len(phones) > 12 and not any(symbol[0] in "_'," for symbol, _, _ in phones)


def test_attributions_are_whole():
    size = 0
    for corpus in ("people", "visitor"):
        for name, about in json.loads((spoken.EMBEDDED / corpus / "about.json").read_text()).items():
            assert about["licence"] in ("CC BY 3.0", "CC BY-SA 3.0") and about["terms"].startswith("https://creative")
            assert about["by"] and about["copyright"] and "asterisk-core-sounds" in about["source"] and about["changes"]
            assert name in ("allison", "carlo", "ivrvoice", "june")
    for corpus in ("people", "visitor", "synthetic"):
        size += sum(file.stat().st_size for file in (spoken.EMBEDDED / corpus).iterdir())
    assert size < 8e6


@pytest.mark.parametrize("corpus", ["people", "synthetic", "visitor"])
def test_embedded_files_are_checked(corpus, tmp_path, monkeypatch):
    shutil.copytree(spoken.EMBEDDED / corpus, tmp_path / corpus)
    monkeypatch.setattr(spoken, "EMBEDDED", tmp_path)
    assert len(spoken.embedded(corpus))
    for name in ("about.json", next((tmp_path / corpus).glob("*.flac")).name):
        file = tmp_path / corpus / name
        whole = file.read_bytes()
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(ValueError, match="install the package again") as error:
            spoken.embedded(corpus)
        assert "\n" not in str(error.value) and corpus in str(error.value)
        file.write_bytes(whole)
    assert len(spoken.embedded(corpus))


def test_the_visitor_is_like_any_voices():
    visitor = data.visitor()
    assert visitor.waves.shape == (10, data.SAMPLES) and visitor.digit.tolist() == list(range(10))
    assert visitor.speakers == ("allison",) and not visitor.speaker.any() and not visitor.take.any()
    beyond = torch.arange(data.SAMPLES) >= visitor.lengths[:, None]
    assert not visitor.waves[beyond].any() and 3000 < visitor.lengths.min()
    visitor.waves.zero_()
    assert data.visitor().waves.any(1).all(), "fresh tensors on every call"
    also = data.visitor(oh=True)
    assert also.digit.tolist() == [*range(10), 0] and also.take.tolist() == [0] * 10 + [1] and len(also) == 11
    assert also.waves[:10].equal(data.visitor().waves) and not also.waves[10].equal(also.waves[0])
    people = data.sentences("people")  # her sentences are there, her digits are not
    digits = spoken.embedded("visitor").waves
    assert not {wave.numpy().tobytes() for wave in digits} & {wave.numpy().tobytes() for wave in people.waves}


def test_select_padded_resample():
    sentences = data.sentences("synthetic")
    some = data.select(sentences, torch.tensor([140, 3]))
    assert some.ids == (sentences.ids[140], sentences.ids[3]) and some.phones[1] == sentences.phones[3]
    assert some.speakers == sentences.speakers and some.speaker.tolist() == sentences.speaker[[140, 3]].tolist()
    padded = data.padded(some)
    assert padded.shape == (2, max(some.lengths))
    for row, length in enumerate(some.lengths.tolist()):
        assert padded[row, :length].equal(some.waves[row]) and not padded[row, length:].any()
    double = data.resample(some, 16_000)
    assert double.rate == 16_000 and double.lengths.tolist() == [len(wave) for wave in double.waves]
    assert (double.lengths - 2 * some.lengths).abs().max() <= 1
    back = data.resample(double, 8000).waves[0][: len(some.waves[0])]
    assert (back - some.waves[0]).square().mean() < 0.01 * some.waves[0].square().mean()
    assert len(data.select(sentences, sentences.woman)) == 72


@pytest.mark.parametrize("corpus", SIZES)
@pytest.mark.parametrize("share", [0.25, 0.5])
def test_what_is_held_out_is_not_in_the_rest(corpus, share):
    sentences = data.sentences(corpus)
    rest, held = data.split_speakers(sentences, share)
    assert not set(rest.speaker.tolist()) & set(held.speaker.tolist())
    assert sorted(rest.ids + held.ids) == sorted(sentences.ids)
    if corpus == "synthetic":
        assert len(held.speaker.unique()) == round(24 * share) and held.woman.float().mean() == 0.5
    rest, held = data.split_sentences(sentences, share)
    assert sorted(rest.ids + held.ids) == sorted(sentences.ids)
    for part in (rest, held):
        assert part.speaker.unique().tolist() == sentences.speaker.unique().tolist()
    each = len(sentences) // len(sentences.speakers)
    assert held.speaker.bincount().tolist() == [round(share * each)] * len(sentences.speakers)
    assert not set(rest.texts) & set(held.texts) - {""}
    again = data.split_sentences(sentences, share)[1]
    assert again.ids == held.ids


def test_names_are_checked():
    with pytest.raises(ValueError, match="corpus is 'fsdd', expected one of 'people', 'synthetic', 'librispeech'"):
        data.sentences("fsdd")


@pytest.mark.skipif(not (data.root() / "LibriSpeech").exists(), reason="no LibriSpeech in the cache")
def test_librispeech():
    sentences = data.sentences("librispeech", download=False)
    assert (len(sentences), len(sentences.speakers), sentences.rate) == (351, 261, 16_000)
    other = torch.tensor([subset == "test-other" for subset in sentences.subset])
    assert other.sum() == 100 and sentences.speaker[~other].bincount().max() == 1
    assert int(sentences.woman[~other].sum()) == 125 and int(sentences.woman[other].sum()) == 50
    assert all(i.startswith(f"{sentences.speakers[s]}-") for i, s in zip(sentences.ids, sentences.speaker, strict=True))
    assert 60 < float(sentences.lengths.sum()) / 16_000 / 60 < 70
    assert max(float(wave.abs().max()) for wave in sentences.waves) <= 1
    rest, held = data.split_speakers(sentences)
    assert not set(rest.speaker.tolist()) & set(held.speaker.tolist()) and 60 < len(held.speaker.unique()) < 70
    rest, held = data.split_sentences(sentences)
    assert len(rest.speaker.unique()) == 261 and len(held.speaker.unique()) == 10
