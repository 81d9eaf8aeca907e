"""What can go wrong when the services start."""


class StartError(Exception):
    """A service cannot start; the message is one sentence, followed by the ways out."""
