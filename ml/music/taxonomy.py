"""Families, styles and tags: their names in both languages, and what each is read from.

A family is what a record shop would put on a shelf; a style belongs to one or two of them. What
supports each (songs of which label in which data) is listed in the model's card.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

TEN_GENRES = (
    "blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock",
)  # fmt: skip  # GTZAN's (Tzanetakis and Cook, 2002), in the order of the model's outputs


@dataclass(frozen=True, slots=True)
class Family:
    """A shelf.

    Attributes:
        english: its name in a sentence.
        japanese: its name.
    """

    english: str
    japanese: str


@dataclass(frozen=True, slots=True)
class MusicStyle:
    """A style within one or several families.

    Attributes:
        english: its name in a sentence.
        japanese: its name.
        families: keys of `FAMILIES` it belongs to, the nearest first.
        label: FMA's name of it, which the network answers for.
    """

    english: str
    japanese: str
    families: tuple[str, ...]
    label: str


FAMILIES: dict[str, Family] = {
    "blues": Family("Blues", "ブルース"),
    "classical": Family("Classical", "クラシック"),
    "country": Family("Country", "カントリー"),
    "disco": Family("Disco", "ディスコ"),
    "electronic": Family("Electronic", "エレクトロニック"),
    "experimental": Family("Experimental", "実験音楽"),
    "folk": Family("Folk", "フォーク"),
    "hiphop": Family("Hip-hop", "ヒップホップ"),
    "jazz": Family("Jazz", "ジャズ"),
    "metal": Family("Metal", "メタル"),
    "pop": Family("Pop", "ポップ"),
    "punk": Family("Punk", "パンク"),
    "reggae": Family("Reggae", "レゲエ"),
    "rock": Family("Rock", "ロック"),
    "soundtrack": Family("Soundtrack", "サウンドトラック"),
    "world": Family("World traditions", "民族音楽"),
}

STYLES: dict[str, MusicStyle] = {
    "ambient": MusicStyle("ambient", "アンビエント", ("electronic", "soundtrack"), "Ambient"),
    "ambient_electronic": MusicStyle(
        "ambient electronic",
        "アンビエント・エレクトロニック",
        ("electronic",),
        "Ambient Electronic",
    ),
    "chiptune": MusicStyle("chiptune", "チップチューン", ("electronic",), "Chip Music"),
    "chillout": MusicStyle("chill-out", "チルアウト", ("electronic",), "Chill-out"),
    "dance": MusicStyle("dance", "ダンス", ("electronic",), "Dance"),
    "downtempo": MusicStyle("downtempo", "ダウンテンポ", ("electronic",), "Downtempo"),
    "drum_and_bass": MusicStyle("drum & bass", "ドラムンベース", ("electronic",), "Drum & Bass"),
    "dubstep": MusicStyle("dubstep", "ダブステップ", ("electronic",), "Dubstep"),
    "glitch": MusicStyle("glitch", "グリッチ", ("electronic", "experimental"), "Glitch"),
    "house": MusicStyle("house", "ハウス", ("electronic",), "House"),
    "idm": MusicStyle("IDM", "IDM", ("electronic",), "IDM"),
    "minimal": MusicStyle("minimal electronic", "ミニマル", ("electronic",), "Minimal Electronic"),
    "synth_pop": MusicStyle("synth-pop", "シンセポップ", ("electronic", "pop"), "Synth Pop"),
    "techno": MusicStyle("techno", "テクノ", ("electronic",), "Techno"),
    "trip_hop": MusicStyle("trip-hop", "トリップホップ", ("electronic", "hiphop"), "Trip-Hop"),
    "alternative_hiphop": MusicStyle(
        "alternative hip-hop", "オルタナティブ・ヒップホップ", ("hiphop",), "Alternative Hip-Hop"
    ),
    "beats": MusicStyle(
        "instrumental hip-hop beats", "ヒップホップ・ビート", ("hiphop",), "Hip-Hop Beats"
    ),
    "rap": MusicStyle("rap", "ラップ", ("hiphop",), "Rap"),
    "garage": MusicStyle("garage rock", "ガレージロック", ("rock", "punk"), "Garage"),
    "indie_rock": MusicStyle("indie rock", "インディーロック", ("rock",), "Indie-Rock"),
    "lo_fi": MusicStyle("lo-fi", "ローファイ", ("rock", "pop"), "Lo-Fi"),
    "loud_rock": MusicStyle("hard rock", "ハードロック", ("rock", "metal"), "Loud-Rock"),
    "new_wave": MusicStyle("new wave", "ニューウェーブ", ("rock", "pop"), "New Wave"),
    "post_punk": MusicStyle("post-punk", "ポストパンク", ("punk", "rock"), "Post-Punk"),
    "post_rock": MusicStyle("post-rock", "ポストロック", ("rock",), "Post-Rock"),
    "power_pop": MusicStyle("power pop", "パワーポップ", ("rock", "pop"), "Power-Pop"),
    "progressive": MusicStyle("progressive rock", "プログレッシブロック", ("rock",), "Progressive"),
    "psychedelic_rock": MusicStyle(
        "psychedelic rock", "サイケデリックロック", ("rock",), "Psych-Rock"
    ),
    "surf": MusicStyle("surf rock", "サーフロック", ("rock",), "Surf"),
    "hardcore": MusicStyle("hardcore punk", "ハードコア・パンク", ("punk",), "Hardcore"),
    "noise_rock": MusicStyle("noise rock", "ノイズロック", ("rock", "experimental"), "Noise-Rock"),
    "dub": MusicStyle("dub", "ダブ", ("reggae",), "Reggae - Dub"),
    "dancehall": MusicStyle("dancehall", "ダンスホール", ("reggae",), "Reggae - Dancehall"),
    "experimental_pop": MusicStyle(
        "experimental pop", "実験ポップ", ("pop", "experimental"), "Experimental Pop"
    ),
    "freak_folk": MusicStyle("freak folk", "フリークフォーク", ("folk",), "Freak-Folk"),
    "psychedelic_folk": MusicStyle(
        "psychedelic folk", "サイケデリックフォーク", ("folk",), "Psych-Folk"
    ),
    "singer_songwriter": MusicStyle(
        "singer-songwriter", "シンガーソングライター", ("folk",), "Singer-Songwriter"
    ),
    "celtic": MusicStyle("Celtic", "ケルト音楽", ("world", "folk"), "Celtic"),
    "african": MusicStyle("African", "アフリカ音楽", ("world",), "African"),
    "balkan": MusicStyle("Balkan", "バルカン音楽", ("world",), "Balkan"),
    "latin": MusicStyle("Latin American", "ラテン音楽", ("world",), "Latin America"),
    "middle_eastern": MusicStyle("Middle Eastern", "中東音楽", ("world",), "Middle East"),
    "romani": MusicStyle("Romani", "ロマ音楽", ("world",), "Romany (Gypsy)"),
    "turkish": MusicStyle("Turkish", "トルコ音楽", ("world",), "Turkish"),
    "minimalism": MusicStyle(
        "minimalism", "ミニマル・ミュージック", ("classical", "soundtrack"), "Minimalism"
    ),
    "new_age": MusicStyle("new age", "ニューエイジ", ("soundtrack", "electronic"), "New Age"),
    "drone": MusicStyle("drone", "ドローン", ("experimental",), "Drone"),
    "electroacoustic": MusicStyle(
        "electroacoustic", "電子音響音楽", ("experimental",), "Electroacoustic"
    ),
    "field_recordings": MusicStyle(
        "field recordings", "フィールド・レコーディング", ("experimental",), "Field Recordings"
    ),
    "free_improvisation": MusicStyle(
        "free improvisation", "即興音楽", ("experimental", "jazz"), "Improv"
    ),
    "noise": MusicStyle("noise music", "ノイズ音楽", ("experimental",), "Noise"),
    "sound_collage": MusicStyle(
        "sound collage", "サウンド・コラージュ", ("experimental",), "Sound Collage"
    ),
}


DRILL_N_BASS = "drill_n_bass"  # a style that no label has: heard where rhythm and style agree
GENRE_KEYS = frozenset({*FAMILIES, *STYLES, DRILL_N_BASS})  # every genre that has a name


@dataclass(frozen=True, slots=True)
class MusicTag:
    """A word that people use for music.

    Attributes:
        english: the word in a sentence.
        japanese: the word.
        sources: the taggers' own tags that are averaged, as (`MSD` or `MTT`, name).
        group: `voice`, `instrument`, `mood`, `energy` or `era`; of some groups one is shown.
    """

    english: str
    japanese: str
    sources: tuple[tuple[str, str], ...]
    group: str


TAG_SURE = 0.3  # least probability of a tag that is said of a song, and by which songs are found
TAG_LIKELY = 0.1  # of one that is said, with its probability, where few are
FEWEST_TAGS, MOST_TAGS = 3, 5  # said of a song
MOST_OF_GROUP = {"voice": 1, "era": 1}  # of the others two
TAGS: dict[str, MusicTag] = {
    "female_voice": MusicTag(
        "female voice", "女性ボーカル",
        (("MSD", "female vocalists"), ("MTT", "female"), ("MTT", "female vocal"), ("MTT", "woman")),
        "voice",
    ),
    "male_voice": MusicTag(
        "male voice", "男性ボーカル",
        (("MSD", "male vocalists"), ("MTT", "male"), ("MTT", "male vocal"), ("MTT", "man")),
        "voice",
    ),
    "instrumental": MusicTag(
        "instrumental", "インスト",
        (("MSD", "instrumental"), ("MTT", "no vocals"), ("MTT", "no vocal"), ("MTT", "no voice")),
        "voice",
    ),
    "choir": MusicTag("choir", "合唱", (("MTT", "choir"), ("MTT", "choral")), "voice"),
    "opera": MusicTag("opera", "オペラ", (("MTT", "opera"),), "voice"),
    "guitar": MusicTag("guitar", "ギター", (("MSD", "guitar"), ("MTT", "guitar")), "instrument"),
    "piano": MusicTag("piano", "ピアノ", (("MTT", "piano"),), "instrument"),
    "strings": MusicTag(
        "strings", "弦楽器", (("MTT", "strings"), ("MTT", "violin"), ("MTT", "cello")), "instrument"
    ),
    "flute": MusicTag("flute", "フルート", (("MTT", "flute"),), "instrument"),
    "harp": MusicTag("harp", "ハープ", (("MTT", "harp"),), "instrument"),
    "harpsichord": MusicTag("harpsichord", "チェンバロ", (("MTT", "harpsichord"),), "instrument"),
    "sitar": MusicTag("sitar", "シタール", (("MTT", "sitar"), ("MTT", "indian")), "instrument"),
    "synth": MusicTag("synthesizer", "シンセ", (("MTT", "synth"),), "instrument"),
    "drums": MusicTag("drums", "ドラム", (("MTT", "drums"),), "instrument"),
    "acoustic": MusicTag("acoustic", "アコースティック", (("MSD", "acoustic"),), "instrument"),
    "beats": MusicTag("beats", "ビート", (("MTT", "beat"), ("MTT", "beats")), "instrument"),
    "mellow": MusicTag("mellow", "メロウ", (("MSD", "Mellow"),), "mood"),
    "chill": MusicTag("chill", "チル", (("MSD", "chill"), ("MSD", "chillout")), "mood"),
    "happy": MusicTag("happy", "楽しい", (("MSD", "happy"),), "mood"),
    "sad": MusicTag("sad", "悲しい", (("MSD", "sad"),), "mood"),
    "beautiful": MusicTag("beautiful", "美しい", (("MSD", "beautiful"),), "mood"),
    "catchy": MusicTag("catchy", "キャッチー", (("MSD", "catchy"),), "mood"),
    "weird": MusicTag("strange", "奇妙", (("MTT", "weird"),), "mood"),
    "easy_listening": MusicTag(
        "easy listening", "イージーリスニング", (("MSD", "easy listening"),), "mood"
    ),
    "danceable": MusicTag("danceable", "踊れる", (("MSD", "dance"), ("MTT", "dance")), "energy"),
    "party": MusicTag("party", "パーティー", (("MSD", "party"),), "energy"),
    "loud": MusicTag("loud", "激しい", (("MTT", "loud"),), "energy"),
    "quiet": MusicTag("quiet", "静か", (("MTT", "quiet"), ("MTT", "soft")), "energy"),
    "fast": MusicTag("fast", "速い", (("MTT", "fast"),), "energy"),
    "slow": MusicTag("slow", "ゆったり", (("MTT", "slow"),), "energy"),
    "sixties": MusicTag("1960s", "60年代", (("MSD", "60s"),), "era"),
    "seventies": MusicTag("1970s", "70年代", (("MSD", "70s"),), "era"),
    "eighties": MusicTag("1980s", "80年代", (("MSD", "80s"),), "era"),
    "nineties": MusicTag("1990s", "90年代", (("MSD", "90s"),), "era"),
    "two_thousands": MusicTag("2000s", "2000年代", (("MSD", "00s"),), "era"),
    "soulful": MusicTag("soulful", "ソウルフル", (("MSD", "soul"), ("MSD", "rnb")), "mood"),
    "funky": MusicTag("funky", "ファンキー", (("MSD", "funk"),), "mood"),
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
