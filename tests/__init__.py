"""The tests of the amnimo integration."""
