"""The one way out: pages, feeds and files of strangers, fetched without trusting them."""
