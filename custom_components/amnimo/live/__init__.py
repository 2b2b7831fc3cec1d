"""Live video: who watches what; playlist in, playlist out.

Each camera has a local playlist URL that stays the same. Requests there start, keep and stop
the stream at the service, and what upstream lists is passed on as one playlist without end.
"""
