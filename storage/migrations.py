"""The schema, as numbered migrations; only ever appended.

A migration's number is its place in `MIGRATIONS`, counted from 1, and is the `user_version` of a
database that has run it. Each runs in one transaction with the record that it ran
(`storage.database`). What a host's file may hold at each number is in the tests.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

Run = Callable[[str], Awaitable[Any]]  # executes one statement
Migration = Callable[[Run], Awaitable[None]]

_SONG_INDEXES = (
    "songs_by_model ON songs (guild_id, model_id)",
    "songs_heard_by ON songs (model_id)",
    "songs_by_channel ON songs (guild_id, channel_id, posted_at)",
    "songs_by_parent ON songs (guild_id, parent_id)",
    "songs_by_poster ON songs (guild_id, poster_id, posted_at)",
    "songs_by_time ON songs (guild_id, posted_at)",
    "songs_by_age ON songs (remembered_at)",
    "songs_by_title ON songs (guild_id, title_key, channel_id, gone_at)",
)


async def migrate_1_songs(run: Run) -> None:
    """Create songs, the models that embedded them, and their vectors."""
    await run(
        """CREATE TABLE models (
            model_id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            dimensions INTEGER NOT NULL CHECK (dimensions > 0)
        )"""
    )
    await run(
        """CREATE TABLE songs (
            song_id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice, even after deletion
            guild_id INTEGER NOT NULL,
            channel_id INTEGER NOT NULL,
            parent_id INTEGER,                          -- the channel a thread belongs to
            message_id INTEGER NOT NULL,
            attachment_id INTEGER NOT NULL,
            poster_id INTEGER NOT NULL,
            title TEXT NOT NULL,
            title_key TEXT NOT NULL,                    -- folded for searching
            posted_at INTEGER NOT NULL,
            remembered_at INTEGER NOT NULL,
            file_bytes INTEGER NOT NULL,
            content_hash BLOB CHECK (length(content_hash) = 32),
            seconds REAL NOT NULL,
            genre TEXT,                                 -- null: the ear was not sure
            genres TEXT NOT NULL,                       -- JSON: genre -> probability
            tempo_bpm REAL,
            rhythm TEXT NOT NULL,                       -- JSON
            model_id INTEGER NOT NULL REFERENCES models,
            gone_at INTEGER,                            -- its message could not be found again
            UNIQUE (guild_id, message_id, attachment_id)
        )"""
    )
    # Vectors lie apart, so that questions about titles and posters do not read past them.
    await run(
        """CREATE TABLE vectors (
            song_id INTEGER PRIMARY KEY REFERENCES songs ON DELETE CASCADE,
            vector BLOB NOT NULL                        -- float32, little-endian
        )"""
    )
    for index in _SONG_INDEXES:
        await run(f"CREATE INDEX {index}")


async def migrate_2_guild_settings_and_opt_outs(run: Run) -> None:
    """Create what a server allows, its watched channels, and who opted out."""
    await run(
        """CREATE TABLE servers (
            guild_id INTEGER PRIMARY KEY,
            remembering INTEGER NOT NULL CHECK (remembering IN (0, 1))
        )"""
    )
    await run(
        """CREATE TABLE watched_channels (
            guild_id INTEGER NOT NULL,
            channel_id INTEGER NOT NULL,
            watched_since INTEGER NOT NULL,
            watched_by INTEGER NOT NULL,
            PRIMARY KEY (guild_id, channel_id)
        ) WITHOUT ROWID"""
    )
    await run(
        """CREATE TABLE opt_outs (
            guild_id INTEGER NOT NULL,
            member_id INTEGER NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY (guild_id, member_id)
        ) WITHOUT ROWID"""
    )


async def migrate_3_imports(run: Run) -> None:
    """Create how far each import of a channel's history has come."""
    await run(
        """CREATE TABLE imports (
            import_id INTEGER PRIMARY KEY AUTOINCREMENT,
            guild_id INTEGER NOT NULL,
            channel_id INTEGER NOT NULL,
            started_by INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('running', 'done', 'cancelled', 'failed')),
            cursor_id INTEGER,          -- the last message done; null: none yet
            messages INTEGER NOT NULL DEFAULT 0,
            remembered INTEGER NOT NULL DEFAULT 0,
            known INTEGER NOT NULL DEFAULT 0,
            refused INTEGER NOT NULL DEFAULT 0,
            unheard INTEGER NOT NULL DEFAULT 0
        )"""
    )
    await run(
        """CREATE UNIQUE INDEX one_import_a_channel ON imports (guild_id, channel_id)
            WHERE state = 'running'"""
    )


