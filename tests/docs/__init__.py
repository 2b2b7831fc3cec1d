"""The documentation: that it is true, whole, and the same in both languages."""
