"""What clips and snapshots cost: requests, time, memory."""
