"""The command line: data on stdout, talk on stderr, the same door as every other face."""
