"""Home Assistant's HTTP and WebSocket API, as its own frontend uses them.

Owns the connection, who is logged in, and what an answer or an error looks like.
Knows nothing of amnimo.
"""

import asyncio
from collections.abc import Callable, Mapping
import contextlib
import itertools
import json
from types import TracebackType
from typing import Any, Self

import aiohttp

# The first playlist of a stream comes when its first segments are there.
TIMEOUT = aiohttp.ClientTimeout(total=40, connect=10)

# Lists of all entities and states come in one message.
MAX_MESSAGE_BYTES = 0


class ApiError(Exception):
    """Home Assistant refused or failed to do something.

    `message` is what it said, `key` the translation key of a translated error, else
    its error code or HTTP status.
    """

    def __init__(self, doing: str, message: str, key: str) -> None:
        """Say what was being done, and what Home Assistant answered."""
        super().__init__(f"{doing}: {message} ({key})")
        self.message = message
        self.key = key


class DisconnectedError(Exception):
    """The WebSocket connection is gone: Home Assistant stops, or was stopped."""


class HomeAssistantApi:
    """Somebody's access to one Home Assistant.

    HTTP works from the beginning; after `log_in` it carries their token, and after
    `connect` the WebSocket commands work.
    """

    def __init__(self, url: str) -> None:
        """Talk to the Home Assistant at `url`, `http://host:port` without a slash."""
        self.url = url
        self._http = aiohttp.ClientSession(timeout=TIMEOUT)
        self._refresh_token: str | None = None
        self._access_token: str | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._listeners: dict[int, Callable[[Any], None]] = {}

    async def __aenter__(self) -> Self:
        """Enter."""
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close on leaving."""
        await self.close()

    async def close(self) -> None:
        """Drop all connections."""
        await self.disconnect()
        await self._http.close()

    @property
    def client_id(self) -> str:
        """Whom Home Assistant issues its tokens to: the address, as its frontend has it."""
        return f"{self.url}/"

    # HTTP.

    async def get(self, path: str) -> Any:
        """Get JSON."""
        return await self._json("GET", path, None)

    async def post(self, path: str, content: Any = None) -> Any:
        """Post JSON, get JSON."""
        return await self._json("POST", path, {} if content is None else content)

    async def delete(self, path: str) -> Any:
        """Delete something, get JSON."""
        return await self._json("DELETE", path, None)

    async def _json(self, method: str, path: str, content: Any) -> Any:
        body, _ = await self._request(method, path, content)
        return json.loads(body) if body else None

    async def fetch(
        self, path: str, headers: Mapping[str, str] | None = None
    ) -> tuple[bytes, aiohttp.ClientResponse]:
        """Get a body of any kind, with the response it came in."""
        return await self._request("GET", path, None, headers)

    async def _request(
        self,
        method: str,
        path: str,
        content: Any,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[bytes, aiohttp.ClientResponse]:
        sent = dict(headers or {})
        if self._access_token is not None:
            sent["Authorization"] = f"Bearer {self._access_token}"
        doing = f"{method} {path.partition('?')[0]}"
        try:
            async with self._http.request(
                method, f"{self.url}{path}", json=content, headers=sent
            ) as response:
                body = await response.read()
        except TimeoutError:
            seconds = f"{TIMEOUT.total:.0f} s"
            raise ApiError(doing, f"no answer within {seconds}", "timeout") from None
        if response.status >= 400:
            raise ApiError(doing, _message_of(body), str(response.status))
        return body, response

    # Who is logged in.

    async def log_in(self, username: str, password: str) -> None:
        """Log in with name and password, as the login page does."""
        flow = await self.post(
            "/auth/login_flow",
            {
                "client_id": self.client_id,
                "redirect_uri": self.client_id,
                "handler": ["homeassistant", None],
            },
        )
        result = await self.post(
            f"/auth/login_flow/{flow['flow_id']}",
            {"username": username, "password": password, "client_id": self.client_id},
        )
        if result["type"] != "create_entry":
            raise ApiError("log in", str(result.get("errors")), "login")
        await self.use_code(result["result"])

    async def use_code(self, code: str) -> None:
        """Exchange an authorization code for tokens, and use them from now on."""
        tokens = await self._token({"grant_type": "authorization_code", "code": code})
        self._refresh_token = tokens["refresh_token"]
        self._access_token = tokens["access_token"]

    async def renew_access(self) -> None:
        """Get a new access token; the old one lasts half an hour."""
        assert self._refresh_token is not None, "not logged in"
        tokens = await self._token(
            {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        )
        self._access_token = tokens["access_token"]

    async def _token(self, grant: Mapping[str, str]) -> dict[str, Any]:
        async with self._http.post(
            f"{self.url}/auth/token", data={**grant, "client_id": self.client_id}
        ) as response:
            body = await response.read()
            if response.status != 200:
                raise ApiError("get a token", _message_of(body), str(response.status))
            tokens: dict[str, Any] = json.loads(body)
            return tokens

    # WebSocket.

    async def connect(self) -> None:
        """Open the WebSocket connection, in place of the one there was."""
        await self.disconnect()
        address = f"{self.url.replace('http', 'ws', 1)}/api/websocket"
        socket = await self._http.ws_connect(address, max_msg_size=MAX_MESSAGE_BYTES)
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": self._access_token})
        answer = await socket.receive_json()
        if answer["type"] != "auth_ok":
            await socket.close()
            raise ApiError("connect", str(answer.get("message")), answer["type"])
        self._socket = socket
        self._reader = asyncio.create_task(self._read(socket))

    async def disconnect(self) -> None:
        """Close the WebSocket connection, if there is one."""
        if self._socket is not None:
            await self._socket.close()
            self._socket = None
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
            self._reader = None

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        try:
            async for packet in socket:
                if packet.type is not aiohttp.WSMsgType.TEXT:
                    break
                received = json.loads(packet.data)
                for message in received if isinstance(received, list) else [received]:
                    self._take(message)
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(DisconnectedError())
            self._answers.clear()
            self._listeners.clear()

    def _take(self, message: dict[str, Any]) -> None:
        number = message["id"]
        if message["type"] == "event":
            if (listener := self._listeners.get(number)) is not None:
                listener(message["event"])
        elif (
            answer := self._answers.pop(number, None)
        ) is not None and not answer.done():
            answer.set_result(message)

    async def command(self, command: str, **fields: Any) -> Any:
        """Send a command; give its result."""
        return await self._send(next(self._ids), command, fields)

    async def subscribe(
        self, command: str, listener: Callable[[Any], None], **fields: Any
    ) -> None:
        """Send a command that answers with events for as long as the connection lasts."""
        number = next(self._ids)
        self._listeners[number] = listener
        await self._send(number, command, fields)

    async def _send(self, number: int, command: str, fields: Mapping[str, Any]) -> Any:
        if self._socket is None or self._socket.closed:
            raise DisconnectedError
        answer = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        await self._socket.send_json({"id": number, "type": command, **fields})
        message = await answer
        if message["success"]:
            return message.get("result")
        error = message["error"]
        raise ApiError(
            command,
            str(error["message"]),
            error.get("translation_key") or error["code"],
        )

    # What much is made of.

    async def act(
        self,
        action: str,
        entity_id: str | None = None,
        data: Mapping[str, Any] | None = None,
        *,
        answer: bool = False,
    ) -> Any:
        """Perform an action (`domain.name`), give its response if it is asked for."""
        domain, _, service = action.partition(".")
        result = await self.command(
            "call_service",
            domain=domain,
            service=service,
            service_data=data or {},
            return_response=answer,
            **({} if entity_id is None else {"target": {"entity_id": entity_id}}),
        )
        return result["response"] if answer else None

    async def states(self) -> dict[str, dict[str, Any]]:
        """Give all states by entity ID."""
        return {state["entity_id"]: state for state in await self.command("get_states")}

    async def state(self, entity_id: str) -> dict[str, Any]:
        """Give one entity's state with its attributes."""
        state: dict[str, Any] = await self.get(f"/api/states/{entity_id}")
        return state


def _message_of(body: bytes) -> str:
    """Find the words in an error response."""
    text = body.decode(errors="replace").strip()
    try:
        content = json.loads(text)
    except ValueError:
        return text[:200]
    if isinstance(content, dict):
        for name in ("message", "error_description", "error"):
            if content.get(name):
                return str(content[name])
    return text[:200]
