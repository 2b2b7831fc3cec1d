"""The demo: a simulated cloud, a real Home Assistant, and the check of both.

It sees the product as its users do: through Home Assistant's own HTTP and WebSocket
API, in processes of their own. It imports nothing of the integration.
"""
