"""A host that switched the message-content intent on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import open_services
from bot.concurrency import Executors
from bot.listening.service import ListeningService
from bot.portraits.inference import PortraitModels
from bot.services import Services
from bot.settings import Settings
from ml.sandbox.pool import Sandbox
from storage.files import DATABASE_NAME
from tests.helpers.databases import migrated_file


@pytest.fixture
def message_content() -> bool:
    """Tests of a host without it say so by parametrizing this."""
    return True


@pytest.fixture
async def services(
    settings: Settings,
    executors: Executors,
    listening: ListeningService,
    shipped: PortraitModels,
    sandbox: Sandbox,
    tmp_path: Path,
    message_content: bool,
) -> AsyncIterator[Services]:
    """Everything the cogs are given, real, with an empty database."""
    changes = {"data_dir": tmp_path / "data", "message_content": message_content}
    await migrated_file(tmp_path / "data" / DATABASE_NAME)
    async with open_services(
        settings.model_copy(update=changes), executors, listening, shipped, sandbox
    ) as opened:
        yield opened
