"""Errors of publishing, and retries of requests that may succeed later. No message contains a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenacity import Retrying, retry_if_exception, stop_after_attempt

from espress.errors import EspressError

if TYPE_CHECKING:
    from tenacity import RetryCallState

RETRY_HINT = "Check the network, the address and the rights of the token; the same command continues where it stopped."
_ATTEMPTS = 6
_LONGEST = 300.0  # seconds; if a server asks for a longer wait, the command stops
_TRANSIENT = frozenset({408, 425, 429})


class PublishError(EspressError):
    """The release cannot be published, or not to this target."""


class NotAllowedError(PublishError):
    """The dataset must not be published: its texts have no rights basis, or it is not a release."""


class TakenError(PublishError):
    """This version was already published with other bytes; a published version never changes."""


class ReadBackError(PublishError):
    """The server returns other bytes than were sent."""


class ServerError(PublishError):
    """The server refused or could not be reached.

    `status` is the HTTP status, None without an answer; `wait` the seconds of `Retry-After`, None without it.
    """

    def __init__(self, message: str, status: int | None = None, retry_after: str | None = None) -> None:
        """Keep the data that decides whether to try again."""
        self.status = status
        self.wait = float(retry_after) if retry_after and retry_after.isdigit() else None
        super().__init__(message)


def _is_transient(error: BaseException) -> bool:
    """Return whether the same request may succeed soon: no answer, throttled, or a fault of the server."""
    return (
        isinstance(error, ServerError)
        and (error.status is None or error.status in _TRANSIENT or error.status >= 500)
        and (error.wait is None or error.wait <= _LONGEST)
    )


def _choose_wait(state: RetryCallState) -> float:
    """Return the seconds that the server asked for, or twice as many as before the last attempt."""
    error = state.outcome.exception() if state.outcome else None
    wait = error.wait if isinstance(error, ServerError) else None
    return 2.0 ** (state.attempt_number - 1) if wait is None else wait


# Calls a function again after transient errors. A reply can be lost although the request succeeded, so the function
# must first check what is done, and do only the rest.
retry = Retrying(
    retry=retry_if_exception(_is_transient), stop=stop_after_attempt(_ATTEMPTS), wait=_choose_wait, reraise=True
)
