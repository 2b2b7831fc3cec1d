"""The simulated cloud as something that listens on a socket.

Owns start and stop, and what a test needs to reach: the address, the keys, the clock, the
world, the faults and the figures.
"""

from dataclasses import replace
from types import TracebackType
from typing import Self

from aiohttp import web

from .auth import TokenOffice
from .backend import Backend
from .clock import CloudClock
from .control import Control
from .dialects import DIALECTS, Dialect
from .faults import Faults
from .founding import found
from .gate import Gate
from .limits import RateLimits
from .live import Sessions
from .live_style import restyled
from .media import MediaLibrary
from .options import CloudOptions
from .presign import Presigner
from .routes import API_PREFIX, add_routes
from .stats import Stats
from .studio import Studio
from .world import Client, World

# The longest chunk of work that a stop waits for; nobody is left hanging on it.
_SHUTDOWN_SECONDS = 0.5


class SimulatedCloud:
    """A strict stand-in for the amnimo cloud.

    ``async with SimulatedCloud(options) as cloud`` or ``start`` and ``stop``. It may be
    started again: at the same address, with the same world. ``client`` may see the root
    tenant of the world and all below; ``neighbour`` is somebody else.
    """

    clock: CloudClock
    world: World
    client: Client
    neighbour: Client
    faults: Faults
    stats: Stats

    def __init__(self, options: CloudOptions | None = None) -> None:
        """Found a world; raises ValueError for an unknown dialect or live style."""
        self.options = options or CloudOptions()
        if self.options.dialect not in DIALECTS:
            raise ValueError(f"the dialects are {', '.join(DIALECTS)}")
        dialect = DIALECTS[self.options.dialect]
        style = restyled(dialect.live, self.options.live_style)
        self.clock = CloudClock(self.options.wall, self.options.monotonic)
        self.world = World(self.clock, self.options.seed)
        self.client, self.neighbour = found(self.world, self.options)
        self.faults = Faults()
        sessions = Sessions(self.clock, self.options, style)
        self.stats = Stats(sessions)
        self._backend = Backend(
            options=self.options,
            dialect=replace(dialect, live=style),
            clock=self.clock,
            world=self.world,
            tokens=TokenOffice(self.world, self.clock, self.options.token_seconds),
            limits=RateLimits(self.clock.monotonic),
            presigner=Presigner(self.clock),
            sessions=sessions,
            media=MediaLibrary(self.world, self.clock, self.options),
            studio=Studio(),
            faults=self.faults,
            stats=self.stats,
        )
        self._gate = Gate(self._backend)
        self._port = self.options.port
        self._other_port = 0
        self._runner: web.AppRunner | None = None

    @property
    def origin(self) -> str:
        """Scheme, host and port of everything it serves."""
        return self._backend.origin

    @property
    def dialect(self) -> Dialect:
        """How it writes what is not documented; may change while it runs."""
        return self._backend.dialect

    @dialect.setter
    def dialect(self, dialect: Dialect) -> None:
        self._backend.dialect = dialect

    @property
    def url(self) -> str:
        """The base of the API, without a slash at its end."""
        return self.origin + API_PREFIX

    @property
    def client_id(self) -> str:
        """The client ID to use."""
        return self.client.client_id

    @property
    def client_secret(self) -> str:
        """The secret that goes with the client ID."""
        return self.client.secret

    @property
    def account_id(self) -> str:
        """The account ID of the root tenant."""
        return self.client.accounts[0].account_id

    @property
    def media(self) -> MediaLibrary:
        """The clips and snapshots, for tests that need some to be there."""
        return self._backend.media

    @property
    def sessions(self) -> Sessions:
        """The streams, for tests that need one to be ended."""
        return self._backend.sessions

    @property
    def studio(self) -> Studio:
        """Where files are made, for tests that need one to be made anew."""
        return self._backend.studio

    @property
    def tokens(self) -> TokenOffice:
        """The access tokens, for tests that need them to be revoked."""
        return self._backend.tokens

    async def start(self) -> None:
        """Listen; raises OSError if the port is taken."""
        app = web.Application()
        Control(self._backend, self.client.accounts[0]).add_routes(app.router)
        add_routes(app.router, self._gate)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=_SHUTDOWN_SECONDS,
            keepalive_timeout=75,
        )
        await self._runner.setup()
        host = self.options.host
        await web.TCPSite(self._runner, host, self._port).start()
        self._port = self._runner.addresses[0][1]
        self._backend.origin = f"http://{host}:{self._port}"
        if self._backend.dialect.live.redirects:
            await web.TCPSite(self._runner, host, self._other_port).start()
            self._other_port = self._runner.addresses[1][1]
            self._backend.other_origin = f"http://{host}:{self._other_port}"

    async def stop(self) -> None:
        """Stop listening, close every connection, and remove the files that were made."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await self._gate.close()
        await self._backend.studio.close()

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        await self.stop()
