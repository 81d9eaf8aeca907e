"""What can go wrong in the demonstration."""


class DemoError(Exception):
    """A step of the demonstration failed; the message is a sentence for the person who runs it."""
