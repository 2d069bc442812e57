"""Documents over the records: product requirements, press release and questions."""
