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
_ATTACHMENT = "attachments"


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
            for deep in [_deepest(error)]
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
        return Registry().with_resource(_ROOT, resource)


def _escaped(step: str) -> str:
    return quote(step.replace("~", "~0").replace("/", "~1"), safe="~@")


def _normalised(body: object) -> object:
    """Write attachments' ids as the description has them; discord.py sends numbers."""
    if isinstance(body, dict):
        return {
            key: [each | {"id": str(each["id"])} if "id" in each else each for each in value]
            if key == _ATTACHMENT and isinstance(value, list)
            else _normalised(value)
            for key, value in body.items()
        }
    return body


def _deepest(error: Any) -> Any:  # Any: jsonschema's types call it "_Error"
    """Follow the alternative that came furthest: its complaint is the telling one."""
    while error.context:
        error = max(error.context, key=lambda each: len(each.absolute_path))
    return error
