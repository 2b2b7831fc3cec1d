"""Checks of the simulated cloud itself, which need no Home Assistant."""
