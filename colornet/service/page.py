"""GET /docs: what the service answers, as a page without scripts, which works without a network."""

from html import escape
from typing import Any

# Nothing is loaded, and no other page may show this one
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline';"
    " frame-ancestors 'none'"
}
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}td{border-top:1px solid #999;padding:.2rem 1rem .2rem 0;"
    "vertical-align:top}code{font-size:.95em}:root{color-scheme:light dark}"
)
EXAMPLE = "curl -F file=@photo.jpg http://127.0.0.1:8000/colorize --output photo-colour.jpg"


def html(schema: dict[str, Any]) -> str:
    """The page for an OpenAPI document."""
    title = f"{schema['info']['title']} {schema['info']['version']}"
    parts = [
        f"<h1>{escape(title)}</h1><p>{escape(schema['info']['description'])}</p>",
        f"<pre><code>{EXAMPLE}</code></pre>",
        '<p>For programs: <a href="openapi.json">openapi.json</a>.</p>',
    ]
    for path, methods in schema["paths"].items():
        parts += [_operation(path, method, each) for method, each in methods.items()]
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>'


def _operation(path: str, method: str, each: dict[str, Any]) -> str:
    text = f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(each['summary'])}.</p>"
    about = each.get("description", "").partition("\n\n")[2]
    text += f"<p>{escape(about)}</p>" if about else ""
    rows = [(one["name"], _parameter(one)) for one in each.get("parameters", ())]
    text += _table("Parameters", rows)
    body = each.get("requestBody", {}).get("content", {})
    text += _table("Bodies", [(kind, _fields(one["schema"])) for kind, one in body.items()])
    answers = each["responses"].items()
    return text + _table("Answers", [(status, one["description"]) for status, one in answers])


def _parameter(one: dict[str, Any]) -> str:
    """The description of a parameter, its legal values and its default."""
    schema = one["schema"]
    legal = [value for each in schema.get("anyOf", [schema]) for value in each.get("enum", ())]
    text = one.get("description", "")
    text += f": {', '.join(map(str, legal))}" if legal else ""
    default = schema.get("default")
    return text if default is None else f"{text}; default: {str(default).lower()}"


def _fields(schema: dict[str, Any]) -> str:
    fields = ", ".join(schema.get("properties", ()))
    return f"with {fields}" if fields else "the content of the picture's file"


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    if not rows:
        return ""
    lines = "".join(f"<tr><td><code>{escape(a)}</code><td>{escape(b)}" for a, b in rows)
    return f"<h3>{title}</h3><table>{lines}</table>"
