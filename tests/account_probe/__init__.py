"""Tests of the report about an account."""
