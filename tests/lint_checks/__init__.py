"""Tests of what script/lint checks by itself."""
