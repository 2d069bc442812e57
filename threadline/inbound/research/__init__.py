"""Research: studies, the people who took part and what they agreed to, their words, and what we learned."""
