"""Makes the synthetic sentences: 24 voices x six sentences, with the words and the time of every phone.

Run once, by hand: ``pip install espeakng-loader soundfile scipy numpy`` and ``python make_synthetic.py``. As with the
embedded voices (make_voices.py, where the licence is explained too), espeak-ng does not give the same samples on every
run: the sentences are kept under version control and checked by a digest; nothing ever makes them again.

Twelve voices are women's and twelve men's. A voice is a variant of espeak-ng with an accent, a pitch, a speed and a
size of head of its own. The voices form six groups of two women and two men: the four of a group say the same six
sentences, which nobody else says, so that speakers, sentences, or both can be held out.
"""

import ctypes
from pathlib import Path

import numpy as np
from make_people import coarse, trim, write
from make_voices import Espeak
from scipy.signal import resample_poly

RATE = 8000
PHONE_EVENTS, END_OF_LIST, PHONE = 1, 0, 7
ACCENTS = ("en-us", "en-gb-x-gbcwmd", "en-gb-scotland", "en-gb-x-rp", "en-029", "en-gb-x-gbclan")
# name -> variant of espeak-ng, pitch on its scale of 0-100
WOMEN = {
    "ada": ("f1", 52), "cleo": ("f2", 60), "dora": ("f3", 48), "emma": ("f4", 62), "greta": ("f5", 44),
    "hilda": ("belinda", 58), "ivy": ("linda", 66), "jana": ("steph", 50), "kim": ("Annie", 56), "lena": ("Andrea", 54),
    "mona": ("Alicia", 60), "nina": ("anika", 64),
}  # fmt: skip
MEN = {
    "abel": ("m1", 40), "bert": ("m2", 34), "carl": ("m3", 48), "dirk": ("m4", 36), "egon": ("m5", 44),
    "fred": ("m6", 30), "gus": ("m7", 38), "hugo": ("m8", 46), "igor": ("edward", 42), "jack": ("paul", 50),
    "kurt": ("Michael", 40), "leo": ("john", 44),
}  # fmt: skip
SENTENCES = (
    "The train to the coast leaves at noon.",
    "She painted the garden fence bright green.",
    "We found an old map under the stairs.",
    "My brother bakes bread on cold mornings.",
    "The cat slept in a box of wool.",
    "Please bring five cups to the kitchen.",
    "A small boat crossed the lake at dawn.",
    "He sold his piano to a young teacher.",
    "The mountain path was covered with snow.",
    "They danced until the music stopped.",
    "Our neighbour keeps bees behind the house.",
    "I lost my keys on the way to school.",
    "The judge read the letter twice.",
    "Warm rain fell on the dusty road.",
    "Her grandfather repaired clocks and radios.",
    "We ate plums and cheese for lunch.",
    "The lighthouse shines across the bay.",
    "Nobody noticed the broken window.",
    "He wrote a long poem about a horse.",
    "The museum opens late on Thursdays.",
    "Two children chased a yellow balloon.",
    "She keeps her money in a blue jar.",
    "The farmer planted beans in early spring.",
    "A strong wind blew the papers away.",
    "I heard an owl outside my tent.",
    "The doctor asked him a simple question.",
    "We usually walk home along the river.",
    "The soup needs pepper and a little salt.",
    "His shoes were too large for his feet.",
    "They built a bridge of rope and wood.",
    "The bus was full, so I took a bicycle.",
    "An engineer checked every bolt and wheel.",
    "She whispered the answer to her friend.",
    "The moon looked huge above the chimney.",
    "He forgot to water the tall plants.",
    "Our team won the game by one point.",
)


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = [(name, ctypes.c_int) for name in ("type", "identifier", "text", "length", "milliseconds", "sample")]
    _fields_ += [("user", ctypes.c_void_p), ("name", ctypes.c_char * 8)]


class Talker(Espeak):
    """Espeak that notes when each phone begins."""

    def __init__(self):
        super().__init__(PHONE_EVENTS)
        self.phones = []

    def _collect(self, samples, count, events):
        event = ctypes.cast(events, ctypes.POINTER(_Event))
        place = 0
        while events and event[place].type != END_OF_LIST:
            if event[place].type == PHONE:
                self.phones.append((event[place].name.decode(), event[place].milliseconds / 1000))
            place += 1
        return super()._collect(samples, count, events)

    def sentence(self, text, voice, size, **parameters):
        """Speaks a sentence.

        Args:
            text: what to say.
            voice: name of an espeak-ng voice.
            size: of the head, 1 the voice's own: all frequencies are divided by it.
            parameters: espeak-ng's own.

        Returns:
            int16 [T] at RATE, and [symbol, start, end] of each phone in seconds.
        """
        self.phones.clear()
        wave = self.say(text, voice, **parameters)
        rate = int(self.rate / size) // 50 * 50
        faster = self.rate / rate
        ends = [start for _, start in self.phones[1:]] + [len(wave) / self.rate]
        wave, cut = trim(resample_poly(wave, RATE // 50, rate // 50))
        phones = []
        for (symbol, start), end in zip(self.phones, ends, strict=True):
            # Now on the clock of the cut clip; nothing begins before it or ends after it.
            span = np.clip(np.array([start, end]) * faster - cut / RATE, 0, len(wave) / RATE).round(3)
            if not symbol.startswith("_") and span[0] < span[1]:  # else it is a pause
                phones.append([symbol.lstrip("',="), *span.tolist()])  # without the marks of stress
        return coarse(wave * 0.7 * 32767 / np.abs(wave).max()), phones


def main():
    """Makes ``synthetic`` beside this file."""
    random, talker = np.random.default_rng(0), Talker()
    about, clips = {}, {}
    for sex, voices in (("F", WOMEN), ("M", MEN)):
        for place, (name, (variant, pitch)) in enumerate(voices.items()):
            group, voice = place // 2, f"{ACCENTS[(place + place // 6) % 6]}+{variant}"
            size, speed = random.uniform(0.94, 1.06), random.uniform(150, 190)
            about[name] = {"sex": sex, "subset": "", "by": f"espeak-ng {voice}", "licence": "CC BY 4.0"}
            clips[name] = []
            for index in range(6 * group, 6 * group + 6):
                wave, phones = talker.sentence(
                    SENTENCES[index],
                    voice,
                    size,
                    pitch=pitch + random.uniform(-4, 4),
                    speed=speed * random.uniform(0.95, 1.05),
                    range=random.uniform(40, 70),
                )
                row = {"id": f"{index:02}", "wave": wave, "text": SENTENCES[index], "phones": phones}
                clips[name].append(row)
    names = sorted(clips)
    write(Path(__file__).parent / "synthetic", about, {name: clips[name] for name in names})


if __name__ == "__main__":
    main()
