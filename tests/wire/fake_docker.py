"""A stand-in for `docker compose`, for tests on machines without Docker.

It reads compose.yaml, the Dockerfile and `.env` as Docker would for our one service, and runs the
service's commands as processes of this machine: /data is the folder `$FAKE_VOLUME`, and a path that
is lent with `--volume` is the file itself. A running container is a process whose id is in a file.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import yaml
from dotenv import dotenv_values

VOLUME = Path(os.environ["FAKE_VOLUME"])
RUNNING = VOLUME.with_name("container.pid")
HEALTHY_SECONDS = 240.0


def main() -> int:
    """Run one command; return its exit status."""
    compose, command, *rest = sys.argv[1:]
    assert compose == "compose", sys.argv
    return int(COMMANDS[command](rest))


def build(_: list[str]) -> int:
    return 0 if Path("Dockerfile").is_file() else 1


def run(arguments: list[str]) -> int:
    """Start a container of its own that ends with its command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rm", action="store_true")
    parser.add_argument("--volume", action="append", default=[])
    known = parser.parse_args(_before_service(arguments))
    command = _service(arguments)[1:]
    lent = {to: str(Path(source).resolve()) for source, to, *_ in _mounts(known.volume)}
    return _run([*_entrypoint(), *command], lent)


def exec_(arguments: list[str]) -> int:
    """Run a command in the container that runs."""
    if not RUNNING.exists():
        sys.stderr.write('service "usamimi" is not running\n')
        return 1
    return _run(_service(arguments)[1:], {})


def up(_: list[str]) -> int:
    with VOLUME.with_name("container.log").open("ab") as log:
        process = subprocess.Popen(
            [*_entrypoint(), "run"], cwd=VOLUME, env=_environment(), stdout=log, stderr=log
        )
    RUNNING.write_text(str(process.pid))
    ends = time.monotonic() + HEALTHY_SECONDS
    while time.monotonic() < ends:  # as the image's HEALTHCHECK would tell
        if _run([*_entrypoint(), "health"], {}) == 0:
            return 0
        time.sleep(1)
    return 1


def stop(_: list[str]) -> int:
    pid = int(RUNNING.read_text())
    os.kill(pid, signal.SIGTERM)
    while Path(f"/proc/{pid}").exists() and "Z" not in _state(pid):
        time.sleep(0.1)
    RUNNING.unlink()
    return 0


def cp(arguments: list[str]) -> int:
    source, target = (_path(each.removeprefix("usamimi:"), {}) for each in arguments)
    shutil.copy(source, target)
    return 0


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def _service(arguments: list[str]) -> list[str]:
    return arguments[arguments.index("usamimi") :]


def _before_service(arguments: list[str]) -> list[str]:
    return arguments[: arguments.index("usamimi")]


def _mounts(volumes: list[str]) -> list[list[str]]:
    return [volume.split(":") for volume in volumes]


def _entrypoint() -> list[str]:
    entrypoint = re.search(r"^ENTRYPOINT (.+)$", Path("Dockerfile").read_text(), re.MULTILINE)
    assert entrypoint is not None
    python, *rest = json.loads(entrypoint[1])
    assert python == "python"
    return [sys.executable, *rest]


def _environment() -> dict[str, str]:
    """What the process sees: the image's variables, then `.env`, then those of compose.yaml."""
    image = dict(
        re.findall(r"^\s+(USAMIMI_\w+)=(\S+?)(?: \\)?$", Path("Dockerfile").read_text(), re.M)
    )
    service = yaml.safe_load(Path("compose.yaml").read_text())["services"]["usamimi"]
    file = {key: value or "" for key, value in dotenv_values(service["env_file"]).items()}
    given = {key: str(value) for key, value in service.get("environment", {}).items()}
    seen = {**image, **file, **given}
    ours = {key: os.environ[key] for key in ("PATH", "HOME", "PYTHONPATH")}
    return {**ours, **{key: _path(value, {}) for key, value in seen.items()}}


def _path(text: str, lent: dict[str, str]) -> str:
    if text in lent:
        return lent[text]
    return str(VOLUME) + text.removeprefix("/data") if re.match(r"/data(/|$)", text) else text


def _run(command: list[str], lent: dict[str, str]) -> int:
    python, *rest = command
    program = sys.executable if python == "python" else python
    arguments = [_path(each, lent) for each in rest]
    return subprocess.run(
        [program, *arguments], cwd=VOLUME, env=_environment(), check=False
    ).returncode


COMMANDS = {"build": build, "run": run, "exec": exec_, "up": up, "stop": stop, "cp": cp}

if __name__ == "__main__":
    sys.exit(main())
