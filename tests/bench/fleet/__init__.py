"""What many cameras and devices cost: requests, time, processor."""
