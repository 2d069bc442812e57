"""What an upload may weigh, checked while it comes in and not after it has filled the disk."""

from __future__ import annotations

from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

# A little more than the largest file that any page takes: the page then says it in its own words.
MOST = 210 * 1024 * 1024
_AROUND = 10 * 1024 * 1024


def most_of(path: str) -> int:
    """What a request to an address may weigh: recordings go where the files of a record are."""
    recording: int = settings.RECORDING_MB * 1024 * 1024 + _AROUND
    return max(MOST, recording) if path.endswith("/files") else MOST


class Quota(FileUploadHandler):
    """Stands before the handlers that keep the bytes."""

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],  # noqa: N803 - Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Refuse by the length that the request announces; the server reads no more than that."""
        most = most_of(self.request.path if self.request is not None else "")
        if content_length > most:
            raise RequestDataTooBig(f"At most {most // 1024 // 1024} MB in one request.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> Any:
        """Pass the bytes on."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Nothing is kept here."""
