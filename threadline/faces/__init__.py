"""The ways in: web, API, agents, command line, portal. Each is generic over the registry."""
