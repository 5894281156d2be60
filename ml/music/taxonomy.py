"""Families, styles and tags: their keys, and what each is read from.

A family is what a record shop would put on a shelf; a style belongs to one or two of them. What
supports each (songs of which label in which data) is listed in the model's card. Their names are in
the catalogues of `bot/i18n`, as `genre-KEY` and `tag-KEY`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

TEN_GENRES = (
    "blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock",
)  # fmt: skip  # GTZAN's (Tzanetakis and Cook, 2002), in the order of the model's outputs


@dataclass(frozen=True, slots=True)
class MusicStyle:
    """A style within one or several families.

    Attributes:
        families: keys of `FAMILIES` it belongs to, the nearest first.
        label: FMA's name of it, which the network answers for.
    """

    families: tuple[str, ...]
    label: str


FAMILIES = (
    "blues", "classical", "country", "disco", "electronic", "experimental", "folk", "hiphop",
    "jazz", "metal", "pop", "punk", "reggae", "rock", "soundtrack", "world",
)  # fmt: skip  # in the order of the model's outputs

STYLES: dict[str, MusicStyle] = {
    "ambient": MusicStyle(("electronic", "soundtrack"), "Ambient"),
    "ambient_electronic": MusicStyle(("electronic",), "Ambient Electronic"),
    "chiptune": MusicStyle(("electronic",), "Chip Music"),
    "chillout": MusicStyle(("electronic",), "Chill-out"),
    "dance": MusicStyle(("electronic",), "Dance"),
    "downtempo": MusicStyle(("electronic",), "Downtempo"),
    "drum_and_bass": MusicStyle(("electronic",), "Drum & Bass"),
    "dubstep": MusicStyle(("electronic",), "Dubstep"),
    "glitch": MusicStyle(("electronic", "experimental"), "Glitch"),
    "house": MusicStyle(("electronic",), "House"),
    "idm": MusicStyle(("electronic",), "IDM"),
    "minimal": MusicStyle(("electronic",), "Minimal Electronic"),
    "synth_pop": MusicStyle(("electronic", "pop"), "Synth Pop"),
    "techno": MusicStyle(("electronic",), "Techno"),
    "trip_hop": MusicStyle(("electronic", "hiphop"), "Trip-Hop"),
    "alternative_hiphop": MusicStyle(("hiphop",), "Alternative Hip-Hop"),
    "beats": MusicStyle(("hiphop",), "Hip-Hop Beats"),
    "rap": MusicStyle(("hiphop",), "Rap"),
    "garage": MusicStyle(("rock", "punk"), "Garage"),
    "indie_rock": MusicStyle(("rock",), "Indie-Rock"),
    "lo_fi": MusicStyle(("rock", "pop"), "Lo-Fi"),
    "loud_rock": MusicStyle(("rock", "metal"), "Loud-Rock"),
    "new_wave": MusicStyle(("rock", "pop"), "New Wave"),
    "post_punk": MusicStyle(("punk", "rock"), "Post-Punk"),
    "post_rock": MusicStyle(("rock",), "Post-Rock"),
    "power_pop": MusicStyle(("rock", "pop"), "Power-Pop"),
    "progressive": MusicStyle(("rock",), "Progressive"),
    "psychedelic_rock": MusicStyle(("rock",), "Psych-Rock"),
    "surf": MusicStyle(("rock",), "Surf"),
    "hardcore": MusicStyle(("punk",), "Hardcore"),
    "noise_rock": MusicStyle(("rock", "experimental"), "Noise-Rock"),
    "dub": MusicStyle(("reggae",), "Reggae - Dub"),
    "dancehall": MusicStyle(("reggae",), "Reggae - Dancehall"),
    "experimental_pop": MusicStyle(("pop", "experimental"), "Experimental Pop"),
    "freak_folk": MusicStyle(("folk",), "Freak-Folk"),
    "psychedelic_folk": MusicStyle(("folk",), "Psych-Folk"),
    "singer_songwriter": MusicStyle(("folk",), "Singer-Songwriter"),
    "celtic": MusicStyle(("world", "folk"), "Celtic"),
    "african": MusicStyle(("world",), "African"),
    "balkan": MusicStyle(("world",), "Balkan"),
    "latin": MusicStyle(("world",), "Latin America"),
    "middle_eastern": MusicStyle(("world",), "Middle East"),
    "romani": MusicStyle(("world",), "Romany (Gypsy)"),
    "turkish": MusicStyle(("world",), "Turkish"),
    "minimalism": MusicStyle(("classical", "soundtrack"), "Minimalism"),
    "new_age": MusicStyle(("soundtrack", "electronic"), "New Age"),
    "drone": MusicStyle(("experimental",), "Drone"),
    "electroacoustic": MusicStyle(("experimental",), "Electroacoustic"),
    "field_recordings": MusicStyle(("experimental",), "Field Recordings"),
    "free_improvisation": MusicStyle(("experimental", "jazz"), "Improv"),
    "noise": MusicStyle(("experimental",), "Noise"),
    "sound_collage": MusicStyle(("experimental",), "Sound Collage"),
}


DRILL_N_BASS = "drill_n_bass"  # a style that no label has: heard where rhythm and style agree
GENRE_KEYS = frozenset({*FAMILIES, *STYLES, DRILL_N_BASS})  # every genre that has a name


@dataclass(frozen=True, slots=True)
class MusicTag:
    """A word that people use for music.

    Attributes:
        sources: the taggers' own tags that are averaged, as (`MSD` or `MTT`, name).
        group: `voice`, `instrument`, `mood`, `energy` or `era`; of some groups one is shown.
    """

    sources: tuple[tuple[str, str], ...]
    group: str


TAG_SURE = 0.3  # least probability of a tag that is said of a song, and by which songs are found
TAG_LIKELY = 0.1  # of one that is said, with its probability, where few are
FEWEST_TAGS, MOST_TAGS = 3, 5  # said of a song
MOST_OF_GROUP = {"voice": 1, "era": 1}  # of the others two
TAGS: dict[str, MusicTag] = {
    "female_voice": MusicTag(
        (("MSD", "female vocalists"), ("MTT", "female"), ("MTT", "female vocal"), ("MTT", "woman")),
        "voice",
    ),
    "male_voice": MusicTag(
        (("MSD", "male vocalists"), ("MTT", "male"), ("MTT", "male vocal"), ("MTT", "man")),
        "voice",
    ),
    "instrumental": MusicTag(
        (("MSD", "instrumental"), ("MTT", "no vocals"), ("MTT", "no vocal"), ("MTT", "no voice")),
        "voice",
    ),
    "choir": MusicTag((("MTT", "choir"), ("MTT", "choral")), "voice"),
    "opera": MusicTag((("MTT", "opera"),), "voice"),
    "guitar": MusicTag((("MSD", "guitar"), ("MTT", "guitar")), "instrument"),
    "piano": MusicTag((("MTT", "piano"),), "instrument"),
    "strings": MusicTag((("MTT", "strings"), ("MTT", "violin"), ("MTT", "cello")), "instrument"),
    "flute": MusicTag((("MTT", "flute"),), "instrument"),
    "harp": MusicTag((("MTT", "harp"),), "instrument"),
    "harpsichord": MusicTag((("MTT", "harpsichord"),), "instrument"),
    "sitar": MusicTag((("MTT", "sitar"), ("MTT", "indian")), "instrument"),
    "synth": MusicTag((("MTT", "synth"),), "instrument"),
    "drums": MusicTag((("MTT", "drums"),), "instrument"),
    "acoustic": MusicTag((("MSD", "acoustic"),), "instrument"),
    "beats": MusicTag((("MTT", "beat"), ("MTT", "beats")), "instrument"),
    "mellow": MusicTag((("MSD", "Mellow"),), "mood"),
    "chill": MusicTag((("MSD", "chill"), ("MSD", "chillout")), "mood"),
    "happy": MusicTag((("MSD", "happy"),), "mood"),
    "sad": MusicTag((("MSD", "sad"),), "mood"),
    "beautiful": MusicTag((("MSD", "beautiful"),), "mood"),
    "catchy": MusicTag((("MSD", "catchy"),), "mood"),
    "weird": MusicTag((("MTT", "weird"),), "mood"),
    "easy_listening": MusicTag((("MSD", "easy listening"),), "mood"),
    "danceable": MusicTag((("MSD", "dance"), ("MTT", "dance")), "energy"),
    "party": MusicTag((("MSD", "party"),), "energy"),
    "loud": MusicTag((("MTT", "loud"),), "energy"),
    "quiet": MusicTag((("MTT", "quiet"), ("MTT", "soft")), "energy"),
    "fast": MusicTag((("MTT", "fast"),), "energy"),
    "slow": MusicTag((("MTT", "slow"),), "energy"),
    "sixties": MusicTag((("MSD", "60s"),), "era"),
    "seventies": MusicTag((("MSD", "70s"),), "era"),
    "eighties": MusicTag((("MSD", "80s"),), "era"),
    "nineties": MusicTag((("MSD", "90s"),), "era"),
    "two_thousands": MusicTag((("MSD", "00s"),), "era"),
    "soulful": MusicTag((("MSD", "soul"), ("MSD", "rnb")), "mood"),
    "funky": MusicTag((("MSD", "funk"),), "mood"),
}  # fmt: skip


def said_tags(tags: Mapping[str, float]) -> tuple[str, ...]:
    """Choose the tags that are said of a song, the likeliest first; some of every group."""
    counts: Counter[str] = Counter()
    said: list[str] = []
    for tag, share in sorted(tags.items(), key=lambda item: -item[1]):
        group = TAGS[tag].group
        least = TAG_LIKELY if len(said) < FEWEST_TAGS else TAG_SURE
        if share >= least and len(said) < MOST_TAGS and counts[group] < MOST_OF_GROUP.get(group, 2):
            counts[group] += 1
            said.append(tag)
    return tuple(said)


# What musicnn's taggers answer, in the order of their answers.
MSD_TAGS = (
    "rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s",
    "alternative rock", "jazz", "beautiful", "metal", "chillout", "male vocalists",
    "classic rock", "soul", "indie rock", "Mellow", "electronica", "80s", "folk", "90s", "chill",
    "instrumental", "punk", "oldies", "blues", "hard rock", "ambient", "acoustic",
    "experimental", "female vocalist", "guitar", "Hip-Hop", "70s", "party", "country",
    "easy listening", "sexy", "catchy", "funk", "electro", "heavy metal", "Progressive rock",
    "60s", "rnb", "indie pop", "sad", "House", "happy",
)  # fmt: skip  # Last.fm's most used tags of the Million Song Dataset
MTT_TAGS = (
    "guitar", "classical", "slow", "techno", "strings", "drums", "electronic", "rock", "fast",
    "piano", "ambient", "beat", "violin", "vocal", "synth", "female", "indian", "opera", "male",
    "singing", "vocals", "no vocals", "harpsichord", "loud", "quiet", "flute", "woman",
    "male vocal", "no vocal", "pop", "soft", "sitar", "solo", "man", "classic", "choir", "voice",
    "new age", "dance", "male voice", "female vocal", "beats", "harp", "cello", "no voice",
    "weird", "country", "metal", "female voice", "choral",
)  # fmt: skip  # MagnaTagATune's
