"""Makes the embedded voices: six voices x ten digits x ten takes of synthetic speech.

Run once, by hand: ``pip install espeakng-loader soundfile scipy numpy`` and ``python make_voices.py``.
espeak-ng does not give the same samples on every run, so the clips are kept under version control
and checked by a digest (``data.EMBEDDED_SHA256``); nothing ever makes them again.

Licences: espeak-ng is GPL-3.0-or-later, and is needed only to run this script, never by the
package. The licence covers the program, not what it says: the clips are this project's own and
come under the project's own licences. The six names are invented.

A take differs from the others of its word in pitch, range of pitch, speed, sentence melody
(statement, question, exclamation, list), vocal-tract length and level. Which take gets which place
on each scale is drawn at random, so no take is the extreme one throughout.
"""

import ctypes
import json
from pathlib import Path

import espeakng_loader
import numpy as np
import soundfile
from scipy.signal import resample_poly

RATE, SAMPLES, TAKES = 8000, 8192, 10
WORDS = "zero one two three four five six seven eight nine".split()
# name -> (espeak-ng voice + variant, pitch on espeak-ng's scale of 0-100, words per minute)
VOICES = {
    "anna": ("en-us+grandma", 70, 165),  # woman, American, an elderly tremor
    "bea": ("en-gb-scotland+f5", 32, 150),  # woman, Scottish, low and breathy
    "cora": ("en-gb-x-rp+belinda", 70, 180),  # woman, southern English, high
    "dan": ("en-us+m7", 30, 150),  # man, American, very deep
    "emil": ("en-029+m3", 70, 170),  # man, Caribbean, higher
    "finn": ("en-gb-x-gbclan+edward2", 50, 160),  # man, Lancastrian, another synthesiser (Klatt)
}
MELODIES = [".", "?", "!", ","]
EVENT_END, MODE_SYNCHRONOUS = 0, 2
PARAMETER = {"speed": 1, "pitch": 3, "range": 4}


class Espeak:
    """The few calls of libespeak-ng that speaking a word takes."""

    def __init__(self, options=0):
        self.library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.rate = self.library.espeak_Initialize(MODE_SYNCHRONOUS, 0, data, options)
        self.blocks = []
        signature = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
        self.callback = signature(self._collect)  # kept, or it would be collected as garbage
        self.library.espeak_SetSynthCallback(self.callback)

    def _collect(self, samples, count, events):
        if samples and count > 0:
            self.blocks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    def say(self, text, voice, **parameters):
        """Speaks.

        Args:
            text: what to say.
            voice: name of an espeak-ng voice.
            parameters: espeak-ng's own, see ``PARAMETER``.

        Returns:
            [T] float64 at ``self.rate``.
        """
        if self.library.espeak_SetVoiceByName(voice.encode()):
            raise ValueError(f"espeak-ng has no voice {voice!r}")
        for name, value in parameters.items():
            self.library.espeak_SetParameter(PARAMETER[name], int(round(value)), 0)
        self.blocks.clear()
        spoken = text.encode() + b"\0"
        self.library.espeak_Synth(spoken, len(spoken), 0, 1, 0, 1, None, None)
        self.library.espeak_Synchronize()
        return np.concatenate(self.blocks) / 32768


def _trim(wave):
    """Cuts what is quieter than 1 % of the peak from both ends, but for 15 ms."""
    loud = np.flatnonzero(np.abs(wave) > 0.01 * np.abs(wave).max())
    return wave[max(0, loud[0] - 120) : loud[-1] + 121]


def _takes(espeak, voice, word, pitch, speed, random):
    """Yields TAKES int16 clips of one word by one voice."""
    names = ("pitch", "speed", "size", "range")
    scales = {name: random.permutation(np.linspace(-1, 1, TAKES)) for name in names}
    melodies = random.permutation((MELODIES * 3)[:TAKES])
    for take in range(TAKES):
        place = {name: scale[take] for name, scale in scales.items()}
        wave = espeak.say(
            word + melodies[take],
            voice,
            pitch=np.clip(pitch + 12 * place["pitch"], 0, 99),
            speed=speed * 1.3 ** place["speed"],
            range=50 + 35 * place["range"],
        )
        # Reading at a rate a few per cent off shifts the formants: a slightly larger or smaller head.
        rate = int(espeak.rate * (1 + 0.03 * place["size"])) // 50 * 50
        wave = _trim(resample_poly(wave, RATE // 50, rate // 50))
        if len(wave) > SAMPLES:
            raise ValueError(f"{voice} says {word!r} in {len(wave)} samples, expected {SAMPLES}")
        peak = random.uniform(0.4, 0.9) / np.abs(wave).max()
        yield np.round(wave * peak * 32767).astype(np.int16)


def main():
    """Makes the corpus beside this file."""
    random, espeak, folder = np.random.default_rng(0), Espeak(), Path(__file__).parent
    lengths = {}
    for name, (voice, pitch, speed) in VOICES.items():
        clips = [c for word in WORDS for c in _takes(espeak, voice, word, pitch, speed, random)]
        lengths[name] = [len(clip) for clip in clips]
        soundfile.write(folder / f"{name}.flac", np.concatenate(clips), RATE, subtype="PCM_16")
    rows = ",\n".join(f' "{name}": {json.dumps(row)}' for name, row in lengths.items())
    (folder / "voices.json").write_text("{\n" + rows + "\n}\n")


if __name__ == "__main__":
    main()
