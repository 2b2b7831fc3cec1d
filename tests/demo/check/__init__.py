"""The headless proof: the main job, done through Home Assistant's own API.

Nothing of Home Assistant is touched but its HTTP and WebSocket API, as its frontend
would, and the cloud is asked only for its own figures, to compare. Exceptions are what
a user can't see from there: the log, and the media folder of this very machine.
"""
