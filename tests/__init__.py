"""The tests of the amnimo integration."""

import logging

# Home Assistant complains at its import where libturbojpeg is missing. No test needs it, and the
# complaint would stand after pytest's summary.
logging.getLogger("homeassistant.components.camera.img_util").setLevel(logging.CRITICAL)
