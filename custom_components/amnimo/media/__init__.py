"""Clips and snapshots that outlive a restart."""
