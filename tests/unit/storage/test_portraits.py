from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from storage.database import Database
from storage.errors import VectorMismatchError
from storage.portraits import MOST_LATEST, Portrait, Portraits, Sketch
from tests.unit.storage import NOW, OTHER_SERVER, SERVER

MEMBER, SOMEBODY = 7, 8
PICTURE = b"webp"
SKETCH = Sketch("brush-1", "reisen", np.arange(4, dtype=np.float32))


@pytest.fixture
def portraits(database: Database) -> Portraits:
    return Portraits(database, now=lambda: NOW)


async def drawn(
    portraits: Portraits, seed: str = "reisen", member: int = MEMBER, message: int | None = None
) -> Portrait:
    latent = np.frombuffer(seed.encode().ljust(16)[:16], np.uint8).astype(np.float32)
    sketch = replace(SKETCH, seed=seed, latent=latent)
    (portrait,) = await portraits.add(SERVER, member, message, [sketch])
    return portrait


async def seeds(portraits: Portraits, member: int = MEMBER, guild: int = SERVER) -> list[str]:
    return [each.seed for each in await portraits.export_member(guild, member)]


async def keep(portraits: Portraits, portrait: Portrait, member: int = MEMBER) -> int | None:
    return await portraits.keep(SERVER, member, portrait.portrait_id, PICTURE, most=3)


async def test_a_portrait_comes_back_as_it_was_drawn(portraits: Portraits) -> None:
    sketch = replace(SKETCH, likeness=0.4, source=np.ones(4, np.float32))
    (added,) = await portraits.add(SERVER, MEMBER, 100, [sketch])
    found = await portraits.portrait(SERVER, added.portrait_id)
    assert found is not None
    assert found.sketch.source is not None
    np.testing.assert_array_equal(found.sketch.latent, sketch.latent)
    np.testing.assert_array_equal(found.sketch.source, np.ones(4))
    assert (found.sketch.seed, found.sketch.likeness, found.drawn_at) == ("reisen", 0.4, NOW)
    assert await portraits.portrait(OTHER_SERVER, added.portrait_id) is None


async def test_what_is_not_a_number_is_refused(portraits: Portraits) -> None:
    bad = replace(SKETCH, latent=np.full(4, np.nan, np.float32))
    with pytest.raises(VectorMismatchError):
        await portraits.add(SERVER, MEMBER, None, [SKETCH, bad])
    assert await portraits.portrait(SERVER, 1) is None


async def test_the_last_portrait_is_the_members_own_and_another(portraits: Portraits) -> None:
    first = await drawn(portraits, "first")
    second = await drawn(portraits, "second")
    theirs = await drawn(portraits, "theirs", SOMEBODY)
    third = await drawn(portraits, "third")

    async def last(member: int, portrait: Portrait) -> str | None:
        found = await portraits.last_before(SERVER, member, portrait.portrait_id)
        return found.sketch.seed if found else None

    assert await last(MEMBER, third) == "second"
    assert await last(MEMBER, second) == "first"
    assert await last(MEMBER, first) == "third"
    assert await last(MEMBER, theirs) == "second"
    assert await last(SOMEBODY, theirs) is None


async def test_the_oldest_portraits_make_room_and_kept_ones_stay(portraits: Portraits) -> None:
    kept, oldest = await drawn(portraits), await drawn(portraits)
    await keep(portraits, kept)
    theirs = await drawn(portraits, member=SOMEBODY)
    await portraits.add(SERVER, MEMBER, None, [SKETCH] * MOST_LATEST)
    assert await portraits.portrait(SERVER, oldest.portrait_id) is None
    assert await portraits.portrait(SERVER, kept.portrait_id) is not None
    assert await portraits.portrait(SERVER, theirs.portrait_id) is not None


async def test_a_gallery_shows_the_last_kept_first_page_by_page(portraits: Portraits) -> None:
    for seed in ("a", "b", "c"):
        await keep(portraits, await drawn(portraits, seed))
    page = await portraits.gallery(SERVER, MEMBER, first=0, count=2)
    rest = await portraits.gallery(SERVER, MEMBER, first=2, count=2)
    assert [each.seed for each in page.portraits] == ["c", "b"]
    assert ([each.seed for each in rest.portraits], rest.total) == (["a"], 3)
    assert page.portraits[0].picture == PICTURE


async def test_a_full_gallery_takes_no_more(portraits: Portraits) -> None:
    for seed in ("a", "b", "c"):
        assert await keep(portraits, await drawn(portraits, seed)) is not None
    assert await keep(portraits, await drawn(portraits, "d")) is None
    assert await seeds(portraits) == ["c", "b", "a"]


async def test_keeping_somebody_elses_portrait_copies_it_without_their_picture(
    portraits: Portraits,
) -> None:
    sketch = replace(SKETCH, source=np.ones(4, np.float32))
    (theirs,) = await portraits.add(SERVER, SOMEBODY, None, [sketch])
    copied = await keep(portraits, theirs)
    assert copied not in (None, theirs.portrait_id)
    found = await portraits.portrait(SERVER, copied or 0)
    assert found is not None
    assert (found.member_id, found.sketch.source) == (MEMBER, None)
    assert await seeds(portraits, SOMEBODY) == []


async def test_the_same_portrait_is_kept_once_however_often_it_was_drawn(
    portraits: Portraits,
) -> None:
    first, again = [await drawn(portraits, "a") for _ in range(2)]
    theirs = await drawn(portraits, "a", SOMEBODY)
    for each in (first, again, theirs):
        assert await keep(portraits, each) == first.portrait_id
    assert await keep(portraits, theirs, SOMEBODY) == theirs.portrait_id
    assert await seeds(portraits) == ["a"]


async def test_what_is_taken_out_is_gone_and_only_its_owner_can(portraits: Portraits) -> None:
    kept = await drawn(portraits)
    await keep(portraits, kept)
    assert not await portraits.take_out(SERVER, SOMEBODY, kept.portrait_id)
    assert await portraits.kept(SERVER, SOMEBODY, kept.portrait_id) is None
    assert await portraits.kept(SERVER, MEMBER, kept.portrait_id) is not None
    assert await portraits.take_out(SERVER, MEMBER, kept.portrait_id)
    assert await portraits.portrait(SERVER, kept.portrait_id) is None
