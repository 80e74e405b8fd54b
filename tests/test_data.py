"""Corpora, splits, and recordings of every kind."""

import dataclasses
import shutil
import struct

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from olc_lib import data, download
from olc_lib.data import RATE, SAMPLES, SPLITS

quick = settings(max_examples=40, deadline=None, derandomize=True)


def present(*parts):
    return pytest.mark.skipif(not data.root().joinpath(*parts).exists(), reason=f"no {'/'.join(parts)} in the cache")


# Corpora


@pytest.mark.parametrize(
    "corpus, sizes, takes",
    [
        ("embedded", (420, 60, 120), (range(3, 10), range(2, 3), range(0, 2))),
        pytest.param(
            *("fsdd", (2400, 300, 300), (range(10, 50), range(5, 10), range(0, 5))),
            marks=present("FSDD", "recordings"),
        ),
    ],
)
def test_voices(corpus, sizes, takes):
    keys = []
    for split, size, expected in zip(SPLITS, sizes, takes, strict=True):
        voices = data.voices(corpus, split, download=False)
        assert (len(voices), voices.corpus, voices.split) == (size, corpus, split)
        assert voices.waves.shape == (size, SAMPLES) and voices.waves.dtype == torch.float32
        assert 0.01 < voices.waves.abs().amax(1).min() and voices.waves.abs().max() <= 1
        assert voices.take.unique().tolist() == list(expected)
        assert voices.digit.bincount().tolist() == [size // 10] * 10
        assert voices.speaker.bincount().tolist() == [size // 6] * 6
        assert list(voices.speakers) == sorted(voices.speakers) and len(voices.speakers) == 6
        assert 1000 < voices.lengths.min() and voices.lengths.max() <= SAMPLES
        beyond = torch.arange(SAMPLES) >= voices.lengths[:, None]
        assert not voices.waves[beyond].any()
        for labels in (voices.lengths, voices.speaker, voices.digit, voices.take):
            assert labels.dtype == torch.int64 and labels.shape == (size,)
        keys += zip(*(x.tolist() for x in (voices.speaker, voices.digit, voices.take)), strict=True)
        assert repr(corpus) in repr(voices) and split in repr(voices) and f"{size:,}" in repr(voices)
    assert len(set(keys)) == len(keys) == sum(sizes)


@pytest.mark.parametrize(
    "corpus, sizes",
    [
        ("embedded", (1350, 150, 297)),
        pytest.param("mnist", (55000, 5000, 10000), marks=present("MNIST", "raw")),
    ],
)
def test_images(corpus, sizes):
    for split, size in zip(SPLITS, sizes, strict=True):
        images = data.images(corpus, split, download=False)
        assert (len(images), images.corpus, images.split) == (size, corpus, split)
        assert images.pixels.shape == (size, 1, 28, 28) and images.pixels.dtype == torch.float32
        assert images.pixels.min() == 0 and 0.95 < images.pixels.max() <= 1
        assert images.pixels.mean() == pytest.approx(0.14, abs=0.03)
        assert not images.pixels[:, :, :, :2].sum((1, 2, 3)).median()
        assert images.digit.dtype == torch.int64
        share = images.digit.bincount(minlength=10) / size
        assert 0.08 < share.min() and share.max() < 0.12
        assert repr(corpus) in repr(images)


@present("FashionMNIST", "raw")
def test_fashion():
    for split, size in zip(SPLITS, (55000, 5000, 10000), strict=True):
        images = data.images("fashion", split, download=False)
        assert images.pixels.shape == (size, 1, 28, 28) and images.digit.unique().tolist() == list(range(10))
        assert images.pixels.min() == 0 and images.pixels.max() == 1
        assert images.pixels.mean() == pytest.approx(0.286, abs=0.01)
        assert "clothing" in repr(images) and f"{size:,}" in repr(images)
    assert images.digit.bincount().tolist() == [1000] * 10
    # Trousers are upright and an ankle boot is not: the names belong to the kinds.
    wide = {name: images.pixels[images.digit == data.GARMENTS.index(name), 0].mean(0) for name in data.GARMENTS}
    assert (wide["trousers"] > 0.2).any(0).sum() < 16 and (wide["ankle boot"] > 0.2).any(0).sum() > 24
    assert wide["sandal"][:5].mean() < 0.02 < wide["dress"][:5].mean()


def test_embedded_images_are_split_without_overlap():
    _, digit, rows = data._embedded_images()
    everything = torch.cat([rows[split] for split in SPLITS])
    assert everything.sort().values.equal(torch.arange(1797))
    for split, size in zip(SPLITS, (1350, 150, 297), strict=True):
        expected = digit.bincount() * size / 1797
        assert (digit[rows[split]].bincount() - expected).abs().max() < 2


@present("FSDD", "recordings")
def test_fsdd_against_its_files():
    test = data.voices("fsdd", "test", download=False)
    row = 137
    name = f"{test.digit[row]}_{test.speakers[test.speaker[row]]}_{test.take[row]}.wav"
    wave, _ = soundfile.read(data.root() / "FSDD" / "recordings" / name, dtype="float32")
    assert len(wave) == test.lengths[row]
    assert torch.equal(test.waves[row, : len(wave)], torch.from_numpy(wave))
    train = data.voices("fsdd", download=False)
    assert (train.lengths == SAMPLES).sum() > 3  # the longest clips are cut


def test_what_is_handed_out_can_be_changed_safely():
    for load, field in ((data.voices, "waves"), (data.images, "pixels")):
        first = getattr(load("embedded", "test"), field)
        kept = first.clone()
        first.zero_()
        assert torch.equal(getattr(load("embedded", "test"), field), kept)


def test_embedded_voices_are_checked(tmp_path, monkeypatch):
    folder = tmp_path / "corpora"
    shutil.copytree(data.EMBEDDED, folder)
    monkeypatch.setattr(data, "EMBEDDED", folder)
    read = data._embedded_voices.__wrapped__
    read()
    size = sum(file.stat().st_size for file in folder.iterdir())
    assert size < 3.5e6
    whole = (folder / "cora.flac").read_bytes()
    (folder / "cora.flac").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(ValueError, match="install the package again"):
        read()
    (folder / "cora.flac").write_bytes(whole)
    read()
    (folder / "voices.json").write_text((folder / "voices.json").read_text().replace(", 3", ", 4", 1))
    with pytest.raises(ValueError, match="does not hold the embedded voices"):
        read()


def test_embedded_takes_differ():
    voices = data.voices("embedded")
    spectra = torch.fft.rfft(voices.waves, 2 * SAMPLES)
    group = voices.speaker * 10 + voices.digit
    norms = voices.waves.norm(dim=1)
    for name in range(0, 60, 7):
        rows = (group == name).nonzero()[:, 0]
        cross = torch.fft.irfft(spectra[rows][:, None] * spectra[rows][None].conj()).amax(2)
        alike = cross / (norms[rows][:, None] * norms[rows][None])
        assert alike.fill_diagonal_(0).max() < 0.95


def test_names_are_checked():
    for call, says in [
        (lambda: data.voices("mnist"), "corpus is 'mnist', expected one of 'fsdd', 'embedded'"),
        (lambda: data.voices("embedded", "dev"), "split is 'dev', expected one of 'train'"),
        (lambda: data.images("fsdd"), "expected one of 'mnist', 'fashion', 'embedded'"),
        (lambda: data.images("embedded", None), "split is None"),
    ]:
        with pytest.raises(ValueError, match=says):
            call()


# Recordings


def tone(seconds=0.5, rate=RATE, frequency=440.0, level=0.5):
    return level * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)


@pytest.mark.parametrize(
    "rate, channels, suffix, subtype",
    [
        (8000, 1, "wav", "PCM_16"),
        (16000, 1, "wav", "PCM_16"),
        (44100, 2, "wav", "PCM_16"),
        (48000, 2, "wav", "FLOAT"),
        (44100, 1, "wav", "PCM_24"),
        (22050, 2, "flac", "PCM_24"),
        (48000, 6, "flac", "PCM_16"),
        (44100, 2, "ogg", "VORBIS"),
        (11025, 1, "aiff", "PCM_16"),
        (8000, 1, "au", "ULAW"),
        (22050, 1, "wav", "PCM_U8"),
        (4000, 1, "wav", "PCM_16"),
    ],
)
def test_audio_of_any_kind(tmp_path, rate, channels, suffix, subtype):
    file = tmp_path / f"clip é.{suffix}"
    soundfile.write(file, np.repeat(tone(rate=rate)[:, None], channels, 1), rate, subtype)
    wave = data.audio(file)
    assert wave.dtype == torch.float32 and wave.ndim == 1
    assert len(wave) == pytest.approx(RATE / 2, abs=8)
    error = wave[400:3600] - torch.from_numpy(tone())[400:3600]
    assert error.square().mean().sqrt() < 0.03  # 8 bit, mu-law and Vorbis included
    assert torch.equal(wave, data.audio(str(file)))


def test_audio_of_an_odd_rate(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(rate=44_099), 44_099, "PCM_16")
    wave = data.audio(tmp_path / "a.wav")
    assert len(wave) == pytest.approx(RATE / 2, abs=2)
    assert torch.fft.rfft(wave).abs().argmax() == 220  # 440 Hz in half a second


def test_audio_at_8_khz_is_exact_and_never_over_1(tmp_path):
    steps = np.arange(-500, 500, dtype=np.int16)
    soundfile.write(tmp_path / "a.wav", steps, RATE, "PCM_16")
    assert torch.equal(data.audio(tmp_path / "a.wav") * 32768, torch.from_numpy(steps).float())
    soundfile.write(tmp_path / "b.wav", tone(level=300.0), RATE, "FLOAT")
    assert data.audio(tmp_path / "b.wav").abs().max() == 1


@pytest.mark.parametrize("other", [-1.0, -0.9], ids=["opposite", "nearly opposite"])
def test_channels_that_cancel_are_not_called_silent(tmp_path, other):
    soundfile.write(tmp_path / "a.wav", np.stack([0.3 * tone(), 0.3 * other * tone()], 1), RATE, "PCM_16")
    assert data.audio(tmp_path / "a.wav").numpy() == pytest.approx(0.3 * tone(), abs=1e-4)


def test_channels_that_agree_or_differ_are_averaged(tmp_path):
    left, right = 0.3 * tone(), 0.3 * tone(frequency=700)
    for name, second in {"same": left, "other": right, "quiet": 0 * left, "turned a little": -0.5 * left}.items():
        soundfile.write(tmp_path / f"{name}.wav", np.stack([left, second], 1), RATE, "PCM_16")
        assert data.audio(tmp_path / f"{name}.wav").numpy() == pytest.approx((left + second) / 2, abs=1e-4)


def broken(folder):
    """name -> (file, what the sentence must say)."""

    def sound(name, wave, rate=RATE, subtype="PCM_16"):
        soundfile.write(folder / name, wave, rate, subtype)
        return folder / name

    def half(name, **options):
        whole = sound(name, np.random.default_rng(0).normal(0, 0.1, 8000), **options)
        whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        return whole

    def raw(name, content):
        (folder / name).write_bytes(content)
        return folder / name

    nan = tone()
    nan[100] = np.nan
    header = bytearray(sound("whole.wav", tone()).read_bytes())
    header[40:44] = struct.pack("<I", 2**30)
    return {
        "folder": (folder, "is a folder"),
        "empty": (raw("empty.wav", b""), "is empty"),
        "text": (raw("words.wav", b"I am not a sound at all. " * 9), "no readable sound file"),
        "raw": (raw("bytes.raw", bytes(range(256)) * 9), "no readable sound file"),
        "riff": (raw("riff.wav", b"RIFF\0\0\0\0WAVE"), "no readable sound file"),
        "half wav": (half("half.wav"), "is truncated"),
        "half 24": (half("half24.wav", subtype="PCM_24"), "is truncated"),
        "half aiff": (half("half.aiff"), "is truncated"),
        "half au": (half("half.au"), "is truncated"),
        "half flac": (half("half.flac"), "damaged one"),
        "half ogg": (half("half.ogg", subtype="VORBIS"), "expected"),
        "promises": (raw("promises.wav", bytes(header)), "is truncated"),
        "header only": (raw("header.wav", bytes(header[:44])), "is truncated"),
        "no samples": (sound("none.wav", tone(0)), "lasts 0.000 s"),
        "short": (sound("short.wav", tone(0.04)), "lasts 0.040 s"),
        "nan": (sound("nan.wav", nan, subtype="FLOAT"), "NaN or infinite"),
        "inf": (sound("inf.wav", nan + np.inf, subtype="FLOAT"), "NaN or infinite"),
        "silent": (sound("silent.wav", 0 * tone()), "is silent"),
        "offset": (sound("offset.wav", 0 * tone() + 0.3), "is silent"),
        "long": (sound("long.wav", tone(40)), "lasts 40 s; expected at most 30 s"),
        "slow": (sound("slow.wav", tone(), 1000), "sampling rate of 1000 Hz"),
    }


NAMES = (
    "folder,empty,text,raw,riff,half wav,half 24,half aiff,half au,half flac,half ogg,promises,"
    "header only,no samples,short,nan,inf,silent,offset,long,slow"
).split(",")


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    return broken(tmp_path_factory.mktemp("bad"))


@pytest.mark.parametrize("name", NAMES)
def test_bad_recordings_get_one_sentence_naming_the_file(bad, name):
    assert set(bad) == set(NAMES)
    file, says = bad[name]
    with pytest.raises(ValueError) as error:
        data.audio(file)
    text = str(error.value)
    assert says in text and str(file) in text and "expected" in text
    assert "\n" not in text and len(text) < 300 + len(str(file))


def test_a_missing_recording(tmp_path):
    with pytest.raises(FileNotFoundError, match="gone.wav does not exist"):
        data.audio(tmp_path / "gone.wav")


def test_a_header_of_unknown_length_is_no_fault(tmp_path):
    file = tmp_path / "piped.wav"  # as ffmpeg and sox leave it when they write to a pipe
    soundfile.write(file, tone(), RATE, "PCM_16")
    for unknown in (0xFFFFFFFF, 0x7FFFF000):
        content = bytearray(file.read_bytes())
        content[40:44] = struct.pack("<I", unknown)
        file.write_bytes(content)
        assert len(data.audio(file)) == RATE / 2


@quick
@given(st.binary(max_size=300), st.sampled_from([b"", b"RIFF", b"fLaC", b"OggS", b"FORM", b"ID3"]))
def test_no_bytes_break_audio(tmp_path_factory, content, start):
    file = tmp_path_factory.getbasetemp() / "any.bin"
    file.write_bytes(start + content)
    with pytest.raises(ValueError, match="any.bin"):
        data.audio(file)


# Cutting and padding


def hidden(clip, noise, level=0.5, place=8000, total=3 * RATE, clicks=()):
    generator = torch.Generator().manual_seed(0)
    wave = noise * torch.randn(total, generator=generator)
    wave[place : place + len(clip)] += clip * level / clip.abs().max()
    for click in clicks:
        wave[click] += 0.95
    return wave


def start_of(piece, wave):
    return (piece.data_ptr() - wave.data_ptr()) // wave.element_size()


@pytest.mark.parametrize("noise", [0, 0.001, 0.01])
@pytest.mark.parametrize("clicks", [(), (1500, 20000, 20003)])
def test_find_word_finds_it_in_three_seconds(noise, clicks):
    voices = data.voices("embedded", "test")
    for row in range(0, len(voices), 5):
        clip = voices.waves[row, : voices.lengths[row]]
        wave = hidden(clip, noise, clicks=clicks)
        word = data.find_word(wave)
        start = start_of(word, wave) - 8000
        inside = clip[max(0, start) : max(0, start + len(word))]
        assert inside.square().sum() > 0.95 * clip.square().sum()
        assert len(word) < len(clip) + 1600


def test_find_word_keeps_a_clip_that_is_cut_already():
    voices = data.voices("embedded", "test")
    for row in range(0, len(voices), 3):
        clip = voices.waves[row, : voices.lengths[row]]
        assert data.find_word(clip).square().sum() > 0.999 * clip.square().sum()


def test_find_word_joins_the_halves_of_a_word_and_leaves_other_words():
    half = torch.from_numpy(tone(0.2)).float()
    wave = torch.zeros(4 * RATE)
    wave[8000:9600] = half
    wave[10400:12000] = half  # 0.1 s later: "six", "eight"
    wave[20000:21600] = half / 2  # a second word
    word = data.find_word(wave)
    assert start_of(word, wave) == pytest.approx(7600, abs=200)
    assert len(word) == pytest.approx(4800, abs=400)


waves = st.builds(
    lambda seed, length, kind: {
        0: torch.randn(length, generator=torch.Generator().manual_seed(seed)),
        1: torch.zeros(length),
        2: torch.ones(length),
        3: torch.arange(length).sub(length // 3).abs().neg().div(800).exp()
        * torch.randn(length, generator=torch.Generator().manual_seed(seed)),
    }[kind],
    st.integers(0, 99),
    st.one_of(st.integers(1, 2000), st.integers(1, 3 * SAMPLES)),
    st.integers(0, 3),
)


@quick
@given(waves)
def test_find_word_gives_one_piece_of_the_recording(wave):
    word = data.find_word(wave)
    start = start_of(word, wave)
    assert 1 <= len(word) <= SAMPLES
    assert torch.equal(word, wave[start : start + len(word)])
    louder = data.find_word(4 * wave)
    assert len(louder) == len(word)


@quick
@given(waves)
def test_pad(wave):
    before, padded = wave.clone(), data.pad(wave)
    assert padded.shape == (SAMPLES,)
    if len(wave) <= SAMPLES:
        assert torch.equal(padded[: len(wave)], wave) and not padded[len(wave) :].any()
    padded.fill_(7)  # a tensor of its own
    assert torch.equal(wave, before)


def test_pad_keeps_the_loudest_stretch():
    wave = torch.zeros(3 * SAMPLES)
    wave[SAMPLES + 77 : 2 * SAMPLES + 77] = torch.randn(SAMPLES, generator=torch.Generator().manual_seed(0))
    assert torch.equal(data.pad(wave), wave[SAMPLES + 77 : 2 * SAMPLES + 77])


# Choosing and centring clips


@quick
@given(st.lists(st.integers(0, 50), min_size=1, max_size=6), st.integers(0, 99))
def test_centre_puts_words_in_the_middle_and_nothing_beside_them(lengths, seed):
    given, size = torch.tensor(lengths), 50  # and noise behind the words, too
    waves = torch.randn(len(lengths), size, generator=torch.Generator().manual_seed(seed))
    kept = waves.clone()
    made = data.centre(waves, given)
    assert made.shape == (len(lengths), 1, size) and made.dtype == waves.dtype and torch.equal(waves, kept)
    for row, length in enumerate(lengths):
        before = (size - length) // 2
        expected = [0.0] * before + waves[row, :length].tolist() + [0.0] * (size - length - before)
        assert made[row, 0].tolist() == expected


def test_centred_clips_have_even_margins_and_lose_nothing():
    voices = data.voices("embedded", "test")
    made = data.centre(voices.waves, voices.lengths)[:, 0]
    assert torch.equal(made.abs().sum(1) > 0, torch.ones(len(voices), dtype=torch.bool))
    torch.testing.assert_close(made.square().sum(1), voices.waves.square().sum(1))
    left = (SAMPLES - voices.lengths) // 2
    for row in range(0, len(voices), 7):
        end = left[row] + voices.lengths[row]
        assert not made[row, : left[row]].any() and not made[row, end:].any()
        assert abs(int(left[row]) - int(SAMPLES - end)) <= 1


def test_select_keeps_all_that_belongs_to_a_clip():
    voices = data.voices("embedded", "test")
    wanted = voices.digit == 7
    by_mask, rows = data.select(voices, wanted), wanted.nonzero()[:, 0]
    backwards = data.select(voices, rows.flip(0))
    assert len(by_mask) == len(backwards) == 12 and set(by_mask.digit.tolist()) == {7}
    for field in dataclasses.fields(voices):
        value = getattr(voices, field.name)
        if isinstance(value, torch.Tensor):  # a field that is not selected would be as long as before
            expected = torch.stack([value[row] for row in rows])
            assert torch.equal(getattr(by_mask, field.name), expected)
            assert torch.equal(getattr(backwards, field.name), expected.flip(0))
        else:
            assert getattr(by_mask, field.name) == value == getattr(backwards, field.name)
    by_mask.waves.zero_()
    assert voices.waves[rows].any(), "the selection is a copy"
    rest = data.select(voices, ~wanted)
    assert len(rest) + len(by_mask) == len(voices) and 7 not in rest.digit.tolist()
    assert len(data.select(voices, torch.zeros(0, dtype=torch.int64))) == 0


def test_constants_agree_with_the_files():
    for corpus in (download.FSDD, download.LIBRISPEECH):
        commit = corpus.url.rpartition("/")[2].removesuffix(".tar.gz")
        assert len(commit) == 40 and int(commit, 16)
    from torchvision.datasets import MNIST, FashionMNIST

    assert list(download.MNIST.mirrors) == MNIST.mirrors
    assert download.FASHION.mirrors[0] == FashionMNIST.mirrors[0]
    for corpus, theirs in ((download.MNIST, MNIST), (download.FASHION, FashionMNIST)):
        assert {f"{name}.gz": md5 for name, (md5, _) in corpus.files.items()} == dict(theirs.resources)
