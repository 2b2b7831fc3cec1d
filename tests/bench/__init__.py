"""Benchmarks: a real Home Assistant and a simulated cloud, measured from outside.

Each benchmark is a module with one ``run``; ``__main__`` knows them by subject. What is
compared is measured side by side in one run. Only figures that have to be 0 can fail.
"""
