"""What everything stands on: one record, one door, one thread. Knows no product word."""
