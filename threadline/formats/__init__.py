"""Files and texts from outside, read and written safely. Knows nothing of Threadline."""
