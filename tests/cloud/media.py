"""Clips and snapshots (API document, section 5. メディア).

Owns the jobs: what was asked for, how far it is by now, and what came of it. That is a
function of the cloud's clock and of what was recorded when the job was asked for. The
files themselves are made in the studio when somebody fetches one.
"""

from dataclasses import dataclass
from enum import StrEnum

from .clock import CloudClock
from .options import CloudOptions, MediaPace
from .spans import Span, total_seconds
from .video import SNAPSHOT_BYTES, clip_size
from .world import Camera, Storage, Tenant, World


class Category(StrEnum):
    """The categories of media."""

    CLIP = "CLIP"
    SNAPSHOT = "SNAPSHOT"


class MediaState(StrEnum):
    """How far a job is."""

    REQUESTED = "REQUESTED"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


CONTENT_TYPES = {Category.CLIP: "video/mp4", Category.SNAPSHOT: "image/jpeg"}
SUFFIXES = {Category.CLIP: "mp4", Category.SNAPSHOT: "jpg"}

# The first part of the time goes by before anybody begins with a job.
_REQUESTED_PART = 0.25


@dataclass(slots=True, eq=False, kw_only=True)
class Media:
    """A clip or a snapshot. Moments are seconds since the epoch.

    ``recorded`` is what of its time was recorded; without any it fails. ``size`` is that of
    the file in bytes: a test may raise it, and the file is padded.
    """

    id: str
    camera: Camera
    tenant: Tenant
    category: Category
    start: float
    end: float
    name: str
    requested: float
    ready: float
    recorded: list[Span]
    size: int

    def state(self, now: float) -> MediaState:
        """Return how far it is."""
        if now < self.requested + (self.ready - self.requested) * _REQUESTED_PART:
            return MediaState.REQUESTED
        if now < self.ready:
            return MediaState.PROCESSING
        return MediaState.COMPLETED if self.recorded else MediaState.FAILED


class MediaLibrary:
    """All media of the world, by ID."""

    def __init__(self, world: World, clock: CloudClock, options: CloudOptions) -> None:
        """Start with none."""
        self._world = world
        self._clock = clock
        self._options = options
        self._media: dict[str, Media] = {}
        self.making_seconds: float | None = None
        """How long whatever is asked for from now on takes, where not as the options say."""

    def create_clip(
        self,
        camera: Camera,
        start: float,
        end: float,
        name: str,
        requested: float | None = None,
    ) -> Media:
        """Ask for a clip, now unless said otherwise."""
        recorded = camera.recorded(start, end)
        return self._add(
            camera, Category.CLIP, Span(start, end), name, recorded, requested
        )

    def create_snapshot(
        self, camera: Camera, moment: float, name: str, requested: float | None = None
    ) -> Media:
        """Ask for a snapshot, now unless said otherwise."""
        recorded = camera.recorded(moment, moment + 0.001)
        span = Span(moment, moment)
        return self._add(camera, Category.SNAPSHOT, span, name, recorded, requested)

    def find(self, media_id: str) -> Media | None:
        """Return a clip or snapshot by its ID."""
        return self._media.get(media_id)

    def search(
        self,
        tenant: Tenant,
        camera: Camera | None,
        categories: list[str],
        *,
        newest_first: bool,
    ) -> list[Media]:
        """Return the media of a tenant, or of one of its cameras, by the time of request."""
        found = [
            media
            for media in self._media.values()
            if media.tenant is tenant
            and camera in (None, media.camera)
            and media.category in categories
        ]
        return sorted(found, key=lambda media: media.requested, reverse=newest_first)

    def delete(self, media: Media) -> None:
        """Delete a clip or snapshot."""
        del self._media[media.id]

    def _add(
        self,
        camera: Camera,
        category: Category,
        span: Span,
        name: str,
        recorded: list[Span],
        requested: float | None,
    ) -> Media:
        if (
            camera.storage is Storage.EDGE
            and camera.device is not None
            and camera.device.failing
        ):
            recorded = []
        asked = self._clock.now() if requested is None else requested
        clip = category is Category.CLIP
        media = Media(
            id=self._world.new_id(),
            camera=camera,
            tenant=camera.tenant,
            category=category,
            start=span.start,
            end=span.end,
            name=name,
            requested=asked,
            ready=asked + self._duration(camera, span),
            recorded=recorded,
            size=clip_size(recorded) if clip else SNAPSHOT_BYTES,
        )
        self._media[media.id] = media
        return media

    def _duration(self, camera: Camera, span: Span) -> float:
        if self.making_seconds is not None:
            return self.making_seconds
        return self._pace(camera).duration(total_seconds([span]))

    def _pace(self, camera: Camera) -> MediaPace:
        at_edge = camera.storage is Storage.EDGE
        return self._options.edge_media if at_edge else self._options.cloud_media