async def migrate_4_import_notices(run: Run) -> None:
    """Add where each import's progress is shown, and in which language."""
    await run("ALTER TABLE imports ADD COLUMN notice_channel_id INTEGER")
    await run("ALTER TABLE imports ADD COLUMN notice_message_id INTEGER")
    await run("ALTER TABLE imports ADD COLUMN locale TEXT")


async def migrate_5_portraits(run: Run) -> None:
    """Create portraits with galleries, and server icons that can be put back."""
    await run(
        """CREATE TABLE portraits (
            portrait_id INTEGER PRIMARY KEY AUTOINCREMENT,
            guild_id INTEGER NOT NULL,  -- 0: direct messages
            member_id INTEGER NOT NULL,
            message_id INTEGER,         -- the answer it is in, as long as it is not kept
            model TEXT NOT NULL,
            seed TEXT NOT NULL,
            latent BLOB NOT NULL,       -- float32, little-endian
            likeness REAL NOT NULL,     -- how much of a member's picture is in it
            source BLOB,                -- that picture's latent
            drawn_at INTEGER NOT NULL,
            kept_at INTEGER,            -- null: not in the gallery
            picture BLOB                -- WebP; null: not in the gallery
        )"""
    )
    await run("CREATE INDEX portraits_by_member ON portraits (guild_id, member_id, kept_at)")
    await run("CREATE INDEX portraits_by_message ON portraits (guild_id, message_id)")
    await run(
        """CREATE TABLE icon_changes (
            change_id INTEGER PRIMARY KEY AUTOINCREMENT,
            guild_id INTEGER NOT NULL,
            changed_by INTEGER NOT NULL,
            changed_at INTEGER NOT NULL,
            new_icon TEXT NOT NULL,     -- Discord's name of the icon that was set
            old_icon BLOB               -- null: there was none
        )"""
    )


async def migrate_6_lessons(run: Run) -> None:
    """Create consents, contributions, jobs and trained models."""
    await run(
        """CREATE TABLE consents (
            guild_id INTEGER NOT NULL,
            member_id INTEGER NOT NULL,
            wording INTEGER NOT NULL,                   -- version of the text that was read
            agreed_at INTEGER NOT NULL,
            PRIMARY KEY (guild_id, member_id)
        ) WITHOUT ROWID"""
    )
    await _create_contributions(run)
    await _create_jobs(run)
    await _create_trained_models(run)


async def _create_contributions(run: Run) -> None:
    await run(
        """CREATE TABLE contributions (
            contribution_id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice
            guild_id INTEGER NOT NULL,
            member_id INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('song', 'art')),
            corrected INTEGER NOT NULL DEFAULT 0,       -- 1: a wrong answer was put right
            title TEXT NOT NULL,
            artist TEXT NOT NULL DEFAULT '',            -- as the member named them; empty: unknown
            label TEXT NOT NULL DEFAULT '',             -- a song's genre
            content BLOB NOT NULL,                      -- SHA-256, to know the same file again
            model TEXT NOT NULL DEFAULT '',             -- the ear that made the vector
            vector BLOB,                                -- float32, little-endian
            shares TEXT NOT NULL DEFAULT '{}',          -- JSON: shipped genre -> probability
            file TEXT NOT NULL DEFAULT '',              -- a crop's name in the data folder
            given_at INTEGER NOT NULL,
            UNIQUE (guild_id, kind, content)
        )"""
    )
    await run("CREATE INDEX contributions_by_member ON contributions (member_id, guild_id)")


async def _create_jobs(run: Run) -> None:
    await run(
        """CREATE TABLE jobs (
            job_id INTEGER PRIMARY KEY AUTOINCREMENT,
            guild_id INTEGER NOT NULL,
            member_id INTEGER NOT NULL,
            kind TEXT NOT NULL,
            state TEXT NOT NULL
                CHECK (state IN ('waiting', 'running', 'done', 'cancelled', 'failed')),
            queued_at INTEGER NOT NULL,
            started_at INTEGER,
            ended_at INTEGER,
            ended_by TEXT NOT NULL DEFAULT '',          -- a code of what ended it before its time
            model_id INTEGER,                           -- what came of it
            channel_id INTEGER,                         -- where progress is shown
            message_id INTEGER,                         -- null: no ordinary message yet
            locale TEXT NOT NULL DEFAULT 'en',
            told INTEGER NOT NULL DEFAULT 0             -- 1: its end was shown
        )"""
    )
    await run(
        """CREATE UNIQUE INDEX one_job_a_kind ON jobs (guild_id, kind)
            WHERE state IN ('waiting', 'running')"""
    )
    await run("CREATE INDEX jobs_by_time ON jobs (queued_at)")


