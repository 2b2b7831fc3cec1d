"""Asking for snapshots in words: how soon the answer comes, and what is understood."""
