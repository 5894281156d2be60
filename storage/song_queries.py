"""Statistics and title search over a server's songs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from storage.codecs import ID_LIST, fold, id_list, moment_or_none
from storage.database import Database, Row
from storage.song_values import LABEL, GenreCount, SongStats, Title, genre_names

_OURS = f"WHERE guild_id = ? AND gone_at IS NULL AND channel_id IN {ID_LIST}"
_NEWEST_OF_FILE = """row_number() OVER (
    PARTITION BY title_key, content_hash ORDER BY posted_at DESC, song_id DESC)"""
MOST_WORDS = 8  # words of a search that are looked at; titles are short


class SongTitles:
    """The titles of every server's songs; each question names the one server it is about."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def matching(
        self, guild_id: int, typed: str, channels: Collection[int], *, limit: int = 25
    ) -> tuple[Title, ...]:
        """Suggest titles that contain every word typed so far.

        Width, case and the two kana do not matter. Best first: the whole title, its beginning,
        the beginning of one of its words, anywhere; then the last posted. The same file under
        the same title comes once.

        Args:
            guild_id: the server.
            typed: what the member typed; nothing gives the last posted songs.
            channels: the channels the member can read.
            limit: how many at most; Discord shows 25.
        """
        key = fold(typed)
        words = key.split()[:MOST_WORDS]
        rows = await self._database.rows(
            f"""SELECT song_id, title, poster_id FROM (
                    SELECT song_id, title, poster_id, posted_at,
                        CASE WHEN title_key = ? THEN 0
                            WHEN substr(title_key, 1, ?) = ? THEN 1
                            WHEN instr(title_key, ' ' || ?) > 0 THEN 2
                            ELSE 3 END AS distance,
                        {_NEWEST_OF_FILE if words else "1"} AS place
                    FROM songs
                    WHERE guild_id = ? AND gone_at IS NULL
                        AND channel_id IN {ID_LIST}
                        {" AND instr(title_key, ?) > 0" * len(words)}) AS found
                WHERE place = 1 ORDER BY distance, posted_at DESC LIMIT ?""",
            (key, len(key), key, key, guild_id, id_list(channels), *words, limit),
        )
        return tuple(Title(row["song_id"], row["title"], row["poster_id"]) for row in rows)


@dataclass(frozen=True, slots=True)
class SongFacts:
    """What songs are found by when members type words.

    Attributes:
        song_id: the song.
        recording_id: the same for all posts of one recording.
        title_key: the title, folded.
        tempo_bpm: beats a minute; None: unknown.
        camelot: code of its key; None: no clear key.
        names: genres that are said of it, what it is first.
        genres: JSON, genre -> probability, as text.
        styles: the same of styles.
        tags: the same of tags.
    """

    song_id: int
    recording_id: int
    title_key: str
    tempo_bpm: float | None
    camelot: str | None
    names: tuple[str, ...]
    genres: str
    styles: str
    tags: str


