import numpy as np

from training.music.ten_genres import TenGenreSongs


def songs_of(artists: list[str], folds: list[int]) -> TenGenreSongs:
    """List songs without pictures: of GTZAN where the fold is not -1."""
    count = len(artists)
    return TenGenreSongs(
        names=tuple(str(number) for number in range(count)),
        sources=tuple("gtzan" if fold >= 0 else "named" for fold in folds),
        labels=np.zeros(count, np.int64),
        artists=tuple(artists),
        pictures=(np.zeros((106, 0), np.uint8),) * count,
        folds=np.array(folds),
        keys=("",) * count,
        bpm=np.zeros(count),
        has_audio=np.zeros(count, bool),
    )


def test_artists_within_a_bands_name_are_no_strangers() -> None:
    songs = songs_of(["bobmarley", "bobmarleythewailers", "ub40", ""], [0, -1, -1, -1])
    assert songs.strangers().tolist() == [2]


def test_short_names_are_not_looked_for_in_others() -> None:
    songs = songs_of(["toto", "anantoto"], [0, -1])
    assert songs.strangers().tolist() == [1]
