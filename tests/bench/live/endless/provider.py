"""A WebRTC provider that is there, as go2rtc is: for it, cameras are asked for their source."""

from typing import override

from webrtc_models import RTCIceCandidateInit

from homeassistant.components.camera import (
    Camera,
    CameraWebRTCProvider,
    WebRTCSendMessage,
)
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN

_SCHEMES = ("http://", "https://")


class HttpWebRTCProvider(CameraWebRTCProvider):
    """Supports what is played over HTTP; nobody comes with an offer in the benchmarks."""

    @property
    @override
    def domain(self) -> str:
        """The integration."""
        return DOMAIN

    @callback
    @override
    def async_is_supported(self, stream_source: str) -> bool:
        """Look at the scheme alone, as Home Assistant's go2rtc does."""
        return stream_source.startswith(_SCHEMES)

    @override
    async def async_handle_async_webrtc_offer(
        self,
        camera: Camera,
        offer_sdp: str,
        session_id: str,
        send_message: WebRTCSendMessage,
    ) -> None:
        """Refuse."""
        raise HomeAssistantError("the benchmark answers no offers")

    @override
    async def async_on_webrtc_candidate(
        self, session_id: str, candidate: RTCIceCandidateInit
    ) -> None:
        """There are no sessions."""