class SongFactsList:
    """What is known of every server's songs; each question names the one server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def latest(
        self,
        guild_id: int,
        channels: Collection[int],
        *,
        limit: int,
        poster_id: int | None = None,
    ) -> tuple[SongFacts, ...]:
        """List what is known of songs of these channels, the last posted first.

        Args:
            guild_id: the server.
            channels: the channels.
            limit: how many songs.
            poster_id: only songs of this member; None: of everybody.
        """
        chosen: tuple[str | int, ...] = (guild_id, id_list(channels))
        if poster_id is not None:
            chosen = (*chosen, poster_id)
        rows = await self._database.rows(
            f"""SELECT song_id, recording, title_key, tempo_bpm, camelot, {LABEL} AS label,
                    likeliest, sure_genres, genres, styles, tags
                FROM songs {_OURS} {"" if poster_id is None else "AND poster_id = ?"}
                ORDER BY posted_at DESC, song_id DESC LIMIT ?""",
            (*chosen, limit),
        )
        return tuple(
            SongFacts(
                row["song_id"],
                row["recording"],
                row["title_key"],
                row["tempo_bpm"],
                row["camelot"],
                genre_names(row["label"], row["likeliest"], row["sure_genres"]),
                row["genres"],
                row["styles"],
                row["tags"],
            )
            for row in rows
        )


TEMPO_STEP = 10  # beats a minute
MOST_POSTERS = 10
MOST_STYLES = 5

VECTOR_ITEM_BYTES = 4  # float32

_SONGS = "SELECT count(*) AS songs, coalesce(sum(seconds), 0.0) AS seconds"
_NAMED = f"coalesce({LABEL}, likeliest) AS name, coalesce({LABEL}, genre) AS sure"
_TOTALS = """SELECT count(DISTINCT poster_id) AS posters,
    coalesce(sum(file_bytes), 0) AS file_bytes,
    coalesce(sum(dimensions * ? + length(CAST(title AS BLOB)) + length(CAST(title_key AS BLOB))
        + length(genres) + length(styles) + length(tags) + length(rhythm)
        + coalesce(length(content_hash), 0)), 0) AS stored_bytes,
    min(posted_at) AS first_posted_at, max(posted_at) AS last_posted_at"""


class SongStatistics:
    """Counts over the songs of one server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(
        self, guild_id: int, channels: Collection[int], *, poster_id: int | None = None
    ) -> SongStats:
        """Count the songs of these channels of one server, each recording once.

        Args:
            guild_id: the server.
            channels: the channels.
            poster_id: only songs of this member; None: of everybody.
        """
        posted, first, chosen = _chosen(guild_id, channels, poster_id)
        rows = self._database.rows
        totals = (await rows(f"{_TOTALS} {posted}", (VECTOR_ITEM_BYTES, *chosen)))[0]
        songs = (await rows(f"{_SONGS} {first}", chosen))[0]
        genres = await rows(
            f"""SELECT name, count(*) AS songs, count(sure) AS sure
                FROM (SELECT {_NAMED} {first}) AS named
                GROUP BY name ORDER BY songs DESC, name NULLS LAST""",
            chosen,
        )
        styles = await rows(
            f"""SELECT style, count(*) AS songs {first} AND style IS NOT NULL
                GROUP BY style ORDER BY songs DESC, style LIMIT ?""",
            (*chosen, MOST_STYLES),
        )
        tempos = await rows(
            f"""SELECT CAST(tempo_bpm / ? AS INTEGER) * ? AS step, count(*) AS songs {first}
                AND tempo_bpm IS NOT NULL GROUP BY step ORDER BY step""",
            (TEMPO_STEP, TEMPO_STEP, *chosen),
        )
        posters = await rows(
            f"""SELECT poster_id, count(DISTINCT recording) AS songs {posted}
                GROUP BY poster_id ORDER BY songs DESC, poster_id LIMIT ?""",
            (*chosen, MOST_POSTERS),
        )
        return _stats(totals, songs, genres, styles, tempos, posters)


def _chosen(
    guild_id: int, channels: Collection[int], poster_id: int | None
) -> tuple[str, str, tuple[str | int, ...]]:
    """Return SQL of all posts, of the first post of each recording, and both one's parameters."""
    chosen: tuple[str | int, ...] = (guild_id, id_list(channels))
    ours = _OURS
    if poster_id is not None:
        chosen, ours = (*chosen, poster_id), f"{_OURS} AND poster_id = ?"
    posted = f"FROM songs JOIN models USING (model_id) {ours}"
    first = f"""FROM songs WHERE song_id IN (
        SELECT min(song_id) FROM songs {ours} GROUP BY recording)"""
    return posted, first, chosen


def _stats(
    totals: Row,
    songs: Row,
    genres: list[Row],
    styles: list[Row],
    tempos: list[Row],
    posters: list[Row],
) -> SongStats:
    return SongStats(
        songs=songs["songs"],
        seconds=songs["seconds"],
        posters=totals["posters"],
        file_bytes=totals["file_bytes"],
        stored_bytes=totals["stored_bytes"],
        first_posted_at=moment_or_none(totals["first_posted_at"]),
        last_posted_at=moment_or_none(totals["last_posted_at"]),
        genres=tuple(GenreCount(row["name"], row["songs"], row["sure"]) for row in genres),
        styles=tuple((row["style"], row["songs"]) for row in styles),
        tempos=tuple((row["step"], row["songs"]) for row in tempos),
        most_songs=tuple((row["poster_id"], row["songs"]) for row in posters),
    )
