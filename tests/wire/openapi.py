"""Holds requests against Discord's own description of its API."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

VARIABLE = "DISCORD_OPENAPI"  # another place of the description
_BESIDE = Path(__file__).parents[2].parent / "shared" / "discord" / "openapi.json"
_ROOT = "urn:discord"
MEDIA_CHANNEL = 16  # https://discord.com/developers/docs/resources/channel


def description_path() -> Path | None:
    """Find the description; None where this machine has none."""
    path = Path(os.environ.get(VARIABLE) or _BESIDE)
    return path if path.is_file() else None


@dataclass(frozen=True)
class Description:
    """Discord's OpenAPI description, ready to judge requests."""

    document: Mapping[str, Any]

    @classmethod
    def load(cls, path: Path) -> Description:
        """Read the description."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def problems(
        self, method: str, path: str, query: Iterable[str], body: object | None
    ) -> list[str]:
        """Judge one request.

        Args:
            method: such as POST.
            path: below the API's base, such as /users/@me.
            query: names of the query's parameters.
            body: the JSON sent, by itself or as `payload_json`; None for none.

        Returns:
            What is wrong with it; nothing for a good one.
        """
        template = self._template(path)
        operation = self.document["paths"].get(template, {}).get(method.lower())
        if template is None or operation is None:
            return [f"{method} {path}: Discord has no such request"]
        parameters = self.document["paths"][template].get("parameters", [])
        known = {each.get("name") for each in [*operation.get("parameters", []), *parameters]}
        problems = [f"{method} {template}: no parameter {name}" for name in set(query) - known]
        if body is not None:
            problems += self._wrong_in_body(method, template, operation, body)
        return problems

    def _wrong_in_body(
        self, method: str, template: str, operation: Mapping[str, Any], body: object
    ) -> list[str]:
        if "application/json" not in operation.get("requestBody", {}).get("content", {}):
            return [f"{method} {template}: takes no body"]
        steps = ("paths", template, method.lower(), "requestBody", "content", "application/json")
        pointer = "/".join(_escaped(step) for step in (*steps, "schema"))
        schema = {"$ref": f"{_ROOT}#/{pointer}"}
        validator = Draft202012Validator(schema, registry=self._registry)
        return [
            f"{method} {template}: {'.'.join(map(str, deep.absolute_path))}: {deep.message[:300]}"
            for error in validator.iter_errors(_normalised(body))
            for deep in [_telling(error)]
        ]

    def _template(self, path: str) -> str | None:
        fitting = [name for name, shape in self._shapes.items() if shape.fullmatch(path)]
        return min(fitting, key=lambda name: name.count("{"), default=None)

    @cached_property
    def _shapes(self) -> dict[str, re.Pattern[str]]:
        def shape(template: str) -> re.Pattern[str]:
            parts = re.split(r"(\{\w+\})", template)
            return re.compile("".join("[^/]+" if p[:1] == "{" else re.escape(p) for p in parts))

        return {template: shape(template) for template in self.document["paths"]}

    @cached_property
    def _registry(self) -> Registry[Any]:
        # Its own references are pointers into the document ("#/components/…").
        resource: Resource[Any] = DRAFT202012.create_resource(self.document)
        registry: Registry[Any] = Registry().with_resource(_ROOT, resource)
        return registry


def _escaped(step: str) -> str:
    return quote(step.replace("~", "~0").replace("/", "~1"), safe="~@")


def _normalised(body: object) -> object:
    """Write a request as the description has it, where discord.py is right in another way."""
    if isinstance(body, dict):
        return {key: _known_spelling(key, _normalised(value)) for key, value in body.items()}
    if isinstance(body, list):
        return [_normalised(each) for each in body]
    return body


def _known_spelling(key: str, value: object) -> object:
    if key == "attachments" and isinstance(value, list):  # their ids are sent as numbers
        return [each | {"id": str(each["id"])} if "id" in each else each for each in value]
    if key == "channel_types" and isinstance(value, list):  # Discord's list lacks media channels
        return [each for each in value if each != MEDIA_CHANNEL]
    return value


def _telling(error: Any) -> Any:  # Any: jsonschema's types call it "_Error"
    """Follow the alternative that was meant: the one whose `type` fits, or came furthest."""
    while error.context:
        strangers = {e.schema_path[0] for e in error.context if _says_type(e)}
        meant = [e for e in error.context if e.schema_path[0] not in strangers]
        error = max(meant or error.context, key=lambda each: len(each.absolute_path))
    return error


def _says_type(error: Any) -> bool:
    return bool(error.path) and error.path[-1] == "type" and len(error.path) == 1
