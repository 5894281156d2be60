"""The command line: parses arguments and imports only what one command needs.

python -m bot            serve Discord, or the local page when there is no token
python -m bot teach      carry out lessons for processes that serve Discord
python -m bot check      check settings, models, decoder and data folder; no network
python -m bot analyze    hear files
python -m bot avatar     draw portraits
python -m bot workers    listen and draw for processes on other machines
python -m bot health     ask the running bot how it is
python -m bot backup     back up all data while the bot runs
python -m bot restore    put such a backup in place of the data
python -m bot migrate    move a data folder into PostgreSQL
python -m bot forget-departed  erase servers that the bot is no longer in, however many
python -m bot completion print what a shell needs to complete `usamimi` by Tab
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module, metadata
from pathlib import Path

import shtab
import structlog

from bot.concurrency import configure_process
from bot.errors import SettingsError, StartError
from bot.i18n import LOCALES
from bot.logging import configure_logging
from bot.settings import read_settings, unknown_variables

log = structlog.stdlib.get_logger(__name__)

# Each command's function takes (settings, arguments) and returns the exit status.
COMMANDS = {
    "run": ("bot.cli.run.run", "Serve Discord, or the local page when there is no token"),
    "teach": (
        "bot.cli.run.run_teacher",
        "Carry out lessons (/train) for the processes that serve Discord; no token is needed",
    ),
    "check": ("bot.cli.check.run", "Check everything that can be wrong on this machine, offline"),
    "analyze": ("bot.cli.analyze.run", "Hear files and print what was found"),
    "avatar": ("bot.cli.avatar.run", "Draw portraits into PNG files"),
    "workers": (
        "bot.workers.replica.run",
        "Listen and draw for processes elsewhere: replicas on Ray Serve",
    ),
    "health": ("bot.cli.check.run_health", "Ask the running bot how it is"),
    "backup": ("bot.cli.data.run_backup", "Back up all data to FILE (the bot can keep running)"),
    "restore": (
        "bot.cli.data.run_restore",
        "Replace all data by the backup FILE (stop the bot first)",
    ),
    "migrate": (
        "bot.cli.data.run_migrate",
        "Move the data folder FROM into the empty PostgreSQL database TO (stop the bot first)",
    ),
    "forget-departed": (
        "bot.cli.data.run_forget",
        "Erase all data of servers that the bot is no longer in (stop the bot first)",
    ),
}
COMPLETION = "completion"  # needs no settings: a shell asks for it at its start


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status, 2 when it cannot start."""
    parsed = _parser().parse_args(arguments)
    if parsed.command == COMPLETION:
        print(shtab.complete(_parser(INSTALLED), shell=parsed.shell))  # noqa: T201
        return 0
    configure_process()
    try:
        settings = read_settings()
        configure_logging(settings.log_level, settings.log_format)
        for name, nearest in unknown_variables().items():
            log.warning("unknown_setting", name=name, did_you_mean=nearest)
        module, _, function = COMMANDS[parsed.command][0].rpartition(".")
        return int(getattr(import_module(module), function)(settings, parsed))
    except SettingsError as error:
        lines = [f"  {name}: {problem}" for name, problem in error.problems]
        print("These settings cannot be used:", *lines, sep="\n", file=sys.stderr)  # noqa: T201
    except StartError as error:
        print(f"usamimi cannot start: {error}", file=sys.stderr)  # noqa: T201
    return 2


def version() -> str:
    """Return the installed version, or that of the checkout."""
    try:
        return metadata.version("usamimi")
    except metadata.PackageNotFoundError:
        project = Path(__file__).parents[2] / "pyproject.toml"
        lines = project.read_text(encoding="utf-8").splitlines() if project.is_file() else []
        found = [line.split('"')[1] for line in lines if line.startswith("version = ")]
        return found[0] if found else "unknown"


def _positive(text: str) -> int:
    """Read a number from 1 on, for argparse.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}”; it must be a whole number from 1 on")
    return int(text)


INSTALLED = "usamimi"  # the program's name where the wheel is installed


def _parser(program: str = "python -m bot") -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program, description="usamimi, a Discord bot")
    parser.add_argument("--version", action="version", version=f"usamimi {version()}")
    parser.set_defaults(command="run")
    commands = parser.add_subparsers(title="commands")
    made = {}
    for name, (_, text) in COMMANDS.items():
        made[name] = commands.add_parser(name, help=text, description=text)
        made[name].set_defaults(command=name)
    text = "Print what a shell needs to complete `usamimi` by Tab"
    completion = commands.add_parser(COMPLETION, help=text, description=text)
    completion.set_defaults(command=COMPLETION)
    completion.add_argument("shell", choices=shtab.SUPPORTED_SHELLS)
    files = made["analyze"].add_argument("files", nargs="+", type=Path, metavar="FILE")
    files.complete = shtab.FILE  # type: ignore[attr-defined]  # as shtab means it
    made["analyze"].add_argument("--json", action="store_true", help="one JSON object a line")
    made["analyze"].add_argument(
        "--language", choices=LOCALES, default=LOCALES[0], help="of what is said of a song"
    )
    avatar = made["avatar"]
    avatar.add_argument("--seed", help="any word or number; a random one when left out")
    avatar.add_argument(
        "--count", type=_positive, default=1, help="how many; the seed and those after"
    )
    avatar.add_argument("--size", type=int, default=768, metavar="PX", help="side of each")
    avatar.add_argument(
        "--out", type=Path, default=Path(), metavar="DIR", help="the current folder when left out"
    )
    avatar.add_argument("--force", action="store_true", help="replace files that are there")
    made["workers"].add_argument(
        "--plain", action="store_true", help="one worker in this process, without Ray"
    )
    for name in ("backup", "restore"):
        file = made[name].add_argument("file", type=Path, metavar="FILE")
        file.complete = shtab.FILE  # type: ignore[attr-defined]  # as above
    made["migrate"].add_argument("folder", type=Path, metavar="FROM", help="the data folder")
    made["migrate"].add_argument("url", metavar="TO", help="postgresql://name:password@host/name")
    for name in ("restore", "forget-departed"):
        made[name].add_argument("--yes", action="store_true", help="do it without asking")
    return parser
