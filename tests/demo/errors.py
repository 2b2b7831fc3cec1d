"""What can keep the demo from going on."""


class DemoError(Exception):
    """Why the demo can't go on, as one sentence for the person who started it."""
