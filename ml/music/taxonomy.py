"""Families, styles and tags: their names in both languages, and what each is read from.

A family is what a record shop would put on a shelf; a style belongs to one or two of them. What
supports each (songs of which label in which data) is listed in the model's card.
"""

from __future__ import annotations

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
class Style:
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

STYLES: dict[str, Style] = {
    "ambient": Style("ambient", "アンビエント", ("electronic", "soundtrack"), "Ambient"),
    "ambient_electronic": Style(
        "ambient electronic",
        "アンビエント・エレクトロニック",
        ("electronic",),
        "Ambient Electronic",
    ),
    "chiptune": Style("chiptune", "チップチューン", ("electronic",), "Chip Music"),
    "chillout": Style("chill-out", "チルアウト", ("electronic",), "Chill-out"),
    "dance": Style("dance", "ダンス", ("electronic",), "Dance"),
    "downtempo": Style("downtempo", "ダウンテンポ", ("electronic",), "Downtempo"),
    "drum_and_bass": Style("drum & bass", "ドラムンベース", ("electronic",), "Drum & Bass"),
    "dubstep": Style("dubstep", "ダブステップ", ("electronic",), "Dubstep"),
    "glitch": Style("glitch", "グリッチ", ("electronic", "experimental"), "Glitch"),
    "house": Style("house", "ハウス", ("electronic",), "House"),
    "idm": Style("IDM", "IDM", ("electronic",), "IDM"),
    "minimal": Style("minimal electronic", "ミニマル", ("electronic",), "Minimal Electronic"),
    "synth_pop": Style("synth-pop", "シンセポップ", ("electronic", "pop"), "Synth Pop"),
    "techno": Style("techno", "テクノ", ("electronic",), "Techno"),
    "trip_hop": Style("trip-hop", "トリップホップ", ("electronic", "hiphop"), "Trip-Hop"),
    "alternative_hiphop": Style(
        "alternative hip-hop", "オルタナティブ・ヒップホップ", ("hiphop",), "Alternative Hip-Hop"
    ),
    "beats": Style(
        "instrumental hip-hop beats", "ヒップホップ・ビート", ("hiphop",), "Hip-Hop Beats"
    ),
    "rap": Style("rap", "ラップ", ("hiphop",), "Rap"),
    "garage": Style("garage rock", "ガレージロック", ("rock", "punk"), "Garage"),
    "indie_rock": Style("indie rock", "インディーロック", ("rock",), "Indie-Rock"),
    "lo_fi": Style("lo-fi", "ローファイ", ("rock", "pop"), "Lo-Fi"),
    "loud_rock": Style("hard rock", "ハードロック", ("rock", "metal"), "Loud-Rock"),
    "new_wave": Style("new wave", "ニューウェーブ", ("rock", "pop"), "New Wave"),
    "post_punk": Style("post-punk", "ポストパンク", ("punk", "rock"), "Post-Punk"),
    "post_rock": Style("post-rock", "ポストロック", ("rock",), "Post-Rock"),
    "power_pop": Style("power pop", "パワーポップ", ("rock", "pop"), "Power-Pop"),
    "progressive": Style("progressive rock", "プログレッシブロック", ("rock",), "Progressive"),
    "psychedelic_rock": Style("psychedelic rock", "サイケデリックロック", ("rock",), "Psych-Rock"),
    "surf": Style("surf rock", "サーフロック", ("rock",), "Surf"),
    "hardcore": Style("hardcore punk", "ハードコア・パンク", ("punk",), "Hardcore"),
    "noise_rock": Style("noise rock", "ノイズロック", ("rock", "experimental"), "Noise-Rock"),
    "dub": Style("dub", "ダブ", ("reggae",), "Reggae - Dub"),
    "dancehall": Style("dancehall", "ダンスホール", ("reggae",), "Reggae - Dancehall"),
    "experimental_pop": Style(
        "experimental pop", "実験ポップ", ("pop", "experimental"), "Experimental Pop"
    ),
    "freak_folk": Style("freak folk", "フリークフォーク", ("folk",), "Freak-Folk"),
    "psychedelic_folk": Style(
        "psychedelic folk", "サイケデリックフォーク", ("folk",), "Psych-Folk"
    ),
    "singer_songwriter": Style(
        "singer-songwriter", "シンガーソングライター", ("folk",), "Singer-Songwriter"
    ),
    "celtic": Style("Celtic", "ケルト音楽", ("world", "folk"), "Celtic"),
    "african": Style("African", "アフリカ音楽", ("world",), "African"),
    "balkan": Style("Balkan", "バルカン音楽", ("world",), "Balkan"),
    "latin": Style("Latin American", "ラテン音楽", ("world",), "Latin America"),
    "middle_eastern": Style("Middle Eastern", "中東音楽", ("world",), "Middle East"),
    "romani": Style("Romani", "ロマ音楽", ("world",), "Romany (Gypsy)"),
    "turkish": Style("Turkish", "トルコ音楽", ("world",), "Turkish"),
    "minimalism": Style(
        "minimalism", "ミニマル・ミュージック", ("classical", "soundtrack"), "Minimalism"
    ),
    "new_age": Style("new age", "ニューエイジ", ("soundtrack", "electronic"), "New Age"),
    "drone": Style("drone", "ドローン", ("experimental",), "Drone"),
    "electroacoustic": Style(
        "electroacoustic", "電子音響音楽", ("experimental",), "Electroacoustic"
    ),
    "field_recordings": Style(
        "field recordings", "フィールド・レコーディング", ("experimental",), "Field Recordings"
    ),
    "free_improvisation": Style(
        "free improvisation", "即興音楽", ("experimental", "jazz"), "Improv"
    ),
    "noise": Style("noise music", "ノイズ音楽", ("experimental",), "Noise"),
    "sound_collage": Style(
        "sound collage", "サウンド・コラージュ", ("experimental",), "Sound Collage"
    ),
}


