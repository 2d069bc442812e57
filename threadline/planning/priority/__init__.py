"""Ways to set priorities, as arithmetic: numbers in, numbers out. Each module is one method with its source."""
