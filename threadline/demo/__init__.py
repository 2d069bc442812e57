"""The sample company: a workspace to look around in before there is anything of one's own."""
