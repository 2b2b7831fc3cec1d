"""Tests of clips and snapshots."""
