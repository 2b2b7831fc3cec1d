"""Tests of the live part: playlists as values, sessions and the relay over real sockets."""
