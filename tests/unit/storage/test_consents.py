"""Who agreed to what, and when."""

from storage.database import Database
from storage.members import Consents
from tests.unit.storage import NOW, OTHER_SERVER, SERVER


async def test_consent_is_stored_with_its_wording_and_time(
    database: Database,
) -> None:
    consents = Consents(database, lambda: NOW)
    assert await consents.find(SERVER, 7) is None
    await consents.agree(SERVER, 7, 1)
    await consents.agree(SERVER, 7, 2)
    await consents.agree(OTHER_SERVER, 7, 2)
    found = await consents.find(SERVER, 7)
    assert found is not None
    assert (found.wording, found.agreed_at) == (2, NOW)
    assert len(await consents.of_member(7)) == 2
