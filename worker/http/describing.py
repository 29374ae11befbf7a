"""Which operations are there, for people and for machines? Nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from worker.http.access import at_this_machine
from worker.http.parts import caller_of
from worker.http.promising import promised

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline';"
    " frame-ancestors 'none'; base-uri 'none'",
}
HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Outreach</title>
<style>
  body {font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem}
  h2 {font: bold 1rem ui-monospace, monospace; margin: 2rem 0 .3rem; overflow-wrap: anywhere}
  p {margin: .3rem 0; white-space: pre-line}
  code {font-family: ui-monospace, monospace}
  li {margin: .2rem 0}
</style>
"""
FOOT = """<h2>Trying it</h2>
<p>Errors are RFC 9457 problem documents with a JSON pointer to what is wrong. A key goes into
the header <code>Authorization: Bearer &lt;secret&gt;</code>; where none was ever made, callers on
this machine send none. The same as data: <a href="openapi.json">openapi.json</a>.</p>
"""


def describe(app: FastAPI) -> None:
    """The OpenAPI document and its page: without a key at this machine only."""

    def known(request: Request) -> None:
        if not at_this_machine(request):
            caller_of(request)

    @app.get("/", include_in_schema=False)
    def start() -> RedirectResponse:
        return RedirectResponse("docs")

    @app.get("/openapi.json", include_in_schema=False)
    def openapi(request: Request) -> JSONResponse:
        known(request)
        return JSONResponse(promised(app.openapi()))

    @app.get("/docs", include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        known(request)
        return HTMLResponse(page(app.openapi()), headers=HEADERS)


def page(document: Mapping[str, Any]) -> str:
    """The document as a page to read."""
    told = document["info"]
    parts = [HEAD, f"<h1>{escape(told['title'])}</h1><p>{escape(told['description'])}</p>"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            parts += _operation(f"{method.upper()} {path}", operation)
    return "\n".join([*parts, FOOT])


def _operation(name: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2>{escape(name)}</h2>"
    yield f"<p>{escape(operation.get('description', ''))}</p>"
    lines = [_parameter(one) for one in operation.get("parameters", ())]
    body = operation.get("requestBody", {}).get("content", {})
    if body:
        lines.append("body: " + ", ".join(f"<code>{escape(kind)}</code>" for kind in body))
    if lines:
        yield "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"


def _parameter(one: Mapping[str, Any]) -> str:
    wanted = "" if one.get("required") else ", optional"
    return f"<code>{escape(one['name'])}</code> ({escape(one['in'])}{wanted})"
