"""What a portrait lesson learns from, and what comes of it."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from bot.lessons import process as lesson_process
from bot.lessons.contributions import ContributionService
from bot.lessons.errors import NoPortraitLessons
from bot.lessons.models import ServerModels
from bot.lessons.values import LessonFailed, LessonReport, LessonRun, Missing
from ml.avatar.checkpoint import SHIPPED
from ml.avatar.faces import Seen, fingerprint
from storage.lesson_values import Contribution, Kind, Matter

FEWEST_PICTURES = 30
BEFORE_AND_AFTER = "before-and-after.png"


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How portraits are taught.

    Attributes:
        minutes: that a lesson may take.
        memory_mb: what its process may allocate.
        base: the model that lessons begin from; None: the one that came along.
        device: `cpu` or `cuda`.
        steps: instead of the recipe's own number; None as a rule.
    """

    minutes: float
    memory_mb: int
    base: Path | None = None
    device: str = "cpu"
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class _Sorted:
    taught: tuple[Contribution, ...]
    duplicates: int
    gone: int


class PortraitLessons:
    """Teaches a server's portraits from the art handed over there.

    Every lesson begins from the model that came along, never from an earlier lesson: so what was
    taken back leaves no trace in later ones.
    """

    def __init__(
        self, contributions: ContributionService, models: ServerModels, plan: TrainingPlan
    ) -> None:
        """Join the parts."""
        self._contributions = contributions
        self._models = models
        self._plan = plan
        self.seconds = 60.0 * plan.minutes

    async def report(self, guild_id: int) -> LessonReport:
        """Look over the pictures handed over.

        Raises:
            NoPortraitLessons: there is no model to begin from.
        """
        if not await asyncio.to_thread((self._plan.base or SHIPPED).is_file):
            raise NoPortraitLessons
        pictures = await self._sort(guild_id)
        count = len(pictures.taught)
        missing = Missing("pictures", count, FEWEST_PICTURES)
        givers = Counter(each.member_id for each in pictures.taught)
        return LessonReport(
            kind=Kind.AVATAR,
            groups=(),
            givers=tuple(givers.most_common()),
            count=count,
            duplicates=pictures.duplicates,
            refused={"gone": pictures.gone} if pictures.gone else {},
            lacking=(),
            missing=(missing,) if count < FEWEST_PICTURES else (),
        )

    async def lay_out(self, guild_id: int, folder: Path) -> LessonRun:
        """Copy the crops for the lesson's process; a checkpoint of it stays where it is.

        Raises:
            LessonFailed: there are too few by now.
            OSError: the folder cannot be written.
        """
        plan = folder / "lesson.json"
        if not await asyncio.to_thread(plan.exists):
            pictures = await self._sort(guild_id)
            if len(pictures.taught) < FEWEST_PICTURES:
                raise LessonFailed("too_little")
            files = {
                each.contribution_id: self._contributions.crop_file(each)
                for each in pictures.taught
            }
            serving = await self._models.serving(guild_id, Kind.AVATAR)
            before = str(self._models.path(serving)) if serving else None
            await asyncio.to_thread(_copy, files, before, plan)
        kept = json.loads(await asyncio.to_thread(plan.read_text))
        out = folder / "portraits.safetensors"
        facts = {"before": kept["before"], "count": len(kept["sources"])}
        return LessonRun(frozenset(kept["sources"]), self._module(folder, out), out, facts)

    async def examine(self, lesson: LessonRun, card: Mapping[str, Any]) -> Mapping[str, Any]:
        """Draw what was learned beside what serves, which also shows that it can be drawn with.

        Raises:
            LessonFailed: it cannot.
        """
        sheet = lesson.out.with_name(BEFORE_AND_AFTER)
        module = ["ml.finetuning.portrait_sheets", "--after", str(lesson.out), "--out", str(sheet)]
        before = lesson.facts["before"]
        if before is None or not await asyncio.to_thread(Path(before).is_file):  # deleted since
            before = self._plan.base
        if before is not None:
            module += ["--before", str(before)]
        done = await lesson_process.run(
            module, memory_mb=self._plan.memory_mb, heard=lambda _: None
        )
        return {
            "painter": done["card"]["painter"],
            "pictures": lesson.facts["count"],
            "score": card.get("distance"),
            "score_before": card.get("distance_before"),
        }

    def _module(self, folder: Path, out: Path) -> tuple[str, ...]:
        plan = self._plan
        module = [
            "ml.finetuning.train_portraits",
            "--pictures",
            str(folder / "pictures"),
            "--out",
            str(out),
        ]
        module += ["--recipe", "lesson", "--minutes", str(plan.minutes), "--device", plan.device]
        module += ["--threads", "1", "--resume", "--events"]
        if plan.base is not None:
            module += ["--base", str(plan.base)]
        if plan.steps is not None:
            module += ["--steps", str(plan.steps)]
        return tuple(module)

    async def _sort(self, guild_id: int) -> _Sorted:
        given = await self._contributions.of_server(guild_id, Matter.ART)
        return await asyncio.to_thread(self._each_once, given)

    def _each_once(self, given: Sequence[Contribution]) -> _Sorted:
        """Leave out near-duplicates and files that are gone or cannot be opened."""
        seen, taught, duplicates, gone = Seen(), [], 0, 0
        for each in given:
            try:
                data = self._contributions.crop_file(each).read_bytes()
                with Image.open(io.BytesIO(data)) as crop:
                    mark = fingerprint(crop)
            except (OSError, ValueError, SyntaxError):  # as damaged files differ
                gone += 1
                continue
            if seen.like(mark) is not None:
                duplicates += 1
                continue
            seen.add(mark, each.file)
            taught.append(each)
        return _Sorted(tuple(taught), duplicates, gone)


def _copy(files: Mapping[int, Path], before: str | None, plan: Path) -> None:
    """Copy the crops, and write the plan last: where it is, the rest is whole."""
    pictures = plan.parent / "pictures"
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir(parents=True)
    for number, file in files.items():
        shutil.copyfile(file, pictures / f"{number}.png")
    partial = plan.with_suffix(".part")
    partial.write_text(json.dumps({"sources": list(files), "before": before}))
    partial.replace(plan)
