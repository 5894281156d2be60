"""Word lessons and models."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

import discord
from discord.utils import escape_markdown, format_dt, utcnow

from bot.i18n import Translator, genre_name
from bot.i18n.error_messages import refusals
from bot.lessons.contributions import WORDING, GivenArt
from bot.lessons.models import ModelList, card_of
from bot.lessons.service import LessonProgress, Prospect
from bot.lessons.subjects import MIN_GENRES, MIN_PICTURES, MIN_SONGS, LessonReport, Missing
from bot.rendering.palette import LAVENDER
from ml.music.genre_head import GenreCard
from storage.lessons import Contribution, JobState, Kind, Matter
from storage.taught_models import TaughtModel

MAX_GIVERS = 10
UNEVEN = 4  # times as many songs
BAR, FULL, EMPTY = 16, "▰", "▱"
DESCRIPTION_LIMIT = 4096

HEADINGS = {Kind.GENRE: "train-genre-heading", Kind.AVATAR: "train-avatar-heading"}
COUNTS = {Kind.GENRE: "train-songs", Kind.AVATAR: "train-pictures"}
NAMES = {Kind.GENRE: "models-genre", Kind.AVATAR: "models-avatar"}
SHIPPED = {Kind.GENRE: "models-shipped-genre", Kind.AVATAR: "models-shipped-avatar"}
UNDER_WAY = {Kind.GENRE: "lesson-genre", Kind.AVATAR: "lesson-avatar"}
DONE = {Kind.GENRE: "lesson-done-genre", Kind.AVATAR: "lesson-done-avatar"}
PROMOTED = {Kind.GENRE: "lesson-promoted-genre", Kind.AVATAR: "lesson-promoted-avatar"}
ANNOUNCED = {Kind.GENRE: "lesson-announced-genre", Kind.AVATAR: "lesson-announced-avatar"}
FAILURES = {
    "memory": "lesson-failed-memory",
    "disk": "lesson-failed-disk",
    "damaged": "lesson-failed-damaged",
    "too_little": "lesson-failed-too-little",
    "unexpected": "lesson-failed-unexpected",
}
PARAGRAPHS = (
    "consent-once",
    "consent-kept",
    "consent-purpose",
    "consent-how-long",
    "consent-take-back",
    "consent-yours",
)
CHOICE_LIMIT = 100  # characters of a choice that Discord takes


def model_name(model: TaughtModel, tr: Translator) -> str:
    """Name a model."""
    return tr(NAMES[model.kind], number=model.number)


def embed_of(lines: list[str], title: str | None = None) -> discord.Embed:
    """Put lines into an embed."""
    text = "\n".join(line for line in lines if line)[:DESCRIPTION_LIMIT]
    colour = discord.Colour.from_rgb(*LAVENDER)
    return discord.Embed(title=title, description=text, colour=colour)


def duration(seconds: float, tr: Translator) -> str:
    """Say how long something takes, roughly."""
    if seconds < 90:
        return tr("time-seconds", seconds=max(5, 5 * round(seconds / 5)))
    return tr("minutes", minutes=math.ceil(seconds / 60))


# Contributions

TITLES_SHOWN = 20  # of what a member gave, the last ones


def genre_progress(counts: Mapping[str, int], genre: str, tr: Translator) -> str:
    """Word how much is still missing until a genre can be taught; `counts`: genre -> songs."""
    have, name = counts.get(genre, 0), escape_markdown(genre_name(genre, tr))
    if have < MIN_SONGS:
        return tr("contribute-progress", genre=name, have=have, need=MIN_SONGS)
    if sum(songs >= MIN_SONGS for songs in counts.values()) < MIN_GENRES:
        return tr("contribute-progress-one-more", genre=name, have=have, need=MIN_SONGS)
    return tr("contribute-progress-enough", genre=name, have=have)


def art_progress(have: int, tr: Translator) -> str:
    """Word how much art is still missing until portraits can be taught."""
    key = "contribute-art-progress" if have < MIN_PICTURES else "contribute-art-enough"
    return tr(key, have=have, need=MIN_PICTURES)


def given_embed(
    given: Sequence[Contribution], counts: Mapping[str, int], tr: Translator
) -> discord.Embed:
    """List what a member gave, by genre, beside what the whole server has of it."""
    if not given:
        return embed_of([tr("contribute-list-none")], tr("contribute-list-heading"))
    songs = Counter(each.label for each in given if each.matter is Matter.SONG)
    art = sum(each.matter is Matter.ART for each in given)
    lines = [
        tr(
            "contribute-list-genre",
            genre=escape_markdown(genre_name(genre, tr)),
            own=own,
            have=counts.get(genre, own),
            need=MIN_SONGS,
        )
        for genre, own in songs.most_common()
    ]
    if art:
        lines.append(tr("contribute-list-art", own=art))
    titles = [escape_markdown(each.title) for each in reversed(given[-TITLES_SHOWN:])]
    lines += ["", tr("contribute-list-last", titles=tr("list-comma").join(titles))]
    return embed_of(lines, tr("contribute-list-heading"))


# The report


def consent_embed(tr: Translator) -> discord.Embed:
    """Word what members agree to."""
    embed = discord.Embed(
        title=tr("consent-heading"),
        description="\n\n".join(tr(each) for each in PARAGRAPHS),
        colour=discord.Colour.from_rgb(*LAVENDER),
    )
    return embed.set_footer(text=tr("consent-version", version=WORDING))


def song_words(given: Contribution, tr: Translator) -> str:
    """Thank for a song."""
    title, genre = escape_markdown(given.title), escape_markdown(genre_name(given.label, tr))
    return tr("contribute-song", title=title, genre=genre)


def agreed_words(given: Contribution, tr: Translator) -> str:
    """Thank for a genre that somebody else gave the song already."""
    title, genre = escape_markdown(given.title), escape_markdown(genre_name(given.label, tr))
    return tr("contribute-agreed", title=title, genre=genre)


def corrected_words(said: str, label: str, tr: Translator) -> str:
    """Put what members say above what the model said, in place of an earlier correction."""
    lines = said.split("\n")
    before, after = tr("genre-members-say", genre="\0").split("\0")
    if lines[0].startswith(before) and lines[0].endswith(after):
        lines = lines[1:]
    genre = escape_markdown(genre_name(label, tr))
    return "\n".join([tr("genre-members-say", genre=genre), *lines])


def art_words(given: GivenArt, title: str, tr: Translator) -> str:
    """Thank for a picture, and say what of it could not be learned from."""
    lines = [tr("contribute-art", count=given.stored, title=escape_markdown(title))]
    if given.known:
        lines.append(tr("contribute-art-known", count=given.known))
    if given.refused:
        lines.append(tr("contribute-art-refused", reasons=refusals(given.refused, tr)))
    return " ".join(lines)


def called(given: Contribution, tr: Translator) -> str:
    """Name a contribution among choices."""
    what = genre_name(given.label, tr) if given.label else tr("contribute-choice-art")
    return tr("contribute-choice", title=given.title[:70], what=what)[:CHOICE_LIMIT]


def report_embed(prospect: Prospect, minutes: float, tr: Translator) -> discord.Embed:
    """Word what there is to learn from, and what is missing."""
    report, serving, left = prospect.report, prospect.serving, prospect.left
    lines = _data_lines(report, tr)
    lines += [_missing(each, tr) for each in report.missing if each.what != "songs"]
    if serving is not None and serving.taken_back:
        lines.append(tr("train-marked", count=serving.taken_back))
    if prospect.under_way is not None:
        lines.append(tr("train-under-way"))
    elif not report.missing:
        lines += ["", _time(report.kind, minutes, tr), tr("train-kept-nothing")]
    lines.append(tr("train-left", member=left.member, server=left.server))
    return embed_of(lines, tr(HEADINGS[report.kind]))


def _data_lines(report: LessonReport, tr: Translator) -> list[str]:
    if not (report.count or report.lacking):
        return [tr("train-nothing")]
    comma = tr("list-comma")
    groups = [
        tr("train-group", name=escape_markdown(genre_name(name, tr)), count=count)
        for name, count in report.groups
    ]
    givers = [
        tr("train-giver", member=f"<@{member}>", count=count)
        for member, count in report.givers[:MAX_GIVERS]
    ]
    lines = [tr(COUNTS[report.kind], count=report.count), comma.join(groups)]
    if givers:
        lines.append(tr("train-givers", givers=comma.join(givers)))
    if report.duplicates:
        lines.append(tr("train-duplicates", count=report.duplicates))
    if report.refused:
        lines.append(tr("train-refused", reasons=refusals(report.refused, tr)))
    return [*lines, *_balance(report, tr), *(_missing(each, tr) for each in report.lacking)]


def _balance(report: LessonReport, tr: Translator) -> list[str]:
    if len(report.groups) < 2:
        return []
    (most, many), (least, few) = report.groups[0], report.groups[-1]
    if many <= UNEVEN * few:
        return []
    names = (escape_markdown(genre_name(name, tr)) for name in (most, least))
    return [tr("train-uneven", most=next(names), least=next(names))]


def _missing(missing: Missing, tr: Translator) -> str:
    if missing.what == "songs":
        name = escape_markdown(genre_name(missing.name, tr))
        return tr("train-lacking", name=name, have=missing.have, need=missing.need)
    key = "train-missing-genres" if missing.what == "genres" else "train-missing-pictures"
    return tr(key, have=missing.have, need=missing.need)


def _time(kind: Kind, minutes: float, tr: Translator) -> str:
    if kind is Kind.GENRE:
        return tr("train-time-genre")
    return tr("train-time-avatar", minutes=duration(60 * minutes, tr))


# Progress


def share_done(progress: LessonProgress) -> float:
    """Return how much of a lesson is done, 0 to 1."""
    if progress.state is JobState.DONE:
        return 1.0
    return min(1.0, progress.step / progress.steps) if progress.steps else 0.0


def progress_embed(progress: LessonProgress, memory_mb: int, tr: Translator) -> discord.Embed:
    """Word how far a lesson is, or how it ended."""
    kind, model = progress.job.kind, progress.model
    match progress.state:
        case JobState.WAITING:
            return embed_of(_waiting(progress, tr), tr(UNDER_WAY[kind]))
        case JobState.RUNNING:
            return embed_of(_running(progress, tr), tr(UNDER_WAY[kind]))
        case JobState.DONE if model is not None:
            return embed_of(result_lines(model, tr), tr(DONE[kind], number=model.number))
        case JobState.DONE:  # it was discarded or deleted since
            return embed_of([tr("lesson-over")], tr(UNDER_WAY[kind]))
        case JobState.CANCELLED:
            return embed_of([tr("lesson-cancelled")], tr(UNDER_WAY[kind]))
    key = FAILURES.get(progress.ended_by, FAILURES["unexpected"])
    return embed_of([tr(key, limit=memory_mb, job=progress.job.job_id)], tr(UNDER_WAY[kind]))


def _waiting(progress: LessonProgress, tr: Translator) -> list[str]:
    standing = progress.standing
    if standing is None:
        return [tr("lesson-beginning")]
    lines = [tr("lesson-waiting", ahead=standing.ahead)]
    if standing.wait_seconds:
        # Discord counts down by itself, so the message stays true between two edits.
        begins = utcnow() + timedelta(seconds=standing.wait_seconds)
        lines.append(tr("lesson-wait", when=format_dt(begins, "R")))
    return lines


def _running(progress: LessonProgress, tr: Translator) -> list[str]:
    if not progress.steps:
        return [tr("lesson-beginning")]
    done = share_done(progress)
    bar = FULL * round(BAR * done) + EMPTY * (BAR - round(BAR * done))
    percent = tr("lesson-percent", percent=int(100 * done))
    lines = [f"{bar} {percent}"]
    if progress.seconds_left is not None:
        lines.append(tr("lesson-left", time=duration(progress.seconds_left, tr)))
    return lines


SAME = 0.02  # of a score, either way: nobody would notice


def result_lines(model: TaughtModel, tr: Translator) -> list[str]:
    """Word how well a model does as one would say it, and what can be done with it."""
    card = card_of(model)
    if isinstance(card, GenreCard):
        lines = [tr("lesson-result-genre", right=_named_rightly(card), songs=card.songs)]
        lines.append(_compared(card.score_before, card.score, tr))
        if not card.by_maker:
            lines.append(tr("lesson-result-more-artists"))
    else:
        lines = [_compared_portraits(card.score_before, card.score, tr)]
    if not model.decided:
        lines.append(tr("lesson-decide"))
    return lines


def _named_rightly(card: GenreCard) -> int:
    return round(sum(card.right.get(genre, 0.0) * songs for genre, songs in card.genres.items()))


def _compared(before: float | None, after: float | None, tr: Translator) -> str:
    """Compare with what serves; nothing where that knows none of the genres."""
    if not before or after is None:
        return ""
    if abs(after - before) <= SAME:
        return tr("lesson-result-same")
    return tr("lesson-result-better" if after > before else "lesson-result-worse")


def _compared_portraits(before: float | None, after: float | None, tr: Translator) -> str:
    if not before or after is None or abs(after - before) <= SAME * before:
        return tr("lesson-result-portraits-same")
    if after > before:
        return tr("lesson-result-portraits-worse")
    return tr("lesson-result-portraits", percent=round(100 * (1 - after / before)))


def score_lines(model: TaughtModel, tr: Translator) -> list[str]:
    """List the numbers behind `result_lines`: how well a model does, beside what served before."""
    card = card_of(model)
    before, after = score_text(card.score_before), score_text(card.score)
    if isinstance(card, GenreCard):
        low, high = (score_text(each) for each in card.interval or (None, None))
        lines = [tr("lesson-score-genre", before=before, after=after, low=low, high=high)]
        rights = [
            tr("lesson-right", genre=escape_markdown(genre_name(name, tr)), percent=round(100 * x))
            for name, x in card.right.items()
        ]
        lines.append(tr("lesson-rights", genres=tr("list-comma").join(rights)))
        if not card.by_maker:
            lines.append(tr("lesson-by-song"))
    else:
        lines = [tr("lesson-score-avatar", before=before, after=after)]
    return lines


def score_text(score: float | None) -> str:
    """Write a score."""
    return "–" if score is None else f"{score:.2f}" if abs(score) >= 0.1 else f"{score:.3f}"


def promoted_words(model: TaughtModel, tr: Translator) -> str:
    """Say that a model serves, and what it knows."""
    facts = {"genres": _genre_names(model, tr)} if model.kind is Kind.GENRE else {}
    return tr(PROMOTED[model.kind], number=model.number, **facts)


def announcement(model: TaughtModel, tr: Translator) -> discord.Embed:
    """Tell a server's members what a model that serves is good for."""
    card = card_of(model)
    facts = {"genres": _genre_names(model, tr)} if model.kind is Kind.GENRE else {}
    count = card.songs if isinstance(card, GenreCard) else card.pictures
    lines = [tr(ANNOUNCED[model.kind], **facts), tr("lesson-announced-thanks", count=count)]
    return embed_of(lines, tr("lesson-announced"))


