"""`aftershow doctor`."""


def doctor() -> None:
    """d"""
