"""Reading text: words and grams, vectors, nearness, linear models, groups. Knows no record and no database."""
