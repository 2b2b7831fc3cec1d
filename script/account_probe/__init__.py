"""What an account's answers look like, and what the integration reads out of them."""