@dataclass(frozen=True, slots=True)
class Tag:
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


TAGS: dict[str, Tag] = {
    "female_voice": Tag(
        "female voice", "女性ボーカル",
        (("MSD", "female vocalists"), ("MTT", "female"), ("MTT", "female vocal"), ("MTT", "woman")),
        "voice",
    ),
    "male_voice": Tag(
        "male voice", "男性ボーカル",
        (("MSD", "male vocalists"), ("MTT", "male"), ("MTT", "male vocal"), ("MTT", "man")),
        "voice",
    ),
    "instrumental": Tag(
        "instrumental", "インスト",
        (("MSD", "instrumental"), ("MTT", "no vocals"), ("MTT", "no vocal"), ("MTT", "no voice")),
        "voice",
    ),
    "choir": Tag("choir", "合唱", (("MTT", "choir"), ("MTT", "choral")), "voice"),
    "opera": Tag("opera", "オペラ", (("MTT", "opera"),), "voice"),
    "guitar": Tag("guitar", "ギター", (("MSD", "guitar"), ("MTT", "guitar")), "instrument"),
    "piano": Tag("piano", "ピアノ", (("MTT", "piano"),), "instrument"),
    "strings": Tag(
        "strings", "弦楽器", (("MTT", "strings"), ("MTT", "violin"), ("MTT", "cello")), "instrument"
    ),
    "flute": Tag("flute", "フルート", (("MTT", "flute"),), "instrument"),
    "harp": Tag("harp", "ハープ", (("MTT", "harp"),), "instrument"),
    "harpsichord": Tag("harpsichord", "チェンバロ", (("MTT", "harpsichord"),), "instrument"),
    "sitar": Tag("sitar", "シタール", (("MTT", "sitar"), ("MTT", "indian")), "instrument"),
    "synth": Tag("synthesizer", "シンセ", (("MTT", "synth"),), "instrument"),
    "drums": Tag("drums", "ドラム", (("MTT", "drums"),), "instrument"),
    "acoustic": Tag("acoustic", "アコースティック", (("MSD", "acoustic"),), "instrument"),
    "beats": Tag("beats", "ビート", (("MTT", "beat"), ("MTT", "beats")), "instrument"),
    "mellow": Tag("mellow", "メロウ", (("MSD", "Mellow"),), "mood"),
    "chill": Tag("chill", "チル", (("MSD", "chill"), ("MSD", "chillout")), "mood"),
    "happy": Tag("happy", "楽しい", (("MSD", "happy"),), "mood"),
    "sad": Tag("sad", "悲しい", (("MSD", "sad"),), "mood"),
    "beautiful": Tag("beautiful", "美しい", (("MSD", "beautiful"),), "mood"),
    "catchy": Tag("catchy", "キャッチー", (("MSD", "catchy"),), "mood"),
    "weird": Tag("strange", "奇妙", (("MTT", "weird"),), "mood"),
    "easy_listening": Tag(
        "easy listening", "イージーリスニング", (("MSD", "easy listening"),), "mood"
    ),
    "danceable": Tag("danceable", "踊れる", (("MSD", "dance"), ("MTT", "dance")), "energy"),
    "party": Tag("party", "パーティー", (("MSD", "party"),), "energy"),
    "loud": Tag("loud", "激しい", (("MTT", "loud"),), "energy"),
    "quiet": Tag("quiet", "静か", (("MTT", "quiet"), ("MTT", "soft")), "energy"),
    "fast": Tag("fast", "速い", (("MTT", "fast"),), "energy"),
    "slow": Tag("slow", "ゆったり", (("MTT", "slow"),), "energy"),
    "sixties": Tag("1960s", "60年代", (("MSD", "60s"),), "era"),
    "seventies": Tag("1970s", "70年代", (("MSD", "70s"),), "era"),
    "eighties": Tag("1980s", "80年代", (("MSD", "80s"),), "era"),
    "nineties": Tag("1990s", "90年代", (("MSD", "90s"),), "era"),
    "two_thousands": Tag("2000s", "2000年代", (("MSD", "00s"),), "era"),
    "soulful": Tag("soulful", "ソウルフル", (("MSD", "soul"), ("MSD", "rnb")), "mood"),
    "funky": Tag("funky", "ファンキー", (("MSD", "funk"),), "mood"),
}  # fmt: skip
