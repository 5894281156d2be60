"""One pool of warm children serves every kind of file."""

from concurrent.futures import ThreadPoolExecutor

from ml.audio.excerpts import DecodingLimits, ExcerptPlan
from ml.audio.sandbox import SandboxedDecoder, song_job
from ml.images.decoding import PictureDecoder, picture_job
from ml.images.errors import PictureLimits
from ml.sandbox.pool import Sandbox
from tests.helpers.images import picture
from tests.unit.ml.audio.encoding import song

SONGS, PLAN, PICTURES = DecodingLimits(), ExcerptPlan(), PictureLimits(side=128)


def test_the_same_children_decode_songs_and_pictures_in_turn() -> None:
    with (
        Sandbox(1, [song_job(SONGS, PLAN), picture_job(PICTURES)]) as sandbox,
        ThreadPoolExecutor(4) as threads,
    ):
        songs, pictures = SandboxedDecoder(sandbox, SONGS, PLAN), PictureDecoder(sandbox, PICTURES)
        heard = [threads.submit(songs.decode, song(5.5, "mp3")) for _ in range(2)]
        seen = [threads.submit(pictures.decode, picture(300)) for _ in range(2)]
        assert [len(each.result().windows) for each in heard] == [5, 5]
        assert [each.result().shape for each in seen] == [(128, 128, 3)] * 2
