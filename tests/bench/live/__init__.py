"""What it takes to watch a camera, and what it costs."""
