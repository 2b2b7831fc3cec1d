"""Automations, scripts and scenes with the integration, as people write them."""
