"""What `python -m script.account_probe` does."""

import logging
import sys

# The client comes with the integration, and so with Home Assistant, which tells when it is
# imported which libraries it would like to have. That belongs into no report.
logging.getLogger("homeassistant").addHandler(logging.NullHandler())

from .command import main  # noqa: E402

sys.exit(main())
