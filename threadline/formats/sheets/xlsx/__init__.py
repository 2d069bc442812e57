"""Office Open XML workbooks, read and written as streams."""
