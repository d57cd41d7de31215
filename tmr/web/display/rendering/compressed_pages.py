"""Pages, compressed on their way out if no other site can have started the request.

Why that gives nothing away: docs/decisions/0028-compressed-pages.md.
"""

import gzip
import sys
from collections.abc import Callable

import brotli
from flask import Flask, Response, request

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEAST_BYTES = 1024  # less than that is sent in one packet, compressed or not
STARTED_HERE = ("same-origin", "none")  # by a page of this site, or by a person: an address that was typed, a bookmark
LONGEST_LIST = 256  # characters of what a client takes; browsers send thirty, and a long list takes long to read
WORKER = "X-Worker"  # marks what the service worker asks for, which is same-origin no matter who started it
# A page of 100 kB takes half a millisecond, and its compressor less than 3 MB, however long the page is.
WINDOW = 17  # it looks back 128 kB
ZSTD: dict[int, int] = {zstd.CompressionParameter.compression_level: 6, zstd.CompressionParameter.window_log: WINDOW}
# In this order where a browser takes several equally: the first is the quickest.
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda content: zstd.compress(content, options=ZSTD),
    "br": lambda content: brotli.compress(content, quality=5, lgwin=WINDOW),
    "gzip": lambda content: gzip.compress(content, 6, mtime=0),
}


def init_compression(app: Flask) -> None:
    """Compress pages and parts of pages; downloads, small answers and everything that is no HTML stay as they are."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    encoding = _encoding()
    if encoding and _is_page(response) and len(content := response.get_data()) >= LEAST_BYTES:
        response.set_data(ENCODERS[encoding](content))  # sets the length as well
        response.headers["Content-Encoding"] = encoding
    return response


def _encoding() -> str:
    """Return the encoding for the answer to this request; none if another site may have started it."""
    headers = request.headers
    if headers.get("Sec-Fetch-Site") not in STARTED_HERE or WORKER in headers:
        return ""
    if len(headers.get("Accept-Encoding", "")) > LONGEST_LIST:
        return ""
    quality = request.accept_encodings.quality
    best = max(ENCODERS, key=quality)
    return best if quality(best) > 0 else ""


def _is_page(response: Response) -> bool:
    is_whole = response.is_sequence and not response.direct_passthrough and response.status_code != 206
    has_form = "Content-Encoding" in response.headers or "Content-Disposition" in response.headers
    return response.mimetype == "text/html" and is_whole and not has_form and "ETag" not in response.headers