async def _create_trained_models(run: Run) -> None:
    await run(
        """CREATE TABLE taught_models (
            model_id INTEGER PRIMARY KEY AUTOINCREMENT,
            guild_id INTEGER NOT NULL,
            kind TEXT NOT NULL,
            number INTEGER NOT NULL,                    -- how the server calls it: 1, 2, 3…
            file TEXT NOT NULL,
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            made_at INTEGER NOT NULL,
            made_by INTEGER NOT NULL,
            decided INTEGER NOT NULL DEFAULT 0,         -- 0: neither promoted nor discarded yet
            taken_back INTEGER NOT NULL DEFAULT 0,      -- contributions taken back since
            card TEXT NOT NULL,                         -- JSON: what it learned, how well it does
            UNIQUE (guild_id, kind, number)
        )"""
    )
    await run(
        """CREATE TABLE model_sources (
            model_id INTEGER NOT NULL REFERENCES taught_models ON DELETE CASCADE,
            contribution_id INTEGER NOT NULL,
            PRIMARY KEY (model_id, contribution_id)
        ) WITHOUT ROWID"""
    )
    await run("CREATE INDEX models_by_source ON model_sources (contribution_id)")
    # The last row says what serves; without a model, what is shipped does.
    await run(
        """CREATE TABLE promotions (
            promotion_id INTEGER PRIMARY KEY AUTOINCREMENT,
            guild_id INTEGER NOT NULL,
            kind TEXT NOT NULL,
            model_id INTEGER REFERENCES taught_models ON DELETE CASCADE,
            promoted_at INTEGER NOT NULL,
            promoted_by INTEGER NOT NULL
        )"""
    )
    await run("CREATE INDEX promotions_of ON promotions (guild_id, kind, promotion_id)")
    await run("CREATE INDEX promotions_by_model ON promotions (model_id)")


async def migrate_7_songs_by_command(run: Run) -> None:
    """Mark songs that were handed to a command: no message has their file.

    Those of before can be told: a message's song carries the moment that is in the message's id,
    a command's the moment of the command, which is earlier than its answer.
    """
    await run("ALTER TABLE songs ADD COLUMN by_command INTEGER NOT NULL DEFAULT 0")
    await run(
        """UPDATE songs SET by_command = 1
            WHERE posted_at <> (message_id >> 22) + 1420070400000"""  # Discord's first moment
    )


async def migrate_8_owner(run: Run) -> None:
    """Create whose data it is: another bot must not decide which servers are gone."""
    await run("CREATE TABLE owner (bot_id INTEGER NOT NULL)")


async def migrate_9_members(run: Run) -> None:
    """Add indexes by which everything of one member is found in all servers."""
    await run("CREATE INDEX songs_by_member ON songs (poster_id)")
    await run("CREATE INDEX portraits_of_member ON portraits (member_id)")


async def migrate_10_styles_tags_and_key(run: Run) -> None:
    """Add what is known of a song beside its genre, which is one of the families from now on."""
    await run("ALTER TABLE songs ADD COLUMN style TEXT")  # null: none is likely
    await run("ALTER TABLE songs ADD COLUMN sure_genres TEXT NOT NULL DEFAULT '[]'")  # JSON
    await run("ALTER TABLE songs ADD COLUMN styles TEXT NOT NULL DEFAULT '{}'")  # JSON
    await run("ALTER TABLE songs ADD COLUMN tags TEXT NOT NULL DEFAULT '{}'")  # JSON
    await run("ALTER TABLE songs ADD COLUMN camelot TEXT")  # null: no clear key
    await run("ALTER TABLE songs ADD COLUMN key_confidence REAL")
    await run("""UPDATE songs SET sure_genres = '["' || genre || '"]' WHERE genre IS NOT NULL""")


async def migrate_11_recordings(run: Run) -> None:
    """Add which posts are of one recording, and each song's likeliest genre.

    Files that were posted twice are found by their hash. Other encodings of one song are found
    when they are posted, or embedded again.
    """
    await run("ALTER TABLE songs ADD COLUMN recording INTEGER NOT NULL DEFAULT 0")
    await run("ALTER TABLE songs ADD COLUMN likeliest TEXT")
    await run("CREATE INDEX songs_by_content ON songs (guild_id, content_hash)")
    await run("CREATE INDEX songs_by_recording ON songs (guild_id, recording)")
    await run(
        """UPDATE songs SET likeliest = genre, recording = coalesce(
            (SELECT min(s.song_id) FROM songs AS s
                WHERE s.guild_id = songs.guild_id AND s.content_hash = songs.content_hash),
            song_id)"""
    )
    unsure = await run("SELECT song_id, genres FROM songs WHERE genre IS NULL AND genres <> '{}'")
    likeliest: defaultdict[str, list[int]] = defaultdict(list)
    for song_id, genres in unsure:
        probabilities: dict[str, float] = json.loads(genres)
        likeliest[max(probabilities, key=lambda genre: probabilities[genre])].append(song_id)
    for genre, song_ids in likeliest.items():
        if genre.isidentifier():  # the names of the models' own genres, which nobody typed
            listed = ", ".join(map(str, song_ids))
            await run(f"UPDATE songs SET likeliest = '{genre}' WHERE song_id IN ({listed})")


