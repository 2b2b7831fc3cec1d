"""Tests of what script/e2e judges with, which need neither a browser nor Home Assistant."""
