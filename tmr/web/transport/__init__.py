"""Requests and answers as bytes: bodies, connections, hosts, headers, static files."""
