"""The HTTP face: doors for what sources send, an API for programs, and the server that also shows the console."""
