"""Asking for snapshots and port resets in words."""
