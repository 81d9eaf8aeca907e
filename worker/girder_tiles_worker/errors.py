"""What a conversion can fail of; each message is for the person who reads the job's log."""


class ConversionFailed(Exception):
    """The conversion cannot be done."""


class ResultNotWanted(Exception):
    """The item does not wait for the result any more."""
