"""Values of nested mappings by their dotted keys, as DVC writes them: `train.beta.beta-sample`."""

from collections.abc import Iterator
from typing import Any

MISSING = object()


def find(key: str, content: Any) -> Any:
    """The value under a dotted key, MISSING if there is none."""
    for part in key.split("."):
        if not isinstance(content, dict) or part not in content:
            return MISSING
        content = content[part]
    return content


def leaves(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    """Each value that is no mapping, with its dotted key; `key`: that of `value` itself."""
    if isinstance(value, dict) and value:
        for inner, content in value.items():
            yield from leaves(content, f"{key}.{inner}")
    elif value is not MISSING:
        yield key, value
