"""What can go wrong while a release is published; no message ever holds a token."""

from __future__ import annotations

from espress.errors import EspressError

AGAIN = (
    "Check the network, the address and what the token may do, then type the same again: it goes on where it stopped."
)


class PublishError(EspressError):
    """The release cannot be published, or not there."""


class NotAllowedError(PublishError):
    """What was asked for must not be published: texts without a ground, or what is no release."""


class TakenError(PublishError):
    """This version was published there before, with other bytes; a published one is never changed."""


class ReadBackError(PublishError):
    """What the server gives back is not what was sent."""


class ServerError(PublishError):
    """The server refused, or could not be reached often enough; `status` is null where there was no answer.

    `wait` is how many seconds the server asked to be left alone.
    """

    def __init__(self, message: str, status: int | None = None, wait: float | None = None) -> None:
        """Keep what decides whether to try again."""
        self.status, self.wait = status, wait
        super().__init__(message)
