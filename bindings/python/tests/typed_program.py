"""Checks with mypy --strict the types that programs see of the installed package. Not run."""
from __future__ import annotations

from typing import Any, Sequence

import uservoice


class SubClient(uservoice.Client):
    """A client with a method of its own."""

    def own(self) -> None: ...


def program() -> None:
    SubClient("acme", "key").login_as("jo@example.com").with_options(timeout=1).own()
    client = uservoice.Client("acme", "key", "secret", timeout=2.5, max_retries=0)
    with client.login_as("jo@example.com") as user:
        user_json: Any = user.get("/api/v1/users/current")
    names: list[str] = [record["name"] for record in client.get_collection("/api/v1/users")]
    size: int = len(client.get_collection("/api/v1/users", limit=3))
    records: Sequence[dict[str, Any]] = client.get_collection("/api/v1/users")
    status: int = user.send("GET", "/api/v1/users").status_code
    sent: uservoice.Response = user.send("POST", "/api/v1/forums", headers={}, body=b"")
    with open("a.png", "rb") as file:
        uploads = [user.upload("/a", file), user.upload("/a", "a.png"),
                   user.upload("/a", b"", filename="a", content_type="text/plain")]
    print(sent, uploads, records)
    token: str = uservoice.generate_sso_token("acme", "key", {"guid": 1})
    request: uservoice.AuthorizationRequest = client.authorization_request("https://app.example/back")
    owner: uservoice.Client = client.login_with_code("code", request.code_verifier, request.url)
    for page in owner.get_collection("/api/v2/admin/users").iter_whole_pages():
        print(page["users"], page["forums"])
    for progress in owner.export("backup", ["users", {"name": "forums"}], since="2026-01-31"):
        left: float | None = progress.seconds_left
        users: int = progress.resources["users"].written
        print(left, users)
    claims: dict[str, Any] = uservoice.verify_sso_jwt("key", token, leeway=5)
    event: str = uservoice.read_webhook("key", b"").event
    print(claims, event)
    try:
        user.post("/api/v1/forums", {})
    except uservoice.RateLimitExceeded as error:
        wait: float | None = error.retry_after
        request_id: str | None = error.header("X-Request-Id")
        print(user_json, names, size, status, token, wait, request_id)
    uservoice.read_webhook("key", 7)  # type: ignore[arg-type]
    user.upload("/a", 7)  # type: ignore[arg-type]
    client.get(7)  # type: ignore[arg-type]
    client.request("patch", "/")  # type: ignore[arg-type]
    client.with_options(timeout="2")  # type: ignore[arg-type]
    client.with_options(tiemout=2)  # type: ignore[call-arg]
    owner.export("backup", "users", format="xml")  # type: ignore[arg-type]
    client.no_such_method()  # type: ignore[attr-defined]
