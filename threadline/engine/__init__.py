"""SQLite as Threadline runs it: durable, and fair to every writer."""
