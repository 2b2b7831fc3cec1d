"""The blueprints, imported, instantiated and run as Home Assistant does it."""
