"""The tests of the API client: what goes over the wire, and when."""