async def migrate_12_ratings(run: Run) -> None:
    """Create members' ratings of answers."""
    await run(
        """CREATE TABLE ratings (
            rating_id INTEGER PRIMARY KEY AUTOINCREMENT,
            guild_id INTEGER NOT NULL,
            member_id INTEGER NOT NULL,
            song_id INTEGER NOT NULL REFERENCES songs ON DELETE CASCADE,
            asked_song INTEGER REFERENCES songs ON DELETE CASCADE,  -- null: a file, several songs
            liked INTEGER NOT NULL CHECK (liked IN (0, 1)),
            model TEXT NOT NULL,
            shares TEXT NOT NULL,                       -- JSON: part -> share of the cosine
            rated_at INTEGER NOT NULL
        )"""
    )
    await run("CREATE INDEX ratings_of_server ON ratings (guild_id, model)")
    await run("CREATE INDEX ratings_of_member ON ratings (member_id, guild_id)")
    await run("CREATE INDEX ratings_of_song ON ratings (song_id)")
    await run("CREATE INDEX ratings_about_song ON ratings (asked_song)")


async def migrate_13_repeats(run: Run) -> None:
    """Add which watched channels are told of repeats, and which songs were told of."""
    await run("ALTER TABLE watched_channels ADD COLUMN tells_repeats INTEGER NOT NULL DEFAULT 0")
    await run("ALTER TABLE songs ADD COLUMN repeat_told INTEGER NOT NULL DEFAULT 0")


async def migrate_14_taste_sharing(run: Run) -> None:
    """Create which members agreed that others see their taste."""
    await run(
        """CREATE TABLE taste_sharing (
            guild_id INTEGER NOT NULL,
            member_id INTEGER NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY (guild_id, member_id)
        ) WITHOUT ROWID"""
    )


async def migrate_15_weekly_cards(run: Run) -> None:
    """Create which servers get a weekly card, where, and when the next one is due."""
    await run(
        """CREATE TABLE weekly_cards (
            guild_id INTEGER PRIMARY KEY,
            channel_id INTEGER NOT NULL,
            set_by INTEGER NOT NULL,
            set_at INTEGER NOT NULL,
            due_at INTEGER NOT NULL
        )"""
    )
    await run("CREATE INDEX weekly_cards_by_time ON weekly_cards (due_at)")


async def migrate_16_labels(run: Run) -> None:
    """Add what members say that songs are: the contribution that corrected them."""
    await run(
        """ALTER TABLE songs ADD COLUMN contribution_id INTEGER
            REFERENCES contributions ON DELETE SET NULL"""
    )
    await run("CREATE INDEX songs_by_contribution ON songs (contribution_id)")


async def migrate_17_choices(run: Run) -> None:
    """Add what members chose of a portrait beside its seed: JSON, null where nothing."""
    await run("ALTER TABLE portraits ADD COLUMN choices TEXT")


async def migrate_18_short_songs(run: Run) -> None:
    """Count the songs of an import that have too little sound to be remembered."""
    await run("ALTER TABLE imports ADD COLUMN too_short INTEGER NOT NULL DEFAULT 0")


async def migrate_19_leases(run: Run) -> None:
    """Add which process carries a lesson out, until when at least, and how far it has come."""
    await run("ALTER TABLE jobs ADD COLUMN worker TEXT NOT NULL DEFAULT ''")  # empty: nobody yet
    await run("ALTER TABLE jobs ADD COLUMN lease_until INTEGER")  # null: anybody may go on with it
    await run(
        """CREATE TABLE lesson_progress (
            job_id INTEGER PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
            step INTEGER NOT NULL,
            steps INTEGER NOT NULL,
            seconds_left REAL,                          -- null: not known yet
            curve TEXT NOT NULL,                        -- JSON: [step, loss by name], rising
            sheet BLOB                                  -- PNG; null: nothing was drawn
        )"""
    )


MIGRATIONS: tuple[Migration, ...] = (
    migrate_1_songs,
    migrate_2_guild_settings_and_opt_outs,
    migrate_3_imports,
    migrate_4_import_notices,
    migrate_5_portraits,
    migrate_6_lessons,
    migrate_7_songs_by_command,
    migrate_8_owner,
    migrate_9_members,
    migrate_10_styles_tags_and_key,
    migrate_11_recordings,
    migrate_12_ratings,
    migrate_13_repeats,
    migrate_14_taste_sharing,
    migrate_15_weekly_cards,
    migrate_16_labels,
    migrate_17_choices,
    migrate_18_short_songs,
    migrate_19_leases,
)
