"""Makes the corpora of real people: sixty sentences by each of four speakers, and a visitor's ten digits and an "oh".

Run once, by hand: ``apt-get download asterisk-core-sounds-{en,it,fr,ru}-wav``, ``dpkg -x`` each of the four packages
(version 1.6.1-1) into one folder, and ``python make_people.py FOLDER``. Nothing is drawn at random: the same packages
give the same files.

The sentences are announcements of a telephone exchange, as different as such sentences are: near-copies (the same menu
entry once more for another volume) are left out. Each is cut to the speech in it, and its last four bits are rounded
off, which saves a third of the space and adds noise about 60 dB below the voice.

Licences and names are those of the packages' own copyright files and are kept in ``about.json`` beside the sounds.
"""

import json
import sys
from pathlib import Path

import numpy as np
import soundfile

HERE = Path(__file__).parent
RATE, SENTENCES = 8000, 60
SHORTEST, LONGEST = 2.0, 4.0  # seconds
# Near-copies of other sentences, and what is no speech.
LEFT_OUT = ("confbridge-", "conf-onlyone", "conf-userswilljoin", "vm-review-nonurgent", "ascending", "tt-monkeys.")
CHANGES = "cut to the speech, the last four of sixteen bits rounded off"
BY_SA = {"licence": "CC BY-SA 3.0", "terms": "https://creativecommons.org/licenses/by-sa/3.0/"}
BY = {"licence": "CC BY 3.0", "terms": "https://creativecommons.org/licenses/by/3.0/"}
SPEAKERS = {
    "allison": {
        "sex": "F",
        "subset": "en",
        "by": "Allison Smith (http://www.theivrvoice.com), financial contributions by Digium, Inc.",
        "copyright": "2003-2010, Allison Smith",
        **BY_SA,
    },
    "carlo": {
        "sex": "M",
        "subset": "it",
        "by": "Carlo Flora (http://www.carloflora.com), http://www.segreterietelefoniche.it; "
        "translated by Silvia Petrin",
        "copyright": "2012 Carlo Flora",
        **BY,
    },
    "ivrvoice": {
        "sex": "F",
        "subset": "ru",
        "by": "provided by Maxim Topal, http://www.ivrvoice.ru",
        "copyright": "2010, Maxim",
        **BY,
    },
    "june": {
        "sex": "F",
        "subset": "fr",
        "by": "June Wallack (http://www.junewallack.com); translated by Clod Patry, Kristopher Lalletti and "
        "June Wallack; financial contributions by Digium, Inc., Unlimitel and BGM Informatique",
        "copyright": "2006-2008, June Wallack",
        **BY_SA,
    },
}


def trim(wave, margin=400):
    """Cuts what is quieter than 1 % of the peak from both ends.

    Args:
        wave: [T].
        margin: samples that stay on both sides.

    Returns:
        The piece, and where it began.
    """
    loud = np.flatnonzero(np.abs(wave) > 0.01 * np.abs(wave).max())
    start = max(0, loud[0] - margin)
    return wave[start : loud[-1] + margin + 1], start


def coarse(wave):
    """Rounds samples to twelve bits.

    Args:
        wave: [T], on the scale of int16.

    Returns:
        [T] int16, multiples of 16.
    """
    return (np.round(wave.astype(float) / 16).clip(-2048, 2047) * 16).astype(np.int16)


def write(folder, speakers, clips):
    """Writes a corpus: one FLAC file a speaker, the clips end to end, and about.json.

    Args:
        folder: to make.
        speakers: name -> what is known about the speaker.
        clips: name -> rows, each a dict with "id" and whatever belongs to the clip, and "wave", int16 [T].
    """
    folder.mkdir(exist_ok=True)
    for name, rows in clips.items():
        wave = np.concatenate([row["wave"] for row in rows])
        soundfile.write(folder / f"{name}.flac", wave, RATE, subtype="PCM_16", compression_level=1.0)
    lines = []
    for name, rows in clips.items():
        about = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in speakers[name].items())
        sentences = (
            {"id": row["id"], "samples": len(row["wave"]), **{k: row[k] for k in ("text", "phones") if k in row}}
            for row in rows
        )
        listed = ",\n".join("   " + json.dumps(row, ensure_ascii=False) for row in sentences)
        lines.append(f' "{name}": {{\n{about},\n  "sentences": [\n{listed}\n  ]\n }}')
    (folder / "about.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _read(file):
    wave, rate = soundfile.read(file, dtype="int16")
    if rate != RATE:
        raise ValueError(f"{file} has a sampling rate of {rate} Hz, expected {RATE}")
    return wave


def main(packages):
    """Makes ``people`` and ``visitor`` beside this file.

    Args:
        packages: the folder with the unpacked packages.
    """
    sounds, people = {}, {}
    for name, about in SPEAKERS.items():
        package = f"asterisk-core-sounds-{about['subset']}-wav"
        about |= {"source": f"Debian package {package} 1.6.1-1", "changes": CHANGES}
        (sounds[name],) = packages.glob(f"**/usr/share/asterisk/sounds/{about['subset']}_*")
        files = [file for file in sorted(sounds[name].glob("*.wav")) if not file.name.startswith(LEFT_OUT)]
        found = [
            (file.stem, coarse(trim(_read(file))[0])) for file in files if soundfile.info(file).duration >= SHORTEST
        ]
        fit = [(key, wave) for key, wave in found if SHORTEST <= len(wave) / RATE <= LONGEST]
        places = (np.arange(SENTENCES) * 2 + 1) * len(fit) // (2 * SENTENCES)
        people[name] = [{"id": fit[place][0], "wave": fit[place][1]} for place in places]
        print(f"{name}: {SENTENCES} of {len(fit)} sentences")
    write(HERE / "people", SPEAKERS, people)
    words = [*map(str, range(10)), "oh"]
    digits = [{"id": word, "wave": _read(sounds["allison"] / "digits" / f"{word}.wav")} for word in words]
    # As it was recorded: the book shows what becomes of a recording.
    write(HERE / "visitor", {"allison": SPEAKERS["allison"] | {"changes": "none"}}, {"allison": digits})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
