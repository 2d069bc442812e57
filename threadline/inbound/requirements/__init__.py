"""Requirements: what must hold of a feature, how it is checked, and what was agreed on which day."""
