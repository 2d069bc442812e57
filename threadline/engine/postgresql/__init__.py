"""PostgreSQL as Threadline talks to it."""