def _genre_names(model: TaughtModel, tr: Translator) -> str:
    card = card_of(model)
    genres = card.genres if isinstance(card, GenreCard) else ()
    return tr("list-comma").join(escape_markdown(genre_name(each, tr)) for each in genres)


# Models


def models_embed(known: ModelList, unusable: Collection[int], tr: Translator) -> discord.Embed:
    """List a server's models; `unusable` are ids of those for an earlier music model."""
    if not known.models:
        return embed_of([tr("models-none")], tr("models-heading"))
    embed = embed_of([], tr("models-heading"))
    for model in known.models[:25]:
        lines = _model_lines(model, tr, usable=model.model_id not in unusable)
        embed.add_field(name=name_on(known, model, tr), value=lines, inline=False)
    return embed.set_footer(text=tr("models-next"))


def name_on(known: ModelList, model: TaughtModel, tr: Translator) -> str:
    """Name a model, and say whether it serves."""
    notes = [model_name(model, tr)]
    if model.model_id in known.serving:
        notes.append(tr("models-serving"))
    elif not model.decided:
        notes.append(tr("models-candidate"))
    return " · ".join(notes)


def _model_lines(model: TaughtModel, tr: Translator, *, usable: bool) -> str:
    card = card_of(model)
    made = tr(
        "models-made",
        when=format_dt(model.made_at, "d"),
        songs=card.songs if isinstance(card, GenreCard) else card.pictures,
        score=score_text(card.score),
    )
    lines = [made, _genre_names(model, tr)]
    if not usable:
        lines.append("⚠ " + tr("models-other-model"))
    if model.taken_back:
        lines.append("⚠ " + tr("models-taken-back", count=model.taken_back))
    return "\n".join(filter(None, lines))[:1024]
