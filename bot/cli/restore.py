"""`python -m bot restore`: put a backup in place of the data."""

from __future__ import annotations

import argparse

from bot.cli.backup import report_copy
from bot.settings import Settings
from storage.backup import DataFolder, restore


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Replace the data folder's content by `arguments.file`; return the exit status."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return report_copy(restore(arguments.file, DataFolder(settings.data_dir)), settings.data_dir)
