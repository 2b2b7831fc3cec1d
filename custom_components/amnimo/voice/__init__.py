"""What is said to the integration, and what it says: targets, questions, answers, sentences.

The intents themselves are in `intent`, where Home Assistant looks for them.
"""
