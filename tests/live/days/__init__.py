"""Live viewing through days on which everything goes wrong, with the product's own patience."""
