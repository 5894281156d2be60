"""What is kept of one member across all servers."""

from storage.channels import Channels, Imports
from storage.database import Database
from storage.erasure import EVERYWHERE, Erasure, Scope
from storage.lessons import Kind
from storage.members import MemberData, OptOuts
from storage.song_values import Outcome
from storage.songs import Songs
from storage.taught_models import TaughtModels
from tests.unit.storage import NOW, OTHER_SERVER, POST, SERVER, heard, post
from tests.unit.storage.lessons import taught


async def test_servers_with_a_members_songs_are_found(database: Database, songs: Songs) -> None:
    await songs.remember(post(1), heard())
    await songs.remember(post(2, guild_id=OTHER_SERVER), heard())
    await songs.remember(post(3, guild_id=3, poster_id=99), heard())
    found = await MemberData(database).servers_with_songs(POST.poster_id)
    assert found == (SERVER, OTHER_SERVER)


async def test_a_no_for_every_server_holds_everywhere_until_it_is_taken_back(
    database: Database, songs: Songs
) -> None:
    data, wishes = MemberData(database), OptOuts(database)
    await Erasure(database).erase(Scope.member(POST.poster_id), opt_out_at=NOW)
    assert await data.opted_out(POST.poster_id) == ((EVERYWHERE, NOW),)
    for guild_id in (SERVER, OTHER_SERVER):
        assert await wishes.opted_out(guild_id, POST.poster_id)
        remembered = await songs.remember(post(1, guild_id=guild_id), heard())
        assert remembered.outcome is Outcome.REFUSED
    assert await data.opt_in_everywhere(POST.poster_id)
    assert not await wishes.opted_out(SERVER, POST.poster_id)


async def test_what_an_administrator_did_is_listed(database: Database) -> None:
    await Channels(database).watch(SERVER, 10, 3)
    await Imports(database).start(SERVER, 10, 3)
    model = await taught(database, made_by=3)
    await TaughtModels(database).promote(SERVER, Kind.GENRE, model.model_id, 3)
    actions = {action.what for action in await MemberData(database).admin_actions(3)}
    assert actions == {"watch", "import", "model", "promotion"}
