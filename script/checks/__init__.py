"""Checks that the files of the integration agree with each other, in the spirit of hassfest.

A file a subject. Each holds a function `check` that yields what is wrong with a tree, a
sentence each, and knows nothing of the others. hassfest itself runs in the workflows; it is in
no package, and does not look for what is never used or differs between languages.
"""
