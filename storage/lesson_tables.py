"""The tables of lessons: consent, contributions, queued jobs, the models a server taught."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Run = Callable[[str], Awaitable[Any]]


async def lessons(run: Run) -> None:
    """What members handed over, under which consent, and what was learned from it."""
    await run(
        """CREATE TABLE consents (
            guild_id INTEGER NOT NULL,
            member_id INTEGER NOT NULL,
            wording INTEGER NOT NULL,                   -- version of the text that was read
            agreed_at INTEGER NOT NULL,
            PRIMARY KEY (guild_id, member_id)
        ) WITHOUT ROWID"""
    )
    await _contributions(run)
    await _jobs(run)
    await _models(run)


async def _contributions(run: Run) -> None:
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


async def _jobs(run: Run) -> None:
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


async def _models(run: Run) -> None:
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
